"""Forking: a run that continues from a kept state of another one, with another β from there on."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from .. import store
from ..config import RunConfig, fork_text
from ..datasets import config_dataset
from ..errors import InputError, Refusal, exists, wrong_value
from ..models import build_vae
from ..rng import generator
from ..store import Run
from ..store.snapshots import at_snapshot
from .resume import save_checkpoint
from .steering import followed
from .step import make_optimizer
from .terms import terms_width


def fork_config(parent: Run, after: int, **changes: Any) -> RunConfig:
    """The settings of a fork: those of the parent after `after` images, with changes. Raises
    `InputError` for impossible changes, a parent without one β or with another model than the
    fork, and if its budget is seen already."""
    until = [record for record in parent.history if record["images"] <= after]
    now = followed(parent.config, until)
    config = replace(now, steered="", forked=fork_text(parent.name, after), **changes)
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
    state = parent if after == parent.images_seen else at_snapshot(parent, after)
    return replace(state, loaded=state.vae)


def _shapes(config: RunConfig) -> dict[str, torch.Size]:
    return {name: each.shape for name, each in build_vae(config).state_dict().items()}


def fork(
    parent: Run, after: int, config: RunConfig, path: Path, data_root: str | Path | None = None
) -> None:
    """Make the folder of a fork: the parent's weights and history after `after` images, as a
    checkpoint from which `train` continues. The optimizer begins anew, since snapshots keep only
    weights (rounded to float16). Raises `InputError` if the parent has no such state, or the folder
    exists."""
    if (path / store.CONFIG).exists():
        raise exists(path, "give the fork another --name; nothing was overwritten", "has a run")
    state = state_after(parent, after)
    terms = [record for record in state.history if "nll" in record]
    model = build_vae(config)
    model.load_state_dict(state.vae.state_dict())
    path.mkdir(parents=True, exist_ok=True)
    save_checkpoint(
        path,
        model,
        make_optimizer(model, config),
        generator(config.seed, "noise"),
        torch.zeros(terms_width(config)),
        after,
        0,
        terms[-1]["seconds"] if terms else 0.0,
        config_dataset(config, data_root).mark(),
    )
    store.create_run(path, config)
    store.rewrite_history(path, [*terms, {"images": after, "event": "forked"}])
    store.save_weights(path, model, after)
