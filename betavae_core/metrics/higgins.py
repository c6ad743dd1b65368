"""Higgins' disentanglement metric. Higgins et al. (2017), β-VAE, Algorithm 1 of the paper that this
project reproduces."""

from collections.abc import Sequence

import numpy as np
import torch

from ..errors import InputError
from ..factors import FactorSpace
from ..rng import generator
from .base import Record, check_codes, check_count, pair_indices
from .classifiers import CLASSIFIERS, fit_predict

COUNTS = {"paper": (1_000, 500), "corrected": (10_000, 5_000)}  # points, test points
CHUNK = 2_000_000  # codes gathered at once


def higgins(
    codes: np.ndarray,
    space: FactorSpace,
    *,
    seed: int = 0,
    L: int = 64,
    points: int | None = None,
    test_points: int | None = None,
    classifier: str = "logistic",
    factors: str | Sequence[str] = "all",
    draws: int = 1,
    mode: str = "corrected",
) -> Record:
    """Accuracy of a classifier that tells which factor was held, from how little the latents moved.

    For each point a factor y is drawn uniformly from `factors` ("all" that vary, "no-shape", or
    names), and L pairs of images that agree on y and are uniform in all else; the point is the mean
    over the pairs of |z₁ − z₂|, its label y. codes: (space.size, D) posterior means. The score, in
    [0, 1], higher is better, is the accuracy on held-out points, averaged over `draws` of points
    and classifier seeds; `details` has the chance level 1 / (number of factors), the standard error
    over draws (None for one), each draw's accuracy, and the confusion matrix (true factor × guess,
    as shares). classifier: linear, mlp, logistic or forest. mode: "paper" (1,000 + 500 points, the
    original classifiers' settings) or "corrected" (10,000 + 5,000 points, standardised points; in
    both the test points are fresh ones). Raises `InputError` for settings or codes that do not fit,
    fewer points than factors, or fewer than two factors. Higgins et al. (2017), section 3.
    """
    points, test_points = point_counts(points, test_points, mode)
    if classifier not in CLASSIFIERS:
        raise InputError(
            f'There is no classifier "{classifier}"; there are: {", ".join(CLASSIFIERS)}.'
        )
    check_count("L", L)
    check_count("draws", draws)
    table = check_codes(codes, space, "Higgins' metric")
    chosen = choose_factors(space, factors)
    check_count("points", points, len(chosen))
    found = [
        difference_points(table, space, points + test_points, L, chosen, seed, f"higgins/{draw}")
        for draw in range(draws)
    ]
    z, y = np.stack([each[0] for each in found]), np.stack([each[1] for each in found])
    guess = fit_predict(
        classifier,
        z[:, :points],
        y[:, :points],
        z[:, points:],
        len(chosen),
        paper=mode == "paper",
        seeds=[classifier_seed(seed, draw) for draw in range(draws)],
    )
    right = guess == y[:, points:]
    each = right.mean(1)
    confusion = np.zeros((len(chosen), len(chosen)))
    np.add.at(confusion, (y[:, points:].ravel(), guess.ravel()), 1)
    confusion /= np.maximum(confusion.sum(1, keepdims=True), 1)
    settings = {
        "L": L,
        "points": points,
        "test_points": test_points,
        "classifier": classifier,
        "factors": [space.names[k] for k in chosen],
        "draws": draws,
        "mode": mode,
        "seed": seed,
    }
    details = {
        "chance": 1 / len(chosen),
        "standard_error": float(each.std(ddof=1) / draws**0.5) if draws > 1 else None,
        "per_draw": each.tolist(),
        "confusion": confusion.tolist(),
    }
    return Record("higgins", float(each.mean()), settings, details)


def choose_factors(space: FactorSpace, factors: str | Sequence[str]) -> list[int]:
    """The numbers of the factors that take part; raises `InputError` for fewer than two, an unknown
    name or one that does not vary."""
    if factors == "all":
        names = [n for n, size in zip(space.names, space.sizes, strict=True) if size > 1]
    elif factors == "no-shape":
        names = [
            name
            for name, size in zip(space.names, space.sizes, strict=True)
            if size > 1 and not name.endswith("shape")
        ]
    else:
        names = [factors] if isinstance(factors, str) else list(factors)
    if unknown := [name for name in names if name not in space.names]:
        raise InputError(f'There is no factor "{unknown[0]}"; there are: {", ".join(space.names)}.')
    chosen = [space.names.index(name) for name in names]
    if fixed := [space.names[k] for k in chosen if space.sizes[k] < 2]:
        raise InputError(f'The factor "{fixed[0]}" has one value only and cannot be told apart.')
    if len(set(chosen)) < 2:
        raise InputError("Higgins' metric needs two or more factors that vary.")
    return sorted(set(chosen))


def difference_points(
    codes: np.ndarray,
    space: FactorSpace,
    count: int,
    L: int,
    factors: list[int],
    seed: int,
    stream: str,
) -> tuple[np.ndarray, np.ndarray]:
    """The classifier's points (count, D), mean |z₁ − z₂| over L pairs, and labels (count,), which
    number the held factor among `factors`."""
    source = generator(seed, stream)
    table = torch.from_numpy(np.asarray(codes))
    points, labels = [], []
    step = max(1, CHUNK // L)
    for first in range(0, count, step):
        n = min(step, count - first)
        label, one, two = pair_indices(space, n, L, factors, source)
        points.append((table[one].float() - table[two].float()).abs_().mean(1))
        labels.append(label)
    return torch.cat(points).double().numpy(), torch.cat(labels).numpy()


def point_counts(points: int | None, test_points: int | None, mode: str) -> tuple[int, int]:
    """How many points there are, where not given those of the mode; raises `InputError`."""
    if mode not in COUNTS:
        raise InputError(f'mode must be "paper" or "corrected", got "{mode}".')
    usual = COUNTS[mode]
    points = usual[0] if points is None else points
    test_points = usual[1] if test_points is None else test_points
    check_count("points", points)
    check_count("test_points", test_points)
    return points, test_points


def classifier_seed(seed: int, draw: int) -> int:
    """Of one draw's classifier; the draws of nearby seeds share none."""
    return seed * 1_000 + draw
