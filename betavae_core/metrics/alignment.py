"""Each factor with a latent of its own, one-to-one: what SNC and NK begin with."""

from dataclasses import dataclass

import numpy as np
import torch

from ..factors import Factors, FactorSpace
from ..rng import generator, random_rows
from .base import Codes, check_codes, check_count, mutual_information, ready, varying

FEW = 10  # images for each point, up to which training and test points have images of their own


@dataclass(frozen=True)
class Aligned:
    """Training and test points of the factors that vary, and the latent of each."""

    z: np.ndarray  # (N, D)
    y: np.ndarray  # (N, K), values of the factors
    z_test: np.ndarray  # (M, D)
    y_test: np.ndarray  # (M, K)
    names: list[str]  # of the factors
    sizes: list[int]  # numbers of their values
    latents: list[int | None]  # of each factor its own; None: none was left


def aligned(
    codes: Codes, space: Factors, title: str, points: int, test_points: int, seed: int
) -> Aligned:
    """The points of a score (for people: title), and the `alignment` by the training points. Raises
    `InputError` for codes that do not fit, and for fewer than two points."""
    table, known = check_codes(codes, space, title)
    for name, value in (("points", points), ("test_points", test_points)):
        check_count(name, value, 2)
    (z, y), (z_test, y_test) = drawn_apart(table, known, points, test_points, seed)
    used = varying(known)
    names, sizes = [known.names[k] for k in used], [known.sizes[k] for k in used]
    y, y_test = y[:, used], y_test[:, used]
    return Aligned(z, y, z_test, y_test, names, sizes, alignment(z, y, sizes))


def drawn_apart(
    codes: Codes, space: FactorSpace, points: int, test_points: int, seed: int
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Training and test points, each codes and factor values as of `base.draw`. Few images (`FEW`
    times the points or less) are first parted as the points are, at random: of images that it has
    seen, a classifier would know the noise by heart."""
    from_train, from_test = generator(seed, "snc/train"), generator(seed, "snc/test")
    if space.size <= FEW * (points + test_points):
        order = torch.randperm(space.size, generator=generator(seed, "snc/parts")).numpy()
        held = max(1, min(space.size - 1, space.size * test_points // (points + test_points)))
        rows = order[held:][random_rows(space.size - held, points, from_train).numpy()]
        rows_test = order[:held][random_rows(held, test_points, from_test).numpy()]
    else:
        rows = space.sample(points, from_train).numpy()
        rows_test = space.sample(test_points, from_test).numpy()
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
    found: dict[int, int] = {int(k): int(d) for d, k in zip(*matched(information), strict=True)}
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


def matched(gain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns, each used once at most, with the largest sum of `gain`."""
    from scipy.optimize import linear_sum_assignment  # half a second that the first page saves

    rows, columns = linear_sum_assignment(gain, maximize=True)
    return rows, columns
