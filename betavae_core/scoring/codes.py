"""Encode once, then gather: a representation and a dataset give a table of codes on disk.

Every score, sample size, classifier and embedding only reads rows of that table.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from ..datasets import Dataset, load_dataset
from ..device import choose_device, exact_float32, keep_freed_memory
from ..disk_cache import Progress, is_prepared, prepared
from ..errors import InputError, Refusal, no_factors
from ..factors import FactorSpace
from ..metrics.base import check_count
from ..rng import generator
from .representation import Encoder, Representation, representation_of

BATCH, GPU_BATCH = 256, 4096  # images that are encoded at once


@dataclass(frozen=True)
class CodeTable:
    """Codes of the images of a factor grid, in index order, memory-mapped."""

    space: FactorSpace  # the space of the rows: the dataset's, or a part of its grid
    mean: np.ndarray  # (space.size, D) float32, posterior means
    log_var: np.ndarray  # (space.size, D) float32
    rows: np.ndarray | None  # the dataset's indices of the rows; None: all


def code_table(
    representation: Encoder | Representation,
    key: str,
    dataset: Dataset,
    *,
    limit: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    device: str | torch.device = "cpu",
) -> CodeTable:
    """The codes of every image of the dataset's grid, encoded on first use and kept in the cache.

    key: changes with the representation (a run's weights hash). limit: for slow machines, the
    maximum number of images: the full grid of a random part of the factors' values (see `thin`),
    drawn with `seed`; every metric accepts it like the whole grid. Raises `InputError` for a
    dataset without factors. After a kill or KeyboardInterrupt the next call continues.
    """
    if dataset.space is None:
        raise no_factors(dataset.title, ": nothing to score")
    if limit is not None:
        check_count("limit", limit)
    whole = space = dataset.space
    rows = None
    if limit is not None and limit < space.size:
        space, rows = thin(space, limit, seed)
    every = np.arange(whole.size) if rows is None else rows
    encode = _encoder(representation, dataset, device)

    def blocks(start: int) -> Iterator[np.ndarray]:
        batch = GPU_BATCH if choose_device(str(device)).type == "cuda" else BATCH
        for first in range(start, space.size, batch):
            yield encode(every[first : first + batch])

    table = prepared(
        _table_name(key, dataset, None if rows is None else f"-{space.size}of{whole.size}-{seed}"),
        (space.size, 2, representation.latents),
        np.float32,
        blocks,
        title=f"codes of {space.size:,} images of {dataset.title}",
        progress=progress,
    )
    return CodeTable(space, table[:, 0], table[:, 1], rows)


def part_of_grid(
    representation: Encoder | Representation,
    key: str,
    name: str,
    source: str,
    root: str,
    sides: tuple[int, int] | None,
    limit: int,
) -> tuple[np.ndarray, FactorSpace]:
    """For a process that has nothing open: the posterior means (space.size, D) and the space of
    `code_table` with this `limit`, of the dataset that `load_dataset` opens by its name, source and
    root. sides: of your own images, their pixels per side and channels. Raises as these two do."""
    size, channels = sides or (None, None)
    dataset = load_dataset(name, source, root, size=size, channels=channels)
    table = code_table(representation, key, dataset, limit=limit)
    return np.ascontiguousarray(table.mean), table.space


def has_code_table(key: str, dataset: Dataset) -> bool:
    """Whether the `code_table` of the whole grid is in the cache."""
    return is_prepared(_table_name(key, dataset))


def _table_name(key: str, dataset: Dataset, part: str | None = None) -> str:
    return f"codes-{key[:20]}-{dataset.key}{part or ''}"


class DrawnCodes:
    """Codes that are encoded when a metric draws them, each image once: for a single score that
    uses few of the grid's images, of a model without a table."""

    def __init__(
        self,
        representation: Encoder | Representation,
        dataset: Dataset,
        device: str | torch.device = "cpu",
    ) -> None:
        assert dataset.space is not None, "callers have checked that"
        self.encode = _encoder(representation, dataset, device)
        self.shape = (dataset.space.size, representation.latents)
        self.dtype = np.dtype(np.float32)
        self.values = np.zeros(self.shape, np.float32)
        self.there = np.zeros(self.shape[0], bool)

    def ready(self, rows: np.ndarray) -> np.ndarray:
        """The array (space.size, D), with posterior means in at least the rows `rows`."""
        missing = np.zeros_like(self.there)
        missing[rows] = True
        todo = np.flatnonzero(missing & ~self.there)
        for first in range(0, len(todo), BATCH):
            part = todo[first : first + BATCH]
            self.values[part] = self.encode(part)[:, 0]
        self.there[todo] = True
        return self.values


def _encoder(
    representation: Encoder | Representation,
    dataset: Dataset,
    device: str | torch.device,
) -> Callable[[np.ndarray], np.ndarray]:
    """From the dataset's indices (N,) to posterior means and log-variances (N, 2, D) float32;
    raises `InputError` if a mean is not finite."""
    answers = representation_of(representation, choose_device(str(device)))
    keep_freed_memory()

    def encode(rows: np.ndarray) -> np.ndarray:
        with torch.no_grad(), exact_float32:
            mean, log_var = answers.codes(dataset, rows)
            if not mean.isfinite().all():
                raise InputError(
                    "The encoder gave NaN or infinite codes; its weights are unusable.",
                    Refusal.NOT_FINITE,
                )
            return torch.stack([mean, log_var], 1).float().cpu().numpy()

    return encode


def thin(space: FactorSpace, limit: int, seed: int = 0) -> tuple[FactorSpace, np.ndarray]:
    """A part of a grid that is itself a full grid: random values of the largest factors, so that at
    most `limit` combinations remain (every factor keeps two values, if it has them).

    Returns its space and the indices (size,) of its images in the whole grid, in index order.
    """
    sizes = list(space.sizes)
    while np.prod(sizes) > limit and max(sizes) > 2:
        sizes[int(np.argmax(sizes))] -= 1
    random = generator(seed, "thin")
    kept = [
        np.sort(torch.randperm(whole, generator=random)[:size].numpy())
        for whole, size in zip(space.sizes, sizes, strict=True)
    ]
    values = [
        [space.values[k][position] for position in positions] for k, positions in enumerate(kept)
    ]
    smaller = FactorSpace(space.names, sizes, values)
    positions = smaller.factors(np.arange(smaller.size))
    factors = np.stack([kept[k][positions[:, k]] for k in range(len(kept))], 1)
    return smaller, space.index(factors)
