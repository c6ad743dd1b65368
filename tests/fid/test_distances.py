"""Distances against closed forms, SciPy and each other."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from betavae_core.fid import (
    add_features,
    frechet_distance,
    kernel_distance,
    no_moments,
)
from betavae_core.fid.frechet import covariance_root, frechet_of_features_to_root
from tests.oracles import frechet_of, one_sentence

RNG = np.random.default_rng(0)


def gaussian(dimensions: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    source = np.random.default_rng(seed)
    factor = source.normal(size=(dimensions, 2 * dimensions))
    return source.normal(size=dimensions), factor @ factor.T / dimensions


def reference(mean1, cov1, mean2, cov2):  # type: ignore[no-untyped-def]
    root = sqrtm(cov1 @ cov2).real
    return ((mean1 - mean2) ** 2).sum() + np.trace(cov1 + cov2 - 2 * root)


def test_closed_forms() -> None:
    mean, cov = gaussian(6)
    assert frechet_distance(mean, cov, mean, cov) == pytest.approx(0, abs=1e-9)
    shift = np.arange(6.0)
    assert frechet_distance(mean, cov, mean + shift, cov) == pytest.approx((shift**2).sum())
    # the root of cov · 4 cov is 2 cov: Tr(cov + 4 cov − 4 cov)
    assert frechet_distance(mean, cov, mean, 4 * cov) == pytest.approx(np.trace(cov))
    one = frechet_distance([1.0], [[4.0]], [3.0], [[9.0]])
    assert one == pytest.approx((1 - 3) ** 2 + (2 - 3) ** 2)
    diagonal = [np.diag(RNG.uniform(0.1, 5, 7)) for _ in range(2)]
    expected = ((np.sqrt(diagonal[0]) - np.sqrt(diagonal[1])) ** 2).sum()
    assert frechet_distance(np.zeros(7), diagonal[0], np.zeros(7), diagonal[1]) == pytest.approx(
        expected
    )


@pytest.mark.parametrize("dimensions", [1, 3, 50, 200])
def test_agrees_with_scipy(dimensions: int) -> None:
    one, two = gaussian(dimensions, 1), gaussian(dimensions, 2)
    assert frechet_distance(*one, *two) == pytest.approx(reference(*one, *two), rel=1e-9)


def test_symmetry_and_invariance() -> None:
    (m1, c1), (m2, c2) = gaussian(20, 1), gaussian(20, 2)
    usual = frechet_distance(m1, c1, m2, c2)
    assert frechet_distance(m2, c2, m1, c1) == pytest.approx(usual, rel=1e-10)
    assert frechet_distance(m1 + 100, c1, m2 + 100, c2) == pytest.approx(usual, rel=1e-10)
    turn, _ = np.linalg.qr(RNG.normal(size=(20, 20)))
    turned = frechet_distance(turn @ m1, turn @ c1 @ turn.T, turn @ m2, turn @ c2 @ turn.T)
    assert turned == pytest.approx(usual, rel=1e-9)


def test_singular_covariances() -> None:
    """Two Gaussians on orthogonal lines: nothing in common, Tr Σ₁ + Tr Σ₂."""
    one, two = np.diag([4.0, 0, 0]), np.diag([0, 9.0, 0])
    assert frechet_distance(np.zeros(3), one, np.zeros(3), two) == pytest.approx(13)
    nothing = np.zeros((3, 3))
    assert frechet_distance(np.zeros(3), nothing, np.ones(3), nothing) == 3
    assert frechet_distance(np.zeros(3), nothing, np.zeros(3), one) == 4
    assert covariance_root(one).shape == (3, 1)


@pytest.mark.parametrize(("n", "m"), [(30, 20), (5, 200), (200, 5), (200, 300)])
def test_fewer_images_than_dimensions(n: int, m: int) -> None:
    """The low-rank form against the covariances themselves, slightly regularised for SciPy."""
    x, y = RNG.normal(size=(n, 64)), RNG.normal(size=(m, 64)) * 1.5 + 0.3
    root = covariance_root(np.cov(x.T))
    found = frechet_of_features_to_root(x.mean(0), root, y)
    direct = frechet_distance(x.mean(0), np.cov(x.T), y.mean(0), np.cov(y.T))
    assert found == pytest.approx(direct, rel=1e-7)
    ridge = 1e-9 * np.eye(64)
    root = reference(x.mean(0), np.cov(x.T) + ridge, y.mean(0), np.cov(y.T) + ridge)
    assert found == pytest.approx(root, rel=1e-3)


def test_moments_in_batches_are_those_of_all() -> None:
    features = RNG.normal(size=(101, 8)) + 1e4  # far from 0, where naive sums cancel
    moments = no_moments(8)
    for batch in np.split(features, [1, 2, 40]):
        moments = add_features(moments, batch)
    assert moments.count == 101
    assert moments.mean == pytest.approx(features.mean(0))
    assert moments.covariance == pytest.approx(np.cov(features.T), rel=1e-9)
    assert add_features(moments, np.empty((0, 8))).count == 101
    with one_sentence("(N, 8)"):
        add_features(moments, np.ones((3, 7)))
    with one_sentence("NaN"):
        add_features(moments, np.full((3, 8), np.nan))
    with one_sentence("two or more images"):
        _ = add_features(no_moments(8), features[:1]).covariance


def brute_kid(x: np.ndarray, y: np.ndarray) -> float:
    def k(a: np.ndarray, b: np.ndarray) -> float:
        return float((a @ b / len(a) + 1) ** 3)

    n, m = len(x), len(y)
    xx = sum(k(x[i], x[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    yy = sum(k(y[i], y[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return xx + yy - 2 * sum(k(a, b) for a in x for b in y) / (n * m)


def test_kernel_distance_by_hand() -> None:
    x, y = RNG.normal(size=(12, 4)), RNG.normal(size=(12, 4)) + 0.5
    assert float(kernel_distance(x, y)) == pytest.approx(brute_kid(x, y))


def test_kernel_distance_is_unbiased() -> None:
    """Of equal distributions it averages to 0, however few images; the Fréchet one does not."""
    found = [
        float(kernel_distance(RNG.normal(size=(20, 5)), RNG.normal(size=(20, 5))))
        for _ in range(400)
    ]
    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found)) < 3 * error
    assert min(found) < 0
    assert frechet_of(RNG.normal(size=(20, 5)), RNG.normal(size=(20, 5))) > 0.1


def test_kernel_distance_over_subsets() -> None:
    x, y = RNG.normal(size=(300, 6)), RNG.normal(size=(400, 6)) + 0.3
    found = kernel_distance(x, y, subsets=50, subset_size=100)
    assert 0 < found.standard_error < 0.2 * found
    assert float(found) == pytest.approx(brute_kid(x[:150], y[:150]), rel=0.3)
    assert kernel_distance(x, y, seed=1, subset_size=50) == kernel_distance(
        x, y, seed=1, subset_size=50
    )
    assert kernel_distance(x, y, seed=1, subset_size=50) != kernel_distance(
        x, y, seed=2, subset_size=50
    )
    assert kernel_distance(y, x, subsets=50, subset_size=100) == pytest.approx(found, rel=0.2)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (([0.0], [[1.0]], [0.0, 0.0], np.eye(2)), "dimensions"),
        (([0.0], np.eye(2), [0.0], [[1.0]]), "(D, D)"),
        (([np.nan], [[1.0]], [0.0], [[1.0]]), "NaN"),
        (([0.0], [[np.inf]], [0.0], [[1.0]]), "infinite"),
        (([0.0, 0.0], [[1.0, 0.5], [0.0, 1.0]], [0.0, 0.0], np.eye(2)), "symmetric"),
        (([0.0], [[-1.0]], [0.0], [[1.0]]), "at least 0"),
        (([], np.zeros((0, 0)), [], np.zeros((0, 0))), "(D,)"),
    ],
)
def test_what_is_no_gaussian_is_refused(arguments: tuple, named: str) -> None:
    with one_sentence(named):
        frechet_distance(*arguments)


def to_root(good: np.ndarray, other: np.ndarray) -> float:
    return frechet_of_features_to_root(good.mean(0), covariance_root(np.cov(good.T)), other)


@pytest.mark.parametrize("distance", [to_root, kernel_distance])
def test_bad_features_are_refused(distance) -> None:  # type: ignore[no-untyped-def]
    good = RNG.normal(size=(10, 3))
    for wrong, named in (
        (good[:1], "two or more images"),
        (good[:, :2], "dimensions"),
        (np.full((10, 3), np.nan), "NaN"),
        (good[0], "(N, D)"),
    ):
        with one_sentence(named):
            distance(good, wrong)


def test_what_is_no_covariance_is_refused_on_either_side() -> None:
    wrong, right = np.array([[1.0, 2.0], [2.0, 1.0]]), np.eye(2)
    for pair in ((wrong, right), (right, wrong)):
        with one_sentence("not have negative eigenvalues"):
            frechet_distance(np.zeros(2), pair[0], np.zeros(2), pair[1])
