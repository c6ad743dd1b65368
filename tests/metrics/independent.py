"""Every score computed a second time from its published definition, with NumPy, SciPy and
scikit-learn's regression trees and (for NK) network alone: nothing of `betavae_core` is used here.

    python -m tests.metrics.independent tests/metrics/independent.json

writes the numbers that test_independent.py holds the package to (about ten minutes, most of them
for DCI's trees). Where a choice is a convention and no part of the definition (bins, the machine
behind SAP, rounds of boosting), it is that of disentanglement_lib, as its documentation and
configuration state it.
"""

import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax
from scipy.stats import rankdata
from sklearn.tree import DecisionTreeRegressor

from tests.metrics.independent_information import awake, mig, mig_sup, modularity, purity, shares
from tests.metrics.independent_latents import axis_parts, nk, snc

SIZES = (3, 6, 10, 8, 8)
LATENTS = 10
POINTS, TEST_POINTS = 10_000, 5_000
ROUNDS, FEW_ROUNDS = 100, 3
CASES = ("perfect", "noisy", "rotated", "constant")


def encode(case: str, y: np.ndarray, source: np.random.Generator) -> np.ndarray:
    """Codes (…, 10) of factor values (…, 5): each factor from −1 to 1 in a latent of its own, five
    latents without one, and normal noise on all, σ = 0.01 (noisy: 0.5). Rotated: all ten mixed.
    Constant: the last latent is 0.7 throughout."""
    z = (0.5 if case == "noisy" else 0.01) * source.normal(size=(*y.shape[:-1], LATENTS))
    z[..., : len(SIZES)] += 2 * y / (np.array(SIZES) - 1) - 1
    if case == "rotated":
        z = z @ np.linalg.qr(np.random.default_rng(3).normal(size=(LATENTS, LATENTS)))[0]
    if case == "constant":
        z[..., -1] = 0.7
    return z


def fixed_points(case: str) -> tuple[np.ndarray, np.ndarray]:
    """Codes (15,000, 10) and factor values (15,000, 5): the training points, then the others."""
    source = np.random.default_rng(2026)
    y = source.integers(SIZES, size=(POINTS + TEST_POINTS, len(SIZES)))
    return encode(case, y, source), y


def alive(z: np.ndarray) -> np.ndarray:
    return z[:, np.ptp(z, axis=0) > 0]


# ---- one latent, one factor: SAP


def separator(x: np.ndarray, sign: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The (w, b) that minimises ½ (w² + b²) + Σ weight · max(0, 1 − sign (w x + b))², by Newton
    steps: the loss is convex and piecewise quadratic."""
    rows = np.stack([x, np.ones_like(x)], 1)

    def loss(v: np.ndarray) -> float:
        return 0.5 * v @ v + weight @ np.maximum(0, 1 - sign * (rows @ v)) ** 2

    v = np.zeros(2)
    for _ in range(200):
        inside = sign * (rows @ v) < 1
        near, pull = rows[inside], weight[inside]
        slope = v - 2 * near.T @ (pull * (sign[inside] - near @ v))
        if np.abs(slope).max() < 1e-9:
            break
        step = np.linalg.solve(np.eye(2) + 2 * (near.T * pull) @ near, slope)
        share = 1.0
        while loss(v - share * step) > loss(v) and share > 1e-9:
            share /= 2
        v = v - share * step
    return v


def sap(z: np.ndarray, y: np.ndarray, z_test: np.ndarray, y_test: np.ndarray) -> float:
    """Kumar et al. (2018), section 3, with a linear machine of C = 0.01 on one latent, one value
    against the rest; a value's own points weigh as much as if all values were equally frequent."""
    gaps = []
    for k in range(y.shape[1]):
        values, counts = np.unique(y[:, k], return_counts=True)
        accuracy = []
        for d in range(z.shape[1]):
            heights = []
            for value, count in zip(values, counts, strict=True):
                own = y[:, k] == value
                weight = 0.01 * np.where(own, len(y) / (len(values) * count), 1)
                w, b = separator(z[:, d], np.where(own, 1.0, -1.0), weight)
                heights.append(w * z_test[:, d] + b)
            guess = values[np.argmax(heights, axis=0)]
            accuracy.append((guess == y_test[:, k]).mean())
        second, best = np.sort(accuracy)[-2:]
        gaps.append(best - second)
    return float(np.mean(gaps))


# ---- boosted trees: DCI


def boosted(
    z: np.ndarray, y: np.ndarray, z_test: np.ndarray, y_test: np.ndarray, rounds: int
) -> tuple[np.ndarray, float]:
    """Importance (D,) of each latent and accuracy on the test points, of gradient boosting for one
    factor: Friedman (2001), algorithm 6, trees of depth 3, learning rate 0.1. (Importances: the
    mean over trees of what splits on the latent reduced the squared error by, as a share. Which of
    two equally good splits a tree takes is random: from scikit-learn's stream of seed 0.)"""
    ties = np.random.RandomState(0)
    values, number = np.unique(y, return_inverse=True)
    truth = np.eye(len(values))[number]
    height = np.tile(np.log(truth.mean(0)), (len(z), 1))
    height_test = np.tile(np.log(truth.mean(0)), (len(z_test), 1))
    importances = []
    for _ in range(rounds):
        residual = truth - softmax(height, axis=1)
        for k, r in enumerate(residual.T):
            tree = DecisionTreeRegressor(max_depth=3, random_state=ties).fit(z, r)
            leaf, leaf_test = tree.apply(z), tree.apply(z_test)
            top = np.bincount(leaf, weights=r)
            bottom = np.bincount(leaf, weights=np.abs(r) * (1 - np.abs(r)))
            move = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 1e-150)
            move *= 0.1 * (len(values) - 1) / len(values)
            height[:, k] += move[leaf]
            height_test[:, k] += move[leaf_test]
            if tree.tree_.node_count > 1:
                importances.append(tree.tree_.compute_feature_importances(normalize=False))
    mean = np.mean(importances, axis=0)
    guess = values[height_test.argmax(1)]
    return mean / mean.sum(), float((guess == y_test).mean())


def dci(
    z: np.ndarray, y: np.ndarray, z_test: np.ndarray, y_test: np.ndarray, rounds: int
) -> tuple[float, float, float]:
    """Eastwood & Williams (2018), section 2: disentanglement, completeness, informativeness (here
    the accuracy), the first two weighted by shares of importance."""
    fits = [boosted(z, y[:, k], z_test, y_test[:, k], rounds) for k in range(y.shape[1])]
    matrix = np.stack([importance for importance, _ in fits], 1)

    def weighted(rows: np.ndarray) -> float:
        total = 0.0
        for row in rows:
            p = row[row > 0] / row.sum() if row.sum() > 0 else np.ones(1)
            total += row.sum() * (1 + (p * np.log(p)).sum() / np.log(len(row)))
        return total / rows.sum()

    return weighted(matrix), weighted(matrix.T), float(np.mean([right for _, right in fits]))


# ---- logistic regression: explicitness, InfoE and Higgins' metric


def chances(x: np.ndarray, y: np.ndarray, x_test: np.ndarray, penalty: float = 1.0) -> np.ndarray:
    """Probabilities (M, K) by multinomial logistic regression on standardised points, with half the
    squared weights, the intercepts left free, as penalty (times `penalty`)."""
    mean, scale = x.mean(0), x.std(0)
    rows, rows_test = (np.c_[(part - mean) / scale, np.ones(len(part))] for part in (x, x_test))
    truth = np.eye(y.max() + 1)[y]
    shape = rows.shape[1], truth.shape[1]
    free = np.full(shape, penalty)
    free[-1] = 0

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        w = flat.reshape(shape)
        scores = rows @ w
        value = (logsumexp(scores, axis=1) - (scores * truth).sum(1)).sum()
        slope = rows.T @ (softmax(scores, axis=1) - truth) + free * w
        return value + 0.5 * (free * w**2).sum(), slope.ravel()

    options = {"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-13, "gtol": 1e-4}
    best = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options=options)
    return softmax(rows_test @ best.x.reshape(shape), axis=1)


def infoe(z: np.ndarray, y: np.ndarray, z_test: np.ndarray, y_test: np.ndarray) -> float:
    """Hsu et al. (2023): the mean share of a factor's entropy that the regression explains."""
    inside, found = awake(z), []
    for k in range(y.shape[1]):
        entropy = -np.log(np.bincount(y[:, k]) / len(y))[y_test[:, k]].mean()
        guessed = chances(z[:, inside], y[:, k], z_test[:, inside], penalty=0.0)
        found.append(1 + np.log(guessed[np.arange(len(y_test)), y_test[:, k]]).mean() / entropy)
    return float(np.mean(np.maximum(found, 0)))


def explicitness(z: np.ndarray, y: np.ndarray, z_test: np.ndarray, y_test: np.ndarray) -> float:
    """Ridgeway & Mozer (2018), section 3, not rescaled: the mean area under the ROC curve, each
    value against the rest, by the rank sum of Mann & Whitney. Constant latents are left out."""
    moving = np.ptp(z, axis=0) > 0
    areas = []
    for k in range(y.shape[1]):
        each = []
        for value, column in enumerate(chances(z[:, moving], y[:, k], z_test[:, moving]).T):
            own = y_test[:, k] == value
            n, m = own.sum(), (~own).sum()
            each.append((rankdata(column)[own].sum() - n * (n + 1) / 2) / (n * m))
        areas.append(np.mean(each))
    return float(np.mean(areas))


def pair_differences(
    case: str, count: int, source: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The points (count, D) of Higgins' metric, 64 pairs each, and the held factors' numbers."""
    held = source.integers(len(SIZES), size=count)
    points = np.zeros((count, LATENTS))
    for i, k in enumerate(held):
        one, two = source.integers(SIZES, size=(2, 64, len(SIZES)))
        two[:, k] = one[:, k]
        points[i] = np.abs(encode(case, one, source) - encode(case, two, source)).mean(0)
    return points, held


def higgins(case: str) -> float:
    """Higgins et al. (2017), algorithm 1, by logistic regression, on pairs of its own."""
    source = np.random.default_rng(7)
    (x, k), (x_test, k_test) = (pair_differences(case, n, source) for n in (POINTS, TEST_POINTS))
    moving = x.std(0) > 0
    guess = chances(x[:, moving], k, x_test[:, moving]).argmax(1)
    return float((guess == k_test).mean())


def factor_vae(case: str) -> float:
    """Kim & Mnih (2018), section 5: a majority vote on the least varying of the normalised latents,
    64 images a point, on images of its own. Constant latents are left out."""
    source = np.random.default_rng(8)
    z, _ = fixed_points(case)
    scale = z.std(0)
    votes = []
    for count in (POINTS, TEST_POINTS):
        table = np.zeros((LATENTS, len(SIZES)), int)
        for _ in range(count):
            k = source.integers(len(SIZES))
            y = source.integers(SIZES, size=(64, len(SIZES)))
            y[:, k] = y[0, k]
            moved = encode(case, y, source).std(0)
            share = np.divide(moved, scale, out=np.full(LATENTS, np.inf), where=scale > 1e-9)
            table[share.argmin(), k] += 1
        votes.append(table)
    rule = votes[0].argmax(1)
    return float(votes[1][np.arange(LATENTS), rule].sum() / votes[1].sum())


# ---- latents by themselves: IRS and total correlation


def irs(z: np.ndarray, y: np.ndarray) -> float:
    """Suter et al. (2019), with the 0.99 quantile of the deviations in the place of their maximum
    within a factor's value, and constant latents left out."""
    z = alive(z)
    reach = np.abs(z - z.mean(0)).max(0)
    robust = np.zeros(z.shape[1])
    for column in y.T:
        groups = [z[column == value] for value in np.unique(column)]
        moved = [np.quantile(np.abs(g - g.mean(0)), 0.99, axis=0) for g in groups]
        robust = np.maximum(robust, 1 - np.mean(moved, axis=0) / reach)
    return float(robust @ reach / reach.sum())


def total_correlation(z: np.ndarray) -> float:
    """Of a Gaussian with the codes' covariance, constant latents left out: ½ (Σ log C_dd − Σ log
    of its eigenvalues)."""
    covariance = np.cov(alive(z).T)
    own, joint = np.diag(covariance), np.linalg.eigvalsh(covariance)
    return float(np.log(own).sum() - np.log(joint).sum()) / 2


def quick_scores(case: str) -> dict[str, float]:
    """All that take seconds."""
    z, y = fixed_points(case)
    train, test = (z[:POINTS], y[:POINTS]), (z[POINTS:], y[POINTS:])
    few = dci(*train, *test, FEW_ROUNDS)
    axis, linear, aligned = axis_parts(z, y, range(POINTS, len(z)))
    return {
        "mig": mig(*train),
        "modularity": modularity(*train),
        "mig_sup": mig_sup(*train),
        "infomec": purity(shares(train[0][:, awake(train[0])], train[1])),
        "infoc": purity(shares(train[0][:, awake(train[0])], train[1]).T),
        "infoe": infoe(*train, *test),
        "sap": sap(*train, *test),
        "explicitness": explicitness(*train, *test),
        "snc": snc(*train, *test),
        "nk": nk(*train, *test),
        "axis_ratio": axis,
        "linear_ratio": linear,
        "axis_alignment": aligned,
        "irs": irs(*train),
        "total_correlation": total_correlation(train[0]),
        "factor_vae": factor_vae(case),
        "higgins": higgins(case),
        f"dci, {FEW_ROUNDS} rounds": few[0],
        f"completeness, {FEW_ROUNDS} rounds": few[1],
        f"informativeness, {FEW_ROUNDS} rounds": few[2],
    }


def tree_scores(case: str) -> dict[str, float]:
    """DCI's with all its trees: minutes."""
    z, y = fixed_points(case)
    found = dci(z[:POINTS], y[:POINTS], z[POINTS:], y[POINTS:], ROUNDS)
    return dict(zip(("dci", "completeness", "informativeness"), found, strict=True))


def main(path: Path) -> None:
    parts: tuple[Callable[[str], dict[str, float]], ...] = (quick_scores, tree_scores)
    scores: dict[str, Any] = {case: {} for case in CASES}
    made = {
        "command": "python -m tests.metrics.independent tests/metrics/independent.json",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
    }
    for part in parts:
        for case in CASES:
            scores[case] |= part(case)
            whole = {"made": made, "points": POINTS, "test_points": TEST_POINTS, "scores": scores}
            path.write_text(json.dumps(whole, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
