"""Originals, several models' reconstructions of them, and prior samples, as rows of one picture."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch

from ..rng import generator, random_rows
from .grids import error_map, to_bytes

COLUMNS, LAST_SELECTION = 10, 9_999  # images in a row; random selections are 0 … this


def random_images(count: int, seed: int) -> list[int]:
    """The numbers of `COLUMNS` random images out of `count`, the same for all models: random
    selection number `seed`."""
    return random_rows(count, COLUMNS, generator(seed, "pictures")).tolist()


class Coder(Protocol):
    """Anything that encodes and decodes."""

    latents: int

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]: ...

    def decode(self, z: torch.Tensor) -> torch.Tensor: ...


@dataclass
class Rows:
    """Rows of images with their names; `images` is (R, N, 3, H, W) uint8."""

    names: list[str] = field(default_factory=list)
    lines: list[torch.Tensor] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)  # mean squared errors
    largest: float = 0.0  # the absolute error, averaged over channels, shown as white

    @property
    def images(self) -> torch.Tensor:
        return torch.stack(self.lines)

    def add(self, name: str, images: torch.Tensor) -> None:
        """A row of images (N, C, H, W), uint8 or in [0, 1]."""
        self.names.append(name)
        self.lines.append(to_bytes(images).expand(-1, 3, -1, -1))


@torch.no_grad()
def reconstruction_rows(
    models: Sequence[Coder],
    names: Sequence[str],
    x: torch.Tensor,
    *,
    reconstructions: bool = True,
    errors: bool = False,
) -> Rows:
    """Originals x (N, C, H, W) in [0, 1], and below them for each model its reconstructions
    (decoded posterior means), error maps on one scale for all models, or both."""
    rows = Rows()
    rows.add("original", x)
    made = [model.decode(model.encode(x)[0]) for model in models]
    rows.errors = [float((x - each).square().mean()) for each in made]
    rows.largest = max(float((x - each).abs().mean(1).max()) for each in made)
    for name, each in zip(names, made, strict=True):
        if reconstructions:
            rows.add(name, each)
        if errors:
            rows.add("error" if reconstructions else name, error_map(x, each, rows.largest))
    return rows


@torch.no_grad()
def add_samples(
    rows: Rows, models: Sequence[Coder], names: Sequence[str], count: int, seed: int
) -> None:
    """A row of prior samples for each model, from the same z for models with equally many
    latents."""
    for model, name in zip(models, names, strict=True):
        z = torch.randn(count, model.latents, generator=generator(seed, "prior"))
        rows.add(name, model.decode(z))
