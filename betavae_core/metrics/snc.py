"""SNC: single-neuron classification. Mahon, Sha & Lukasiewicz (2023), Correcting Flaws in Common
Disentanglement Metrics."""

from typing import Any

import numpy as np

from ..factors import Factors
from .alignment import aligned, chance_of, equal_bins, matched
from .base import Record


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
    found = aligned(codes, space, "SNC", points, test_points, seed)
    z, y, z_test, y_test = found.z, found.y, found.z_test, found.y_test
    chance = [chance_of(y[:, k], y_test[:, k]) for k in range(len(found.names))]
    accuracy = [
        chance[k]
        if d is None
        else _accuracy(z[:, d], y[:, k], z_test[:, d], y_test[:, k], found.sizes[k])
        for k, d in enumerate(found.latents)
    ]
    scaled = (np.array(accuracy) - chance) / np.maximum(1 - np.array(chance), 1e-12)
    settings: dict[str, Any] = {"points": points, "test_points": test_points, "seed": seed}
    details = {
        "factors": found.names,
        "latents": found.latents,  # of each factor its own; None: none was left
        "accuracy": accuracy,
        "chance": chance,
    }
    return Record("snc", float(np.clip(scaled, 0, 1).mean()), settings, details)


def _accuracy(
    z: np.ndarray, y: np.ndarray, z_test: np.ndarray, y_test: np.ndarray, size: int
) -> float:
    """Of reading a factor from the bins of a latent: each bin stands for one value."""
    counts = np.zeros((size, size))
    np.add.at(counts, (equal_bins(z[:, None], z[:, None], size)[:, 0], y), 1)
    value_of = matched(counts)[1]
    guess = value_of[equal_bins(z[:, None], z_test[:, None], size)[:, 0]]
    return float((guess == y_test).mean())
