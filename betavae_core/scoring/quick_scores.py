"""Higgins' metric and MIG from a few thousand images of the whole grid, with an interval each: in a
second, for a checkup or a training under way."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from ..datasets import Dataset
from ..datasets.base import to_float
from ..metrics.base import Record, varying
from ..metrics.higgins import higgins
from ..metrics.mig import mig
from ..rng import generator

POOLS = 5  # samples of the grid, each with its own classifier
PAIRS, POINTS, TEST_POINTS = 64, 1_000, 1_000
STUDENT = 2.776  # half of a 95 % interval in standard errors, for the mean of five

Encode = Callable[[torch.Tensor], torch.Tensor]  # images (N, C, H, W) in [0, 1] → means (N, D)


@dataclass(frozen=True)
class QuickScore:
    """One score of all images, and of each pool."""

    record: Record
    each: list[float]

    @property
    def half(self) -> float:
        """Half of its 95 % interval: that of the mean over the pools, widened by the difference
        between pools and all images, since few images bias the score by less than that."""
        spread = float(np.std(self.each, ddof=1)) / len(self.each) ** 0.5
        return STUDENT * spread + abs(self.record.score - float(np.mean(self.each)))


def scored_factors(dataset: Dataset) -> list[int]:
    """The numbers of the factors that vary; [] if there are fewer than two, so that nothing can be
    scored."""
    used = [] if dataset.space is None else varying(dataset.space)
    return used if len(used) > 1 else []


def codes_and_factors(
    encode: Encode, dataset: Dataset, pool: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Codes (N, D) and the varying factors (N, K) of `POOLS` · `pool` random images of a dataset
    with `scored_factors`."""
    space = dataset.space
    assert space is not None, "a dataset with scored factors"
    rows = space.sample(POOLS * pool, generator(seed, "scores"))
    mean = torch.cat([encode(to_float(dataset.images(part))) for part in rows.split(pool)])
    return mean.double().cpu().numpy(), space.factors(rows.numpy())[:, scored_factors(dataset)]


def quick_scores(
    codes: np.ndarray, factors: np.ndarray, seed: int
) -> tuple[QuickScore, QuickScore]:
    """Higgins' metric, which draws its pairs that agree on one factor from these images instead of
    the grid, and MIG, both in [0, 1], higher is better; of finite codes (N, D) and factors
    (N, K), N a multiple of `POOLS`."""
    pool = len(codes) // POOLS
    pools = [slice(first, first + pool) for first in range(0, POOLS * pool, pool)]
    each = [_higgins(codes[p], factors[p], seed + 1 + d).score for d, p in enumerate(pools)]
    gaps = [mig(codes[p], factors[p], points=None).score for p in pools]
    whole = _higgins(codes, factors, seed, draws=POOLS)
    return QuickScore(whole, each), QuickScore(mig(codes, factors, points=None), gaps)


def _higgins(codes: np.ndarray, factors: np.ndarray, seed: int, draws: int = 1) -> Record:
    """The score of these images alone, which are not a full grid."""
    return higgins(
        codes, factors, seed=seed, L=PAIRS, points=POINTS, test_points=TEST_POINTS, draws=draws
    )
