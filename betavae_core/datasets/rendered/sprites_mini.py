"""SpritesMini: a small world that a model learns within a minute while a class watches, 4,608 grey
images of 32×32 pixels.

The sprites of 2Dshapes without their rotation, at every second position, each pixel the mean of
2×2 pixels: four factors (shape, scale, position x, position y). All images together take 4.7 MB,
so they are drawn once and kept.
"""

from functools import cache

import torch
from torch.nn.functional import avg_pool2d

from ...factors import FactorSpace
from ..base import Dataset
from ..titles import TITLES
from . import shapes2d

PLACES = shapes2d.POSITIONS[::2]
SPACE = FactorSpace(
    ("shape", "scale", "position x", "position y"),
    (3, 6, 16, 16),
    (shapes2d.SHAPES, shapes2d.SCALES, PLACES, PLACES),
)
VERSION = 1  # raise when the images change


@cache
def all_images() -> torch.Tensor:
    """Every image in index order, uint8 (4608, 1, 32, 32)."""
    shape, scale, x, y = SPACE.factors(torch.arange(SPACE.size)).unbind(1)
    full = torch.stack([shape, scale, torch.zeros_like(shape), 2 * x, 2 * y], 1)
    drawn = [avg_pool2d(shapes2d.render(part).float(), 2) for part in full.split(shapes2d.CHUNK)]
    return torch.cat(drawn).round().to(torch.uint8)


class SpritesMini(Dataset):
    """All of `all_images`."""

    name, title, source = "sprites-mini", TITLES["sprites-mini"], "rendered"
    key = f"sprites-mini-rendered-{VERSION}"
    space, shape = SPACE, (1, 32, 32)

    def __len__(self) -> int:
        return SPACE.size

    def _images(self, indices: torch.Tensor) -> torch.Tensor:
        return all_images().to(self.device)[indices]
