"""One run of a stack: its folder, its state, and what is asked of it."""

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import torch

from .. import store
from ..config import RunConfig
from ..models import VAE, build_vae
from ..rng import generator
from ..store.snapshots import snapshot_times
from .loop import check_same, nothing_left
from .resume import CHECKPOINT, restore_checkpoint, save_checkpoint
from .steering import Listener
from .step import make_optimizer
from .watching import Watch


@dataclass(eq=False)
class Member:
    """One run of a stack, with its own folder."""

    number: int  # among the configs
    config: RunConfig
    path: Path
    model: VAE
    optimizer: torch.optim.Optimizer
    noise: torch.Generator
    totals: torch.Tensor  # (1 + D,), of the record under way
    snapshots: list[int]
    mark: str  # identifies the dataset's images
    listener: Listener
    watch: Watch | None = None
    images: int = 0
    counted: int = 0
    earlier: float = 0.0  # seconds
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return self.earlier + time.monotonic() - self.started

    def save(self) -> None:
        save_checkpoint(
            self.path,
            self.model,
            self.optimizer,
            self.noise,
            self.totals,
            self.images,
            self.counted,
            self.seconds,
            self.mark,
        )
        store.save_weights(self.path, self.model, self.images)

    def rest(self) -> None:
        """Save and show the state in which the training pauses or ends."""
        self.save()
        if self.watch:
            self.watch.at_rest(self.model, self.images, self.seconds)


def open_member(
    number: int,
    config: RunConfig,
    root: Path,
    resume: bool,
    place: torch.device,
    snapshots: int,
    mark: str,
    held: ExitStack,
) -> Member | None:
    """A member with its folder made or its state restored, locked against other processes; None if
    it is finished."""
    path = root / config.run_id
    if resume and (path / store.CONFIG).exists():
        check_same(config, store.read_config(path))
    else:
        store.create_run(path, config)
    held.enter_context(store.sole_writer(path))
    model = build_vae(config).to(place)
    member = Member(
        number,
        config,
        path,
        model,
        make_optimizer(model, config),
        generator(config.seed, "noise", "cpu" if place.type == "mps" else place),
        torch.zeros(1 + config.latents, device=place),
        snapshot_times(config.images, snapshots) if snapshots else [],
        mark,
        Listener(path),
    )
    if resume and (path / CHECKPOINT).exists():
        member.images, member.counted, member.earlier = restore_checkpoint(
            path, model, member.optimizer, member.noise, member.totals, mark
        )
        history = [r for r in store.read_history(path)[0] if r["images"] <= member.images]
        store.rewrite_history(path, [r for r in history if r.get("event") != "diverged"])
    elif resume and nothing_left(path, config):
        return None
    else:
        store.rewrite_history(path, [])
    member.started = time.monotonic()
    return member
