"""2Dshapes (dSprites): white sprites on black, five factors, 737,280 binary 64×64 images.

Matthey, Higgins, Hassabis, Lerchner (2017), https://github.com/google-deepmind/dsprites-dataset.
The rendered source draws any image on demand from the sprites' outlines, faster than it could be
read from disk, so nothing is built, cached or kept in memory. Of 648 real images, 615 are
reproduced exactly, 32 differ in one or two pixels, and one by a row of 11 (its edge is 0.002 px
from that row).
"""

import math
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from ...disk_cache import Progress, prepared
from ...factors import FactorSpace
from .. import npz
from ..base import Dataset
from ..npz import reading
from ..titles import TITLES

SHAPES = ("square", "ellipse", "heart")
SCALES = np.linspace(0.5, 1.0, 6)
ANGLES = np.linspace(0.0, 2 * math.pi, 40)  # both ends included: the first and last image coincide
POSITIONS = np.linspace(0.0, 1.0, 32)
SPACE = FactorSpace(
    ("shape", "scale", "orientation", "position x", "position y"),
    (3, 6, 40, 32, 32),
    (SHAPES, SCALES, np.degrees(ANGLES), POSITIONS, POSITIONS),
)

VERSION = 1  # raise when the images change
WINDOW = 29  # pixels per side: the last pixel is 13 or more to the right of the sprite's centre
CHUNK = 256  # images drawn at once, so that the intermediate values stay in the CPU's cache
FILE = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"
HOMEPAGE = "https://github.com/google-deepmind/dsprites-dataset"


def _square(u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    # nominal half side 9.6; slightly less decides edges on pixel centres as in the original
    return torch.maximum(u.abs(), v.abs()) <= 9.5995


def _ellipse(u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    return (u / 12.7625).square() + (v / 7.215).square() <= 1


def _heart(u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Inside the outline u = 9.592 sin³t, v = −0.66225 (13 cos t − 5 cos 2t − 2 cos 3t − cos 4t)
    − 1.436: at a given u the heart spans the two values of v that t and π − t give, which differ in
    the sign of cos t only, hence the split into even and odd powers of it."""
    sine = (u.abs() / 9.592).pow(1 / 3)
    cosine2 = 1 - sine.square()
    cosine = cosine2.clamp(min=0).sqrt()
    even = -5 * (2 * cosine2 - 1) - (8 * cosine2.square() - 8 * cosine2 + 1)
    odd = (13 - 2 * (4 * cosine2 - 3)) * cosine
    w = -(v + 1.436) / 0.66225
    return (cosine2 >= 0) & (w <= even + odd) & (w >= even - odd)


def render(factors: torch.Tensor) -> torch.Tensor:
    """Factor values (N, 5) int64 to images (N, 1, 64, 64) uint8, 0 or 255; no antialiasing.

    Computed in float64 on the tensor's device: a pixel is on when its centre lies inside.
    """
    device = factors.device
    shape, scale, angle, x, y = factors.unbind(1)
    s = torch.from_numpy(SCALES).to(device)[scale]
    theta = torch.from_numpy(ANGLES).to(device)[angle]
    cos, sin = (theta.cos() / s)[:, None, None], (theta.sin() / s)[:, None, None]
    window = torch.arange(WINDOW, device=device)
    first, offset = (
        [],
        [],
    )  # of the window, per axis: its first pixel; pixel centres − sprite centre
    for position in (x, y):
        centre = 16 + position.double() * 32 / 31
        start = (centre - WINDOW / 2).floor().long()
        first.append(start[:, None] + window)
        offset.append(first[-1] + 0.5 - centre[:, None])
    dx, dy = offset[0][:, None, :], offset[1][:, :, None]
    u, v = dx * cos - dy * sin, dx * sin + dy * cos  # (N, 29, 29), in the sprite's own axes
    on = torch.empty(u.shape, dtype=torch.bool, device=device)
    for number, inside in enumerate((_square, _ellipse, _heart)):
        rows = (shape == number).nonzero()[:, 0]
        on[rows] = inside(u[rows], v[rows])
    images = torch.zeros(len(factors), 1, 64, 64, dtype=torch.uint8, device=device)
    image = torch.arange(len(factors), device=device)[:, None, None]
    images[image, 0, first[1][:, :, None], first[0][:, None, :]] = on.to(torch.uint8) * 255
    return images


class Rendered2DShapes(Dataset):
    """Drawn on demand; see `render`."""

    name, title, source = "2dshapes", TITLES["2dshapes"], "rendered"
    key = f"2dshapes-rendered-{VERSION}"
    space, shape = SPACE, (1, 64, 64)

    def __len__(self) -> int:
        return SPACE.size

    def _images(self, indices: torch.Tensor) -> torch.Tensor:
        # Apple's MPS has no float64, which the renderer needs
        where = indices.cpu() if self.device.type == "mps" else indices
        factors = SPACE.factors(where)
        parts = [render(part) for part in factors.split(CHUNK)] or [render(factors)]
        return torch.cat(parts).to(self.device)


class Official2DShapes(Dataset):
    """The published file, held as one bit per pixel (378 MB), memory-mapped from a converted copy.

    The file is a compressed archive of 3 GB of bytes; it is streamed through once and the packed
    copy is kept in the cache folder.
    """

    name, title, source = "2dshapes", TITLES["2dshapes"], "official"
    key = "2dshapes-official"
    space, shape = SPACE, (1, 64, 64)

    def __init__(self, path: Path, progress: Progress | None = None) -> None:
        self.bits = torch.from_numpy(_packed_copy(path, progress))  # (737280, 512) uint8

    def __len__(self) -> int:
        return SPACE.size

    def _images(self, indices: torch.Tensor) -> torch.Tensor:
        packed = self.bits[indices]
        places = torch.arange(7, -1, -1, dtype=torch.uint8, device=packed.device)
        bits = (packed[..., None] >> places) & 1
        return (bits * 255).view(-1, *self.shape)

    def to(self, device: str | torch.device) -> "Official2DShapes":
        self.bits = self.bits.to(device)
        super().to(device)
        return self


def _packed_copy(path: Path, progress: Progress | None) -> np.ndarray:
    """The images of the official file as bits, (737280, 512) uint8, memory-mapped; converted and
    checked on first use."""
    stat = path.stat()

    def blocks(start: int) -> Iterator[np.ndarray]:
        with (
            reading(path, f"the official 2Dshapes file {FILE}", f"download it from {HOMEPAGE}"),
            zipfile.ZipFile(path) as archive,
        ):
            _check_classes(archive)
            for block in npz.rows(archive, "imgs", (SPACE.size, 64, 64), np.uint8, start):
                if block.max() > 1:
                    raise ValueError("imgs contains values other than 0 and 1")
                yield np.packbits(block.reshape(len(block), -1), axis=1)

    name = f"2dshapes-official-{stat.st_size}-{stat.st_mtime_ns}"
    return prepared(
        name, (SPACE.size, 512), np.uint8, blocks, title="2Dshapes (official)", progress=progress
    )


def _check_classes(archive: zipfile.ZipFile) -> None:
    """The factor values in the file must be our grid in our order (with the constant colour)."""
    row = 0
    for block in npz.rows(archive, "latents_classes", (SPACE.size, 6), np.int64):
        if (block[:, 1:] != SPACE.factors(np.arange(row, row + len(block)))).any():
            raise ValueError("latents_classes is not in the official order")
        row += len(block)
