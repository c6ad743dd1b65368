"""Modularity: does each latent depend on one factor only? Ridgeway & Mozer (2018)."""

import numpy as np

from ..factors import Factors
from .base import (
    BINS,
    Record,
    check_codes,
    check_count,
    draw,
    histogram_bins,
    mutual_information,
)
from .base import varying as varying_factors


def modularity(
    codes: np.ndarray,
    space: Factors,
    *,
    seed: int = 0,
    points: int = 10_000,
    bins: int = BINS,
) -> Record:
    """Mean over latents of 1 − Σ_{k≠best} I²_k / (I²_best (K − 1)), I the mutual information with
    each factor.

    codes: (space.size, D). In [0, 1], higher is better: 1 if every latent depends on one factor
    only. A latent that depends on none counts as 0, as in disentanglement_lib, so constant latents
    lower the score. With one varying factor it is 1 for latents that depend on it. Raises
    `InputError` for codes that do not fit. Ridgeway & Mozer (2018), section 3.
    """
    table, space = check_codes(codes, space, "Modularity")
    check_count("points", points, 2)
    check_count("bins", bins, 2)
    z, factors = draw(table, space, points, seed, "modularity")
    information, _ = mutual_information(histogram_bins(z, bins), factors, space.sizes, bins)
    used = varying_factors(space)
    squared = information[:, used] ** 2
    best = squared.max(1)
    rest = squared.sum(1) - best
    spread = rest / np.maximum(best * max(len(used) - 1, 1), 1e-300)
    each = np.where(best > 0, 1 - spread, 0)
    settings = {"points": points, "bins": bins, "seed": seed}
    return Record("modularity", float(each.mean()), settings, {"per_latent": each.tolist()})
