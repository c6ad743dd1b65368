"""The mutual information gap. Chen et al. (2018), Isolating Sources of Disentanglement in VAEs."""

from collections.abc import Mapping
from typing import Any

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
from .metric import MatrixMetric
from .mig_sup import latent_gaps


class MIGMetric(MatrixMetric):
    """Named apart on the whole grid, where the entropies are exact. Its mutual information also
    gives MIG-sup."""

    def parts(self, record: Mapping[str, Any]) -> dict[str, float]:
        if record["settings"]["points"] is None:
            return {"mig_exact": record["value"]}
        details = record["details"]
        information = np.array(details["mutual_information"])
        gaps = latent_gaps(information, np.array(details["entropy"]))
        return {self.name: record["value"], "mig_sup": float(np.clip(gaps.mean(), 0, 1))}

    def matrix(self, details: Mapping[str, Any]) -> np.ndarray:
        """The mutual information as a share of the factor's entropy."""
        entropy = np.array(details["entropy"])
        shares = np.array(details["mutual_information"]) / np.maximum(entropy, 1e-12)
        return shares[:, entropy > 0]


def mig(
    codes: np.ndarray,
    space: Factors,
    *,
    seed: int = 0,
    points: int | None = 10_000,
    bins: int = BINS,
) -> Record:
    """Mean over factors of (I₁ − I₂) / H: of the mutual information with the factor, the gap
    between the best and the second-best latent, as a share of the factor's entropy.

    codes: (space.size, D). In [0, 1], higher is better: 1 if exactly one latent determines each
    factor; 0 for noise and for duplicated latents (a constant latent has no information).
    Latents are binned into `bins` of equal width, as in disentanglement_lib; points: uniform random
    images, or None for the whole grid, where the factors' entropies are exact. Raises `InputError`
    for codes that do not fit. Equation 6 of Chen et al. (2018).
    """
    table, space = check_codes(codes, space, "MIG")
    check_count("bins", bins, 2)
    if points is None:
        z, factors = table.astype(np.float64), space.factors(np.arange(space.size))
    else:
        check_count("points", points, 2)
        z, factors = draw(table, space, points, seed, "mig")
    information, entropies = mutual_information(histogram_bins(z, bins), factors, space.sizes, bins)
    ordered = np.sort(information, axis=0)[::-1]
    second = ordered[1] if len(ordered) > 1 else 0
    used = varying_factors(space)
    gaps = (ordered[0] - second)[used] / np.maximum(entropies[used], 1e-12)
    settings: dict[str, Any] = {"points": points, "bins": bins, "seed": seed}
    details = {
        "factors": [space.names[k] for k in used],
        "gap": gaps.tolist(),
        "mutual_information": information.tolist(),  # (D, K), nats
        "entropy": entropies.tolist(),  # (K,), nats
    }
    return Record("mig", float(np.clip(gaps.mean(), 0, 1)), settings, details)
