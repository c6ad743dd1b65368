"""The command that trains a run again, from its settings."""

import shlex
from dataclasses import fields

from .config import NOT_SET_BY_OPTIONS, PRESETS, RunConfig
from .presets import SMALL_WORLDS

DERIVED = (*NOT_SET_BY_OPTIONS, "precision")  # depends on the machine


def train_command(config: RunConfig) -> str:
    """`python -m betavae_core train …` with the nearest preset and an option for each setting that
    differs from it; on any machine it trains the same run."""
    if config.forked:
        return _fork_command(config)
    names = [*(name for name in PRESETS if name.endswith("-laptop")), *SMALL_WORLDS]
    differing = {name: _differing(config, PRESETS[name]) for name in names}
    nearest = min(names, key=lambda name: len(differing[name]))
    options = [f"--preset {nearest}"]
    for name in differing[nearest]:
        value = getattr(config, name)
        text = f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else value
        options.append(f"--{name.replace('_', '-')} {shlex.quote(str(text))}")
    return "python -m betavae_core train " + " ".join(options)


def _fork_command(config: RunConfig) -> str:
    """The command that makes a fork again, where its parent has its snapshots."""
    parent, _, after = config.forked.rpartition(" after ")
    rate = f" --learning-rate {config.learning_rate:g}"
    beta = "" if config.beta is None else f" --beta {config.beta:g}"
    return (
        f"python -m betavae_core train --from {shlex.quote(parent)} --after {after}{beta}{rate} "
        f"--images {config.images}"
    )


def _differing(config: RunConfig, usual: RunConfig) -> list[str]:
    names = [field.name for field in fields(config) if field.name not in DERIVED]
    differing = [name for name in names if getattr(config, name) != getattr(usual, name)]
    return [name for name in differing if getattr(config, name) is not None]
