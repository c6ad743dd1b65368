"""MIG-sup: the mutual information gap of each latent between factors. Li et al. (2020), Progressive
Learning and Disentanglement of Hierarchical Representations."""

from typing import Any

import numpy as np

from ..factors import Factors
from .base import BINS, Record, check_codes, check_count, draw, histogram_bins, mutual_information
from .base import varying as varying_factors


def mig_sup(
    codes: np.ndarray,
    space: Factors,
    *,
    seed: int = 0,
    points: int = 10_000,
    bins: int = BINS,
) -> Record:
    """Mean over latents of J₁ − J₂: of the normalised mutual information J = I / H(factor) of the
    latent with each factor, the gap between its best and its second-best factor.

    codes: (space.size, D). In [0, 1], higher is better: 1 if every latent determines one factor and
    tells nothing of the others; 0 for noise. It is MIG with latents and factors exchanged: mixed
    factors lower it, duplicated latents do not, and a latent that tells nothing counts as 0. With
    one varying factor it is the mean of J. It is computed from the same points and bins as MIG, so
    that a stored record of MIG has it, too. Raises `InputError` for codes that do not fit. Li et
    al. (2020).
    """
    table, space = check_codes(codes, space, "MIG-sup")
    check_count("points", points, 2)
    check_count("bins", bins, 2)
    z, factors = draw(table, space, points, seed, "mig")
    information, entropies = mutual_information(histogram_bins(z, bins), factors, space.sizes, bins)
    gaps = latent_gaps(information, entropies)
    settings: dict[str, Any] = {"points": points, "bins": bins, "seed": seed}
    details = {
        "factors": [space.names[k] for k in varying_factors(space)],
        "per_latent": gaps.tolist(),
    }
    return Record("mig_sup", float(np.clip(gaps.mean(), 0, 1)), settings, details)


def latent_gaps(information: np.ndarray, entropies: np.ndarray) -> np.ndarray:
    """J₁ − J₂ of each latent, (D,), from the mutual information (D, K) and the factors' entropies
    (K,), both in nats; factors without entropy, which have one value, are left out."""
    varies = entropies > 0
    shares = information[:, varies] / entropies[varies]
    ordered = np.sort(shares, axis=1)[:, ::-1]
    gaps: np.ndarray = ordered[:, 0] - (ordered[:, 1] if ordered.shape[1] > 1 else 0)
    return gaps
