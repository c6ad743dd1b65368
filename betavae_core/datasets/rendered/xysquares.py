"""XYSquares: three squares on grids whose places do not overlap, 262,144 images of 64×64 pixels.

Michlo, Klein, James (2022), "Overlooked Implications of the Reconstruction Loss for VAE
Disentanglement", https://arxiv.org/abs/2202.13341: a red, a green and a blue square of 8×8 pixels,
each alone in its channel, take 8×8 places 8 pixels apart. Two places of a square never share a
pixel, so that a loss which compares pixels finds all of them equally far apart and gives no order
to them, whatever β.
"""

import torch

from ...factors import FactorSpace
from ..base import Dataset
from ..titles import TITLES

SIDE, PLACES = 8, 8  # pixels of a square's side and of a step; places along an axis
SPACE = FactorSpace(
    ("red x", "red y", "green x", "green y", "blue x", "blue y"),
    (PLACES,) * 6,
)
VERSION = 1  # raise when the images change


class XYSquares(Dataset):
    """Drawn on demand: a square is where its row's and its column's place is."""

    name, title, source = "xysquares", TITLES["xysquares"], "rendered"
    key = f"xysquares-rendered-{VERSION}"
    space, shape = SPACE, (3, SIDE * PLACES, SIDE * PLACES)

    def __len__(self) -> int:
        return SPACE.size

    def _images(self, indices: torch.Tensor) -> torch.Tensor:
        places = SPACE.factors(indices).view(-1, 3, 2)  # (N, colour, x and y)
        pixel = torch.arange(SIDE * PLACES, device=indices.device) // SIDE
        column, row = (places[..., axis, None] == pixel for axis in (0, 1))  # (N, 3, 64)
        return (row[..., :, None] & column[..., None, :]).to(torch.uint8) * 255
