"""Forking: a run that continues from a kept state of another one, with another β from there on."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from .. import store
from ..config import RunConfig, fork_text
from ..datasets import config_dataset
from ..errors import InputError, Refusal, cannot_write, exists, wrong_value
from ..models import build_vae
from ..rng import generator
from ..store import Run
from ..store.files import TRAINING_LOCK
from ..store.snapshots import at_snapshot
from .resume import save_checkpoint
from .steering import followed
from .step import make_optimizer
from .terms import terms_width

INHERITED = "inherited"  # the event of a change of settings before the fork
CHANGES = ("steered", "forked", INHERITED)  # events by which the settings of a run's steps changed


def fork_config(parent: Run, after: int, **changes: Any) -> RunConfig:
    """The settings of a fork: those of the parent after `after` images, with changes. Raises
    `InputError` for impossible changes, a parent without one β or with another model than the
    fork, and if its budget is seen already."""
    until = [record for record in parent.history if record["images"] <= after]
    now = followed(parent.config, until)
    begun = fork_text(parent.name, after)
    config = replace(now, origin="", steered="", forked=begun, **changes)
    if parent.config.beta is None or parent.config.baseline:
        raise InputError(
            f"{parent.name} cannot be forked: that needs a VAE that was trained for one β.",
            Refusal.UNSUITABLE,
            run=parent.name,
        )
    if _shapes(config) != _shapes(parent.config):
        raise InputError(
            f"A fork keeps the model of {parent.name}, whose weights it continues from: its "
            "architecture, latents and images cannot be changed.",
            Refusal.CONFLICT,
            run=parent.name,
        )
    if config.images <= after:
        raise wrong_value("The images of a fork", f"above {after:,}, where it begins",
                          config.images)  # fmt: skip
    return config


def state_after(parent: Run, after: int) -> Run:
    """The parent as it was after `after` images. Raises `InputError` if its weights of that time
    are not there."""
    last = parent.images_seen or 0  # an import may not tell what it was trained on
    state = parent if after == last else at_snapshot(parent, after)
    return replace(state, loaded=state.vae)


def _shapes(config: RunConfig) -> dict[str, torch.Size]:
    return {name: each.shape for name, each in build_vae(config).state_dict().items()}


def fork(
    parent: Run, after: int, config: RunConfig, path: Path, data_root: str | Path | None = None
) -> None:
    """Make the folder of a fork: the parent's weights and history after `after` images, as a
    checkpoint from which `train` continues. The optimizer begins anew, since snapshots keep only
    weights (rounded to float16). The folder is built beside its place, hidden, and then renamed: a
    kill leaves the whole fork or none. Raises `InputError` if the parent has no such state, or the
    folder exists."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        what = "has a run" if (path / store.CONFIG).exists() else "exists"
        raise exists(path, "give the fork another --name; nothing was overwritten", what)
    state = state_after(parent, after)
    mark = config_dataset(config, data_root).mark()
    built = path.with_name(f".{path.name}.fork")
    try:
        built.mkdir(parents=True, exist_ok=True)
        with store.sole_writer(built):
            _build(built, state, after, config, mark)
            built.rename(path)
    except OSError as error:
        raise cannot_write(path, error, "the fork to") from error


def _build(path: Path, state: Run, after: int, config: RunConfig, mark: str) -> None:
    """Write a fork's files, over those that a killed process may have left."""
    for file in path.iterdir():
        if file.name != TRAINING_LOCK:
            file.unlink()
    terms = [record for record in state.history if "nll" in record]
    model = build_vae(config)
    model.load_state_dict(state.vae.state_dict())
    save_checkpoint(
        path,
        model,
        make_optimizer(model, config),
        generator(config.seed, "noise"),
        torch.zeros(terms_width(config)),
        after,
        0,
        terms[-1]["seconds"] if terms else 0.0,
        mark,
    )
    store.create_run(path, config)
    history = [told for told in map(_inherited, state.history) if told]
    store.rewrite_history(path, [*history, {"images": after, "event": "forked"}])
    store.save_weights(path, model, after)


def _inherited(record: dict[str, Any]) -> dict[str, Any] | None:
    """A record of the parent as one of the fork: its terms, and where its settings were changed,
    under another name, since those changes are in the fork's settings already; None for others."""
    if record.get("event") in CHANGES:
        return record | {"event": INHERITED}
    return record if "nll" in record else None
