"""The Fréchet distance at several numbers of images and its extrapolation to infinitely many.
Chong & Forsyth (2020), Effectively Unbiased FID and Inception Score."""

from collections.abc import Callable

import numpy as np
import torch

from ..errors import wrong_value
from ..rng import generator
from .kernel import Estimate

POINTS = 5


def usual_counts(images: int) -> list[int]:
    """Five numbers of images, evenly spaced from a quarter of `images` to all."""
    return sorted({int(n) for n in np.linspace(images / 4, images, POINTS) if n >= 2})


def distance_by_count(
    distance: Callable[[np.ndarray], float],
    features: np.ndarray,
    counts: list[int],
    *,
    seed: int = 0,
) -> list[float]:
    """`distance` of the first `counts` of the features (N, D) in a random order, drawn with `seed`:
    each set contains the smaller ones. Raises `InputError` for a count beyond N or below two."""
    if wrong := [n for n in counts if not 2 <= n <= len(features)]:
        raise wrong_value("A count", f"from 2 to the {len(features)} images", wrong[0])
    order = torch.randperm(len(features), generator=generator(seed, "extrapolation")).numpy()
    return [float(distance(features[order[:n]])) for n in counts]


def extrapolate(counts: list[int], values: list[float]) -> Estimate:
    """The value at infinitely many images: the line of the value against 1/N, read at 1/N = 0.

    The bias of the distance falls as 1/N to first order, and differently for every model. In the
    units of `values`, lower is better; it may come out below 0. The `standard_error` is that of the
    line's fit (NaN for two points); all points use the same images, so it measures how straight the
    line is, not how another draw would differ. Raises `InputError` for fewer than
    two different counts.
    """
    if len(set(counts)) < 2 or len(counts) != len(values):
        raise wrong_value(
            "An extrapolation", "values at two or more counts", len(set(counts)), "needs"
        )
    from scipy.stats import linregress

    line = linregress(1 / np.asarray(counts, np.float64), values)
    error = float(line.intercept_stderr) if len(counts) > 2 else float("nan")
    return Estimate(float(line.intercept), error)
