"""Interventional robustness. Suter et al. (2019), Robustly Disentangled Causal Mechanisms."""

import numpy as np

from ..factors import Factors
from .base import Record, check_codes, check_count, draw, varying


def irs(
    codes: np.ndarray,
    space: Factors,
    *,
    seed: int = 0,
    points: int = 10_000,
    quantile: float = 0.99,
) -> Record:
    """How little each latent moves while its own factor is fixed and all others change.

    codes: (space.size, D). For a latent and a factor: 1 − (mean over the factor's values of the
    `quantile` of the latent's distance from its mean there) / (its largest distance from its mean
    overall); each latent counts with its best factor, weighted by that largest distance. In [0, 1],
    higher is better; constant latents have no weight, and if all are constant the score is 0.
    As in disentanglement_lib, which however puts the values of a factor that has more than 20 into
    20 bins, so there it is a little lower. Raises `InputError` for codes that do not fit.
    """
    table, space = check_codes(codes, space, "IRS")
    check_count("points", points, 2)
    z, factors = draw(table, space, points, seed, "irs")
    furthest = np.abs(z - z.mean(0)).max(0)
    used = varying(space)
    deviation = np.zeros((z.shape[1], len(used)))
    for column, k in enumerate(used):
        values = np.unique(factors[:, k])
        for value in values:
            held = z[factors[:, k] == value]
            moved = np.abs(held - held.mean(0))
            deviation[:, column] += np.quantile(moved, quantile, axis=0) / len(values)
    alive = furthest > 0
    matrix = np.zeros_like(deviation)
    matrix[alive] = 1 - deviation[alive] / furthest[alive, None]
    score = float(np.average(matrix.max(1), weights=furthest)) if alive.any() else 0.0
    settings = {"points": points, "quantile": quantile, "seed": seed}
    details = {"factors": [space.names[k] for k in used], "matrix": matrix.tolist()}
    return Record("irs", float(np.clip(score, 0, 1)), settings, details)
