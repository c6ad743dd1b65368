"""The shared parts of all metrics: checked codes, points from the grid, and the record."""

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch

from ..errors import InputError, Refusal, wrong_value
from ..factors import Factors, FactorSpace, space_of
from ..rng import generator

BINS = 20  # in the histogram of a latent's values, as in disentanglement_lib


@dataclass(frozen=True)
class Record:
    """A score with all settings of its measurement."""

    metric: str
    score: float  # in [0, 1], higher is better (of STATISTICS: as their docstrings say)
    settings: dict[str, Any]
    details: dict[str, Any] = field(default_factory=dict)  # lists and numbers, for JSON


class OnDemand(Protocol):
    """A table of codes whose rows are encoded when a metric draws them."""

    shape: tuple[int, int]
    dtype: np.dtype

    def ready(self, rows: np.ndarray) -> np.ndarray:
        """The array (space.size, D), with codes in at least the rows `rows`."""
        ...


Codes = np.ndarray | OnDemand


def ready(codes: Codes, rows: np.ndarray) -> np.ndarray:
    """The array (space.size, D) that has `rows`."""
    return codes if isinstance(codes, np.ndarray) else codes.ready(rows)


def check_codes(codes: Codes, factors: Factors, metric: str) -> tuple[Any, FactorSpace]:
    """The codes (space.size, D), unchanged, and the space of their rows, after the check that every
    metric starts with.

    Raises `InputError` for a wrong shape, for NaN or infinity, and if no factor varies.
    """
    space = space_of(factors)
    on_demand = hasattr(codes, "ready")  # its rows are checked when they are encoded
    table: Any = codes if on_demand else np.asarray(codes)
    if len(table.shape) != 2 or table.shape[0] != space.size or table.shape[1] < 1:
        raise wrong_value(metric, f"one code per image, ({space.size}, D)", table.shape, "needs")
    if table.dtype.kind != "f":
        raise wrong_value(metric, "codes of floats", table.dtype, "needs")
    if not on_demand and not np.isfinite(table).all():
        raise InputError(
            f"{metric} needs finite codes; these contain NaN or infinite values.",
            Refusal.NOT_FINITE,
        )
    if not varying(space):
        raise InputError(
            f"{metric} needs a factor with two or more values; the sizes are {space.sizes}.",
            Refusal.UNSUITABLE,
            sizes=[*space.sizes],
        )
    return table, space


def varying(space: FactorSpace) -> list[int]:
    """The factors with more than one value: a constant one cannot be scored."""
    return [number for number, size in enumerate(space.sizes) if size > 1]


def check_count(name: str, value: int, least: int = 1) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise wrong_value(name, f"a whole number of at least {least}", value)


def draw(
    codes: Codes, space: FactorSpace, count: int, seed: int, stream: str
) -> tuple[np.ndarray, np.ndarray]:
    """Uniform random points: codes (count, D) float64 and factor values (count, K)."""
    rows = space.sample(count, generator(seed, stream)).numpy()
    return ready(codes, rows)[rows].astype(np.float64), space.factors(rows)


def histogram_bins(values: np.ndarray, bins: int = BINS) -> np.ndarray:
    """Each column of values (N, D) as bin numbers 0 … bins − 1 of equal width between its minimum
    and maximum; a constant column is all 0."""
    low, high = values.min(0), values.max(0)
    width = np.where(high > low, high - low, 1)
    return np.minimum(((values - low) / width * bins).astype(np.int64), bins - 1)


def mutual_information(
    binned: np.ndarray, factors: np.ndarray, sizes: tuple[int, ...], bins: int = BINS
) -> tuple[np.ndarray, np.ndarray]:
    """Mutual information (D, K) in nats of binned latents (N, D) and factors (N, K), and the
    entropy (K,) of each factor, both from counts."""
    information = np.zeros((binned.shape[1], factors.shape[1]))
    entropies = np.zeros(factors.shape[1])
    for k, size in enumerate(sizes):
        values = factors[:, k]
        entropies[k] = _entropy(np.bincount(values, minlength=size))
        for d in range(binned.shape[1]):
            joint = np.bincount(binned[:, d] * size + values, minlength=bins * size)
            joint = joint.reshape(bins, size)
            information[d, k] = max(
                _entropy(joint.sum(1)) + _entropy(joint.sum(0)) - _entropy(joint), 0
            )
    return information, entropies


def _entropy(counts: np.ndarray) -> float:
    """The entropy, in nats, of a distribution given by counts."""
    p = counts[counts > 0] / counts.sum()
    return float(-(p * np.log(p)).sum())


def pair_indices(
    space: FactorSpace, count: int, pairs: int, choices: list[int], random: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """For each of `count` points a factor (count,) out of `choices` and two sets of grid indices
    (count, pairs) that agree on that factor and are uniform in all others."""
    label = torch.randint(len(choices), (count,), generator=random)
    first, second = torch.randint(space.size, (2, count, pairs), generator=random)
    return label, first, space.agreeing(second, first, torch.tensor(choices)[label], random)
