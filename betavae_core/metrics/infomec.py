"""InfoM, InfoC and InfoE: modularity, compactness and explicitness from information. Hsu et al.
(2023), Disentanglement via Latent Quantization."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import wrong_value
from ..factors import Factors
from .base import BINS, Record, check_codes, check_count, draw, histogram_bins, mutual_information
from .base import varying as varying_factors
from .metric import Metric

STEPS = 10_000  # at most, of a logistic regression
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
    penalty: float = 0.0,
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
    standardised active latents, H the entropy of the factor. The regression minimises its
    cross-entropy, summed over the points, plus `penalty` / 2 times the squared weights. At 0, as
    in the source, true factors score 1; at 1 those of 2Dshapes score 0.68, since a factor of many
    values needs large weights.

    Noise scores 0 by InfoC and InfoE, up to what random points leave. By InfoM it scores less than
    by modularity, but not 0 if the factors differ in their numbers of values (0.14 on 2Dshapes): I
    is biased upward, by about (bins − 1) (values − 1) / (2 points) nats, so that the factor with
    the most values stands out for every latent.

    Hsu et al. (2023); the estimator of I and the new images are ours, and the regression stops
    where it has converged, theirs after 100 steps. Raises `InputError` for codes that do not fit
    and a negative penalty.
    """
    table, space = check_codes(codes, space, "InfoMEC")
    for name, value in (("points", points), ("test_points", test_points), ("bins", bins)):
        check_count(name, value, 2)
    if not 0 <= penalty < np.inf:
        raise wrong_value("penalty", "a finite number of at least 0", penalty)
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
        explained(z[:, active], factors[:, k], z_test[:, active], factors_test[:, k], penalty)
        for k in used
    ]
    settings: dict[str, Any] = {
        "points": points,
        "test_points": test_points,
        "bins": bins,
        "penalty": float(penalty),
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


def explained(
    z: np.ndarray, y: np.ndarray, z_test: np.ndarray, y_test: np.ndarray, penalty: float
) -> float:
    """The share of a factor's entropy that a logistic regression explains on test points."""
    from scipy.special import log_softmax
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
    strength = 1 / penalty if penalty else np.inf  # scikit-learn's C
    model = LogisticRegression(C=strength, max_iter=STEPS).fit(scaler.transform(z), y)
    scores = model.decision_function(scaler.transform(z_test[known]))
    if scores.ndim == 1:  # of the second of two values
        scores = np.stack([np.zeros_like(scores), scores], 1)
    log_chance = log_softmax(scores, axis=1)  # finite where a chance is rounded to 0
    loss = float(-log_chance[np.arange(len(places)), places].mean())
    return float(np.clip((entropy - loss) / entropy, 0, 1))
