"""Separated attribute predictability. Kumar et al. (2018), Variational Inference of Disentangled
Latent Concepts."""

import numpy as np
from joblib import Parallel, delayed

from ..factors import Factors
from .base import Record, check_codes, check_count, draw, varying


def sap(
    codes: np.ndarray,
    space: Factors,
    *,
    seed: int = 0,
    points: int = 10_000,
    test_points: int = 5_000,
    jobs: int = -1,
) -> Record:
    """Mean over factors of the gap between the accuracies with which the best and the second-best
    single latent predicts the factor.

    codes: (space.size, D). In [0, 1], higher is better: 0 for noise and for duplicated latents;
    even perfect codes stay below 1, since the second-best latent guesses right by chance. The
    predictor is a linear support vector machine on one latent, C = 0.01, balanced classes, as in
    disentanglement_lib (which does not scale the latent, so the score depends on its scale). jobs:
    processes. Raises `InputError` for codes that do not fit.
    """
    table, space = check_codes(codes, space, "SAP")
    for name, value in (("points", points), ("test_points", test_points)):
        check_count(name, value, 2)
    train = draw(table, space, points, seed, "sap/train")
    test = draw(table, space, test_points, seed, "sap/test")
    used = varying(space)
    work = [(d, k) for d in range(table.shape[1]) for k in used]
    found = Parallel(n_jobs=jobs)(
        delayed(_accuracy)(train[0][:, d], train[1][:, k], test[0][:, d], test[1][:, k])
        for d, k in work
    )
    accuracy = np.array(found).reshape(table.shape[1], len(used))
    ordered = np.sort(accuracy, axis=0)[::-1]
    gaps = ordered[0] - ordered[1] if len(ordered) > 1 else ordered[0]
    settings = {"points": points, "test_points": test_points, "seed": seed}
    details = {"factors": [space.names[k] for k in used], "accuracy": accuracy.tolist()}
    return Record("sap", float(gaps.mean()), settings, details)


def _accuracy(z: np.ndarray, y: np.ndarray, z_test: np.ndarray, y_test: np.ndarray) -> float:
    if len(np.unique(y)) < 2:  # so few points that they have only one value
        return float((y_test == y[0]).mean())
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=0.01, class_weight="balanced", dual=False)
    return float(machine.fit(z[:, None], y).score(z_test[:, None], y_test))
