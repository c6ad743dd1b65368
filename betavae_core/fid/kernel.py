"""The kernel distance KID. Bińkowski et al. (2018), Demystifying MMD GANs."""

import numpy as np
import torch
from numpy.typing import ArrayLike

from ..errors import InputError, Refusal, differing
from ..rng import generator
from .frechet import check_features


class Estimate(float):
    """A number with the standard error of its estimate."""

    standard_error: float

    def __new__(cls, value: float, standard_error: float) -> "Estimate":
        made = super().__new__(cls, value)
        made.standard_error = standard_error
        return made


def kernel_distance(
    features1: ArrayLike,
    features2: ArrayLike,
    *,
    seed: int = 0,
    subsets: int = 100,
    subset_size: int = 1_000,
) -> Estimate:
    """The unbiased squared maximum mean discrepancy under k(x, y) = (x·y / D + 1)³, the mean over
    random subsets of both sets.

    features: (N, D) and (M, D). Around 0 for equal distributions (it may be below 0), lower is
    better; unlike the Fréchet distance it does not depend on the number of images. The `subsets` of
    `subset_size` images (fewer if a set has fewer) are drawn with `seed`. The result is a float
    with the `standard_error` of the mean over subsets. Raises `InputError` for features that do
    not fit or subsets of fewer than two.
    """
    one, two = check_features(features1), check_features(features2)
    if one.shape[1] != two.shape[1]:
        raise differing("sets", one.shape[1], two.shape[1])
    size = min(subset_size, len(one), len(two))
    if size < 2 or subsets < 1:
        raise InputError(
            f"KID needs one or more subsets of two or more images, got {subsets} of {subset_size}.",
            Refusal.VALUE,
            name="subsets",
            expected="one or more of two or more images",
        )
    if size == len(one) == len(two):
        subsets = 1  # there is only one
    random = generator(seed, "kid")
    x, y = torch.from_numpy(one), torch.from_numpy(two)
    found = []
    for _ in range(subsets):
        a = x[torch.randperm(len(x), generator=random)[:size]]
        b = y[torch.randperm(len(y), generator=random)[:size]]
        found.append(squared_discrepancy(a, b))
    values = np.array(found)
    error = values.std(ddof=1) / np.sqrt(subsets) if subsets > 1 else float("nan")
    return Estimate(float(values.mean()), float(error))


def squared_discrepancy(x: torch.Tensor, y: torch.Tensor) -> float:
    """The unbiased MMD² of x and y, both (N, D)."""
    n, dimensions = x.shape

    def kernel(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return (a @ b.T / dimensions + 1) ** 3

    within = [(k.sum() - k.diagonal().sum()) / (n * (n - 1)) for k in (kernel(x, x), kernel(y, y))]
    return float(within[0] + within[1] - 2 * kernel(x, y).mean())
