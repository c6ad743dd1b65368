"""InfoM, InfoC and InfoE: modularity, compactness and explicitness from information. Hsu et al.
(2023), Disentanglement via Latent Quantization."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..factors import Factors
from .base import BINS, Record, check_codes, check_count, draw, histogram_bins, mutual_information
from .base import varying as varying_factors
from .metric import Metric

LEAST_SPAN = 1 / 20  # of the widest latent's range: a narrower one is inactive


class InfoMECMetric(Metric):
    """Three scores in one record."""

    def parts(self, record: Mapping[str, Any]) -> dict[str, float]:
        details = record["details"]
        return {
            "infom": record["value"],
            "infoc": details["compactness"],
            "infoe": details["explicitness"],
        }

    def text(self, record: Mapping[str, Any]) -> str:
        return ", ".join(f"{name} {value:.4f}" for name, value in self.parts(record).items())


def infomec(
    codes: np.ndarray,
    space: Factors,
    *,
    seed: int = 0,
    points: int = 10_000,
    test_points: int = 5_000,
    bins: int = BINS,
) -> Record:
    """InfoM, with InfoC and InfoE in `details`: each in [0, 1], higher is better.

    codes: (space.size, D). N = I(latent; factor) / H(factor), from `bins` bins of equal width.
    Latents whose range is less than a twentieth of the widest one's are inactive and left out.

    InfoM (does each latent tell of one factor?): mean over latents of max N / Σ N over the K
    factors, scaled from 1/K … 1 to 0 … 1. InfoC (`compactness`; is each factor told by one
    latent?): the same over the active latents for each factor. A latent or factor without
    information counts as 0. With one factor, or one active latent, nothing is scaled. InfoE
    (`explicitness`; is it easily read?): mean over factors of (H − L) / H, at least 0: L the
    cross-entropy, in nats on `test_points` new images, of a logistic regression on the
    standardised active latents, H the entropy of the factor.

    Noise scores 0 by InfoC and InfoE, up to what random points leave. By InfoM it scores less than
    by modularity, but not 0 if the factors differ in their numbers of values (0.14 on 2Dshapes): I
    is biased upward, by about (bins − 1) (values − 1) / (2 points) nats, so that the factor with
    the most values stands out for every latent.

    Hsu et al. (2023); the estimator of I and the held-out points are ours, and so is the L2 penalty
    of the logistic regression (scikit-learn's usual C = 1; theirs has none). It keeps InfoE below
    1 for factors with many values: the true factors of 2Dshapes score 0.67 instead of 1.00. Raises
    `InputError` for codes that do not fit.
    """
    table, space = check_codes(codes, space, "InfoMEC")
    for name, value in (("points", points), ("test_points", test_points), ("bins", bins)):
        check_count(name, value, 2)
    z, factors = draw(table, space, points, seed, "infomec/train")
    z_test, factors_test = draw(table, space, test_points, seed, "infomec/test")
    span = np.ptp(z, axis=0)
    active = (span > 0) & (span >= LEAST_SPAN * span.max())
    used = varying_factors(space)
    shares = np.zeros((0, len(used)))
    if active.any():
        binned = histogram_bins(z[:, active], bins)
        information, entropies = mutual_information(binned, factors, space.sizes, bins)
        shares = information[:, used] / np.maximum(entropies[used], 1e-12)
    explicit = [
        explained(z[:, active], factors[:, k], z_test[:, active], factors_test[:, k]) for k in used
    ]
    settings: dict[str, Any] = {
        "points": points,
        "test_points": test_points,
        "bins": bins,
        "seed": seed,
    }
    details = {
        "factors": [space.names[k] for k in used],
        "active": [int(d) for d in np.flatnonzero(active)],
        "shares": shares.tolist(),  # (active, K)
        "compactness": concentration(shares.T),
        "explicitness": float(np.mean(explicit)),
        "explained": explicit,
    }
    return Record("infomec", concentration(shares), settings, details)


def concentration(shares: np.ndarray) -> float:
    """Mean over rows of max / Σ, scaled from 1/n … 1 to 0 … 1, n the number of columns; a row
    without information counts as 0. shares: (rows, n), at least 0."""
    rows, columns = shares.shape
    if rows == 0 or columns == 0:
        return 0.0
    whole = shares.sum(1)
    largest = shares.max(1) / np.where(whole > 0, whole, 1)
    chance = 1 / columns if columns > 1 else 0.0
    each = np.where(whole > 0, (largest - chance) / (1 - chance), 0.0)
    return float(np.clip(each.mean(), 0, 1))


def explained(z: np.ndarray, y: np.ndarray, z_test: np.ndarray, y_test: np.ndarray) -> float:
    """The share of a factor's entropy that a logistic regression explains on test points."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    values, counts = np.unique(y, return_counts=True)
    if len(values) < 2 or z.shape[1] == 0:
        return 0.0
    known = np.isin(y_test, values)
    places = np.searchsorted(values, y_test[known])
    log_share = np.log(counts / counts.sum())
    entropy = float(-log_share[places].mean())
    scaler = StandardScaler().fit(z)
    model = LogisticRegression(max_iter=500).fit(scaler.transform(z), y)
    log_chance = model.predict_log_proba(scaler.transform(z_test[known]))
    loss = float(-log_chance[np.arange(len(places)), places].mean())
    return float(np.clip((entropy - loss) / entropy, 0, 1))
