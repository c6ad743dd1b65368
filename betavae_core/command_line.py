"""The command that makes a run again, from its settings."""

from dataclasses import fields
from shlex import quote

from .config import NOT_SET_BY_OPTIONS, PRESETS, RunConfig
from .presets import BASELINES_FITTED_ON, SMALL_WORLDS

DERIVED = (*NOT_SET_BY_OPTIONS, "precision")  # depends on the machine


def command_for(config: RunConfig) -> str:
    """`python -m betavae_core train …` with the nearest preset and an option for each setting that
    differs from it; on any machine it trains the same run. For a baseline `python -m betavae_core
    baseline …`, which fits it, or draws the initial weights of an untrained encoder, again."""
    if config.baseline:
        return _baseline_command(config)
    if config.forked:
        return _fork_command(config)
    names = [*(name for name in PRESETS if name.endswith("-laptop")), *SMALL_WORLDS]
    differing = {name: _differing(config, PRESETS[name]) for name in names}
    nearest = min(names, key=lambda name: len(differing[name]))
    options = [f"--preset {nearest}"]
    for name in differing[nearest]:
        value = getattr(config, name)
        text = f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else value
        options.append(f"--{name.replace('_', '-')} {quote(str(text))}")
    return "python -m betavae_core train " + " ".join(options)


def _baseline_command(config: RunConfig) -> str:
    kind, options = config.baseline, ""
    if kind == "untrained":
        options = f" --model {config.model}"
    elif kind in BASELINES_FITTED_ON["paper"]:
        fewer = BASELINES_FITTED_ON["paper"][kind][config.channels == 3]
        options = "" if config.images <= fewer else " --mode full"
    if config.fit:
        name, _, value = config.fit.partition("=")
        options += f" --missing {value}" if name == "missing" else f" --fit {quote(config.fit)}"
    return (
        f"python -m betavae_core baseline {kind} --dataset {quote(config.dataset)} "
        f"--source {config.source} --latents {config.latents} --seed {config.seed}{options}"
    )


def _fork_command(config: RunConfig) -> str:
    """The command that makes a fork again, where its parent has its snapshots."""
    parent, _, after = config.forked.rpartition(" after ")
    rate = f" --learning-rate {config.learning_rate:g}"
    beta = "" if config.beta is None else f" --beta {config.beta:g}"
    return (
        f"python -m betavae_core train --from {quote(parent)} --after {after}{beta}{rate} "
        f"--images {config.images}"
    )


def _differing(config: RunConfig, usual: RunConfig) -> list[str]:
    names = [field.name for field in fields(config) if field.name not in DERIVED]
    differing = [name for name in names if getattr(config, name) != getattr(usual, name)]
    return [name for name in differing if getattr(config, name) is not None]
