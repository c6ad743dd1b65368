"""SNC: single-neuron classification. Mahon, Sha & Lukasiewicz (2023), Correcting Flaws in Common
Disentanglement Metrics."""

from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from ..factors import Factors, FactorSpace
from ..rng import generator, random_rows
from .base import Codes, Record, check_codes, check_count, mutual_information, ready, varying

FEW = 10


def snc(
    codes: np.ndarray,
    space: Factors,
    *,
    seed: int = 0,
    points: int = 10_000,
    test_points: int = 5_000,
) -> Record:
    """How well each factor is read from the one latent that is aligned with it: mean over factors
    of (accuracy − chance) / (1 − chance), at least 0.

    codes: (space.size, D). In [0, 1], higher is better: 0 for noise, 1 if each factor is a rising
    or otherwise one-to-one function of a latent of its own. A latent is cut into as many bins of
    equal frequency as the factor has values, and each bin stands for one value, no two for the
    same; latents and factors are aligned one-to-one by the most mutual information in total. The
    accuracy is that on `test_points` new images, chance the share of the most frequent value. A
    factor without a latent of its own (more factors than latents) counts as chance. Duplicated
    latents cost nothing. The scale from chance to 1 is ours; `details` has the accuracies. Raises
    `InputError` for codes that do not fit.
    """
    table, space = check_codes(codes, space, "SNC")
    for name, value in (("points", points), ("test_points", test_points)):
        check_count(name, value, 2)
    (z, factors), (z_test, factors_test) = drawn_apart(table, space, points, test_points, seed)
    used = varying(space)
    latents = alignment(z, factors[:, used], [space.sizes[k] for k in used])
    chance = [chance_of(factors[:, k], factors_test[:, k]) for k in used]
    accuracy = [
        share
        if d is None
        else _accuracy(z[:, d], factors[:, k], z_test[:, d], factors_test[:, k], space.sizes[k])
        for k, d, share in zip(used, latents, chance, strict=True)
    ]
    scaled = (np.array(accuracy) - chance) / np.maximum(1 - np.array(chance), 1e-12)
    settings: dict[str, Any] = {"points": points, "test_points": test_points, "seed": seed}
    details = {
        "factors": [space.names[k] for k in used],
        "latents": latents,  # of each factor its own; None: none was left
        "accuracy": accuracy,
        "chance": chance,
    }
    return Record("snc", float(np.clip(scaled, 0, 1).mean()), settings, details)


def drawn_apart(
    codes: Codes, space: FactorSpace, points: int, test_points: int, seed: int
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Training and test points, each codes and factor values as of `base.draw`. Of few images
    (`FEW` times the points or less) no test point is a training point, if others are left: of
    images that it has seen, a classifier would know the noise by heart."""
    rows = space.sample(points, generator(seed, "snc/train")).numpy()
    rows_test = space.sample(test_points, generator(seed, "snc/test")).numpy()
    if space.size <= FEW * (points + test_points):
        unseen = np.setdiff1d(np.arange(space.size), rows)
        again = np.isin(rows_test, rows)
        if len(unseen) and again.any():
            chosen = random_rows(len(unseen), int(again.sum()), generator(seed, "snc/unseen"))
            rows_test[again] = unseen[chosen.numpy()]
    every = np.union1d(rows, rows_test)
    table = ready(codes, every)
    return tuple(  # type: ignore[return-value]
        (table[each].astype(np.float64), space.factors(each)) for each in (rows, rows_test)
    )


def alignment(z: np.ndarray, factors: np.ndarray, sizes: list[int]) -> list[int | None]:
    """For each factor a latent of its own, so that all together have the most mutual information
    (each factor with bins of its own number of values); None where no latent is left.

    z: (N, D); factors: (N, K).
    """
    information = np.stack(
        [
            mutual_information(equal_bins(z, z, size), factors[:, [k]], (size,), size)[0][:, 0]
            for k, size in enumerate(sizes)
        ],
        axis=1,
    )
    found: dict[int, int] = {int(k): int(d) for d, k in zip(*_matched(information), strict=True)}
    return [found.get(k) for k in range(len(sizes))]


def equal_bins(known: np.ndarray, values: np.ndarray, bins: int) -> np.ndarray:
    """Values (M, D) as bin numbers 0 … bins − 1 of equal frequency among the known ones (N, D):
    the middle of a value's ranks decides, so that equal values share a bin."""
    ranks = np.empty(values.shape)
    for d in range(values.shape[1]):
        ordered = np.sort(known[:, d])
        sides = [np.searchsorted(ordered, values[:, d], side) for side in ("left", "right")]
        ranks[:, d] = (sides[0] + sides[1]) / 2
    return np.minimum((ranks / len(known) * bins).astype(np.int64), bins - 1)


def chance_of(known: np.ndarray, values: np.ndarray) -> float:
    """The accuracy, on `values`, of always guessing the most frequent of the known values."""
    return float((values == np.bincount(known).argmax()).mean())


def _accuracy(
    z: np.ndarray, y: np.ndarray, z_test: np.ndarray, y_test: np.ndarray, size: int
) -> float:
    """Of reading a factor from the bins of a latent: each bin stands for one value."""
    counts = np.zeros((size, size))
    np.add.at(counts, (equal_bins(z[:, None], z[:, None], size)[:, 0], y), 1)
    value_of = _matched(counts)[1]
    guess = value_of[equal_bins(z[:, None], z_test[:, None], size)[:, 0]]
    return float((guess == y_test).mean())


def _matched(gain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns, each used once at most, with the largest sum of `gain`."""
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return rows, columns
