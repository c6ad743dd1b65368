"""The number of latents in use. Burda, Grosse & Salakhutdinov (2016), section 5.2."""

import numpy as np

from ..factors import Factors
from .base import Codes, Record, check_codes, check_count, draw


def active_units(
    codes: Codes,
    space: Factors,
    *,
    seed: int = 0,
    points: int = 10_000,
    threshold: float = 0.01,
) -> Record:
    """The number of latents whose posterior mean varies over the images: variance above
    `threshold` (prior variances: 1).

    codes: (space.size, D). A whole number from 0 to D; neither direction is better. points: uniform
    random images. `details` has each latent's variance. Raises `InputError` for codes that do not
    fit.
    """
    table, space = check_codes(codes, space, "The count of active units")
    check_count("points", points, 2)
    z, _ = draw(table, space, points, seed, "active units")
    variance = z.var(0)
    settings = {"points": points, "threshold": threshold, "seed": seed}
    details = {"variance": variance.tolist()}
    return Record("active_units", float(np.count_nonzero(variance > threshold)), settings, details)
