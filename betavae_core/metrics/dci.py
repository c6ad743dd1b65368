"""Disentanglement, completeness, informativeness. Eastwood & Williams (2018)."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from ..factors import Factors
from .base import Record, check_codes, check_count, draw, varying
from .metric import MatrixMetric


class DCIMetric(MatrixMetric):
    """Three values: disentanglement, completeness and informativeness."""

    def parts(self, record: Mapping[str, Any]) -> dict[str, float]:
        others = ("completeness", "informativeness")
        return super().parts(record) | {f"dci_{name}": record["details"][name] for name in others}

    def matrix(self, details: Mapping[str, Any]) -> np.ndarray:
        """The importance of the latent for the factor."""
        return np.array(details["importance"])


def dci(
    codes: np.ndarray,
    space: Factors,
    *,
    seed: int = 0,
    points: int = 10_000,
    test_points: int = 5_000,
    trees: int = 100,
    jobs: int = -1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Record:
    """Disentanglement, from the importance of each latent to boosted trees that predict each
    factor.

    codes: (space.size, D). With P the importances (D, K): disentanglement of a latent is 1 −
    entropy (base K) of its row, weighted by the row's share; completeness of a factor is 1 −
    entropy (base D) of its column, weighted likewise; informativeness is the mean accuracy on
    held-out points. The score is disentanglement; the other two are in `details`. All in [0, 1],
    higher is better: 1 if every used latent predicts one factor. Gradient boosting with `trees`
    rounds, as in disentanglement_lib. progress receives the number of finished factors. Raises
    `InputError` for codes that do not fit.
    """
    table, space = check_codes(codes, space, "DCI")
    for name, value in (("points", points), ("test_points", test_points), ("trees", trees)):
        check_count(name, value, 2 if "points" in name else 1)
    z, factors = draw(table, space, points, seed, "dci/train")
    z_test, factors_test = draw(table, space, test_points, seed, "dci/test")
    used = varying(space)
    fits = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(_fit)(z, factors[:, k], z_test, factors_test[:, k], trees, seed) for k in used
    )
    columns, accuracies = [], []
    for done, (importance, accuracy) in enumerate(fits, 1):
        columns.append(importance)
        accuracies.append(accuracy)
        progress(done, len(used))
    importances = np.stack(columns, 1)  # (D, K)
    total = importances.sum()
    weights = importances.sum(1) / total if total else np.zeros(len(importances))
    disentanglement = float((weights * (1 - _entropy(importances, 1))).sum())
    shares = importances.sum(0) / total if total else np.zeros(len(used))
    completeness = float((shares * (1 - _entropy(importances, 0))).sum())
    settings = {"points": points, "test_points": test_points, "trees": trees, "seed": seed}
    details = {
        "factors": [space.names[k] for k in used],
        "completeness": completeness,
        "informativeness": float(np.mean(accuracies)),
        "accuracy": accuracies,
        "importance": importances.tolist(),
    }
    return Record("dci", float(np.clip(disentanglement, 0, 1)), settings, details)


def _fit(z, y, z_test, y_test, trees, seed):  # type: ignore[no-untyped-def]
    """Importance of each latent (D,) and accuracy on the test points for one factor."""
    if len(np.unique(y)) < 2:
        return np.zeros(z.shape[1]), float((y_test == y[0]).mean())
    from sklearn.ensemble import GradientBoostingClassifier

    boosted = GradientBoostingClassifier(n_estimators=trees, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=RuntimeWarning)  # saturated exponents
        boosted.fit(z, y)
        return np.abs(boosted.feature_importances_), float(boosted.score(z_test, y_test))


def _entropy(importances: np.ndarray, axis: int) -> np.ndarray:
    """The entropy along an axis, with its length as base: 0 if one entry has all, 1 if all are
    equal."""
    p = importances + 1e-11
    p = p / p.sum(axis, keepdims=True)
    return -(p * np.log(p)).sum(axis) / np.log(max(importances.shape[axis], 2))
