"""Encode once, then gather: a representation and a dataset to a table of codes on disk.

Every score, every sample size, every classifier and every embedding is indexing into that table.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from .datasets import Dataset
from .datasets.base import to_float
from .datasets.prepared import Progress, prepared
from .device import choose_device, keep_freed_memory
from .errors import InputError
from .factors import FactorSpace
from .metrics.base import check_count
from .rng import generator

BATCH = 256


class Representation(Protocol):
    """Anything that encodes: a VAE, a baseline, somebody else's checkpoint."""

    latents: int

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Images (N, C, H, W) in [0, 1] to posterior mean and log-variance, each (N, D)."""
        ...


@dataclass(frozen=True)
class CodeTable:
    """Codes of the images of a factor grid, in index order, memory-mapped."""

    space: FactorSpace  # of the rows: the dataset's, or a part of its grid
    mean: np.ndarray  # (space.size, D) float32, posterior means
    log_var: np.ndarray  # (space.size, D) float32
    rows: np.ndarray | None  # the dataset's indices of the rows; None: all


def code_table(
    representation: Representation,
    key: str,
    dataset: Dataset,
    *,
    most: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    device: str | torch.device = "cpu",
) -> CodeTable:
    """The codes of every image of the dataset's grid, encoded on first use and kept in the cache.

    key: changes with the representation (a run's weights hash). most: for slow machines, at most
    that many images: the full grid of a random part of the factors' values (see `thin`), drawn with
    `seed`, which any metric takes like a whole one. Raises `InputError` for a dataset without
    factors. A kill or KeyboardInterrupt loses nothing: the next call goes on from there.
    """
    if dataset.space is None:
        raise InputError(f"{dataset.title} has no known factors of variation: nothing to score.")
    space, rows = dataset.space, None
    if most is not None and most < space.size:
        space, rows = thin(space, most, seed)
    part = "" if rows is None else f"-{space.size}of{dataset.space.size}-{seed}"
    place = choose_device(str(device))
    if place.type != "cpu" and isinstance(representation, torch.nn.Module):
        representation = copy.deepcopy(representation).to(place)  # the caller's stays where it is
    if most is not None:
        check_count("most", most)
    keep_freed_memory()

    def blocks(start: int) -> Iterator[np.ndarray]:
        with torch.no_grad():
            for first in range(start, space.size, BATCH):
                here = np.arange(first, min(first + BATCH, space.size))
                images = dataset.images(here if rows is None else rows[here])
                x = to_float(images.to(place)).contiguous(memory_format=torch.channels_last)
                mean, log_var = representation.encode(x)
                yield torch.stack([mean, log_var], 1).float().cpu().numpy()

    table = prepared(
        f"codes-{key[:20]}-{dataset.key}{part}",
        (space.size, 2, representation.latents),
        np.float32,
        _checked(blocks),
        title=f"codes of {space.size:,} images of {dataset.title}",
        progress=progress,
    )
    return CodeTable(space, table[:, 0], table[:, 1], rows)


def _checked(
    blocks: Callable[[int], Iterator[np.ndarray]],
) -> Callable[[int], Iterator[np.ndarray]]:
    def checked(start: int) -> Iterator[np.ndarray]:
        for block in blocks(start):
            if not np.isfinite(block[:, 0]).all():
                raise InputError("The encoder gave NaN or infinite codes; its weights are no good.")
            yield block

    return checked


def thin(space: FactorSpace, most: int, seed: int = 0) -> tuple[FactorSpace, np.ndarray]:
    """A part of a grid that is a full grid itself: random values of the largest factors, until at
    most `most` combinations are left (every factor keeps two values, if it has them).

    Returns its space and the indices (size,) of its images in the whole grid, in index order.
    """
    sizes = list(space.sizes)
    while np.prod(sizes) > most and max(sizes) > 2:
        sizes[int(np.argmax(sizes))] -= 1
    source = generator(seed, "thin")
    kept = [
        np.sort(torch.randperm(whole, generator=source)[:size].numpy())
        for whole, size in zip(space.sizes, sizes, strict=True)
    ]
    values = [
        [space.values[k][position] for position in positions] for k, positions in enumerate(kept)
    ]
    smaller = FactorSpace(space.names, sizes, values)
    positions = smaller.factors(np.arange(smaller.size))
    factors = np.stack([kept[k][positions[:, k]] for k in range(len(kept))], 1)
    return smaller, space.index(factors)
