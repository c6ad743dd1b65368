"""Explicitness: can a linear classifier read each factor? Ridgeway & Mozer (2018)."""

import numpy as np
from joblib import Parallel, delayed

from ..factors import Factors
from .base import Record, check_codes, check_count, draw, varying


def explicitness(
    codes: np.ndarray,
    space: Factors,
    *,
    seed: int = 0,
    points: int = 10_000,
    test_points: int = 5_000,
    jobs: int = -1,
) -> Record:
    """Mean over factors of the area under the ROC curve of a logistic regression, one value against
    the rest, on held-out points.

    codes: (space.size, D). In [0, 1], higher is better; ½ is chance. (Ridgeway & Mozer rescale it
    to 0 at chance; disentanglement_lib and this do not.) Latents are standardised first. jobs:
    processes. Raises `InputError` for codes that do not fit.
    """
    table, space = check_codes(codes, space, "Explicitness")
    for name, value in (("points", points), ("test_points", test_points)):
        check_count(name, value, 2)
    z, factors = draw(table, space, points, seed, "explicitness/train")
    z_test, factors_test = draw(table, space, test_points, seed, "explicitness/test")
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(z)
    z, z_test = scaler.transform(z), scaler.transform(z_test)
    used = varying(space)
    areas = Parallel(n_jobs=jobs)(
        delayed(_area)(z, factors[:, k], z_test, factors_test[:, k]) for k in used
    )
    settings = {"points": points, "test_points": test_points, "seed": seed}
    details = {"factors": [space.names[k] for k in used], "area": list(areas)}
    return Record("explicitness", float(np.mean(areas)), settings, details)


def _area(z, y, z_test, y_test):  # type: ignore[no-untyped-def]
    """Mean area over the values of one factor that both sets of points have."""
    classes = np.unique(y)
    if len(classes) < 2:
        return 0.5
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    model = LogisticRegression(max_iter=500).fit(z, y)
    chances = model.predict_proba(z_test)
    areas = [
        roc_auc_score(y_test == value, chances[:, column])
        for column, value in enumerate(model.classes_)
        if 0 < (y_test == value).sum() < len(y_test)
    ]
    return float(np.mean(areas)) if areas else 0.5
