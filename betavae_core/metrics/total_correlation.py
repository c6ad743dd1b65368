"""The dependence between latents, as in disentanglement_lib's unsupervised metrics; Chen et al.
(2018) for the total correlation itself."""

import numpy as np

from ..factors import Factors
from .base import Codes, Record, check_codes, check_count, draw

MOST = 15.0  # nats


def total_correlation(
    codes: Codes, space: Factors, *, seed: int = 0, points: int = 10_000
) -> Record:
    """Total correlation, in nats, of a Gaussian with the covariance C of the codes:
    ½ (Σ log C_dd − log det C).

    codes: (space.size, D). At least 0, lower is better: 0 for uncorrelated latents; 15, the largest
    value that rounding allows, if one latent is a copy of another. Latents whose standard deviation
    is below 10⁻⁶ of the largest value are left out; fewer than two give 0. It detects only linear
    dependence. points: uniform random images. Raises `InputError` for codes that do not fit.
    """
    table, space = check_codes(codes, space, "The total correlation")
    check_count("points", points, 2)
    z, _ = draw(table, space, points, seed, "total correlation")
    deviation = z.std(0)
    alive = np.flatnonzero(deviation > 1e-6 * max(1e-6, float(np.abs(z).max())))
    value = 0.0
    if len(alive) > 1:
        correlation = np.corrcoef(z[:, alive].T)
        sign, log_det = np.linalg.slogdet(correlation)  # of C, without Σ log C_dd
        value = float(np.clip(-0.5 * log_det, 0, MOST)) if sign > 0 else MOST
    details = {"latents_left_out": table.shape[1] - len(alive)}
    return Record("total_correlation", value, {"points": points, "seed": seed}, details)
