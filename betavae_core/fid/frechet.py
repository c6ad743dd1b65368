"""The Fréchet distance between two Gaussians. Dowson & Landau (1982); as FID: Heusel et al. (2017),
equation 6 of the paper that this project reproduces."""

from contextlib import suppress

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError, Refusal, differing, not_finite, wrong_value

SLACK = 1e-8  # permitted asymmetry or negativity of a covariance, relative to its largest entry


def frechet_distance(mean1: ArrayLike, cov1: ArrayLike, mean2: ArrayLike, cov2: ArrayLike) -> float:
    """‖μ₁ − μ₂‖² + Tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½), in float64.

    mean: (D,), cov: (D, D), symmetric and positive semidefinite; singular ones are fine. At least
    0, lower is better, 0 for equal Gaussians; in squared units of the features. The trace of the
    root is the sum of the roots of the eigenvalues of Rᵀ Σ₂ R with R Rᵀ = Σ₁, which are real and at
    least 0 by construction. Raises `InputError` for shapes that do not fit, NaN or infinity, and
    matrices that are not covariances.
    """
    mean1, cov1 = check_gaussian(mean1, cov1)
    return frechet_to_root(mean1, covariance_root(cov1), mean2, cov2)


def frechet_to_root(
    mean1: np.ndarray, root1: np.ndarray, mean2: ArrayLike, cov2: ArrayLike
) -> float:
    """The same with the root (D, r) of Σ₁, root1 @ root1.T = Σ₁ (`covariance_root`): for a
    reference of many comparisons."""
    mean2, cov2 = check_gaussian(mean2, cov2)
    if mean1.shape != mean2.shape:
        raise differing("Gaussians", len(mean1), len(mean2))
    values = np.linalg.eigvalsh(root1.T @ cov2 @ root1) if root1.shape[1] else np.zeros(0)
    both = np.sqrt(_cut(_not_negative(values))).sum()
    spread = (root1**2).sum() + np.trace(cov2) - 2 * both
    return float(max(((mean1 - mean2) ** 2).sum() + spread, 0))


def frechet_of_features_to_root(
    mean1: np.ndarray, root1: np.ndarray, features2: ArrayLike
) -> float:
    """`frechet_to_root` with the features (N, D), N ≥ 2, of the other side: exact even with fewer
    images than dimensions, and without their covariance, which is then singular."""
    table = check_features(features2)
    if len(table) > table.shape[1]:
        return frechet_to_root(mean1, root1, table.mean(0), np.cov(table.T))
    if mean1.shape != table.shape[1:]:
        raise differing("sets", len(mean1), table.shape[1])
    mean2 = table.mean(0)
    part = (table - mean2) / np.sqrt(len(table) - 1)
    both = np.linalg.svd(part @ root1, compute_uv=False).sum()
    spread = (root1**2).sum() + (part**2).sum() - 2 * both
    return float(max(((mean1 - mean2) ** 2).sum() + spread, 0))


def covariance_root(cov: np.ndarray) -> np.ndarray:
    """R (D, r) with R Rᵀ = cov (D, D): its Cholesky factor, or for a singular one from its
    eigenvectors, with r its numerical rank."""
    with suppress(np.linalg.LinAlgError):
        return np.linalg.cholesky(cov)
    values, vectors = np.linalg.eigh(cov)
    values = _cut(_not_negative(values))
    used = values > 0
    return vectors[:, used] * np.sqrt(values[used])


def _not_negative(values: np.ndarray) -> np.ndarray:
    """The eigenvalues, unchanged; raises `InputError` if one is negative beyond rounding."""
    if len(values) and values.min() < -SLACK * np.abs(values).max():
        raise InputError(
            "A covariance must not have negative eigenvalues, but this one has.",
            Refusal.VALUE,
            name="covariance",
        )
    return values


def _cut(values: np.ndarray) -> np.ndarray:
    """Set eigenvalues that are 0 up to rounding to 0."""
    largest = values.max(initial=0.0)
    return np.where(values > len(values) * np.finfo(np.float64).eps * largest, values, 0)


def check_gaussian(mean: ArrayLike, cov: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """As float64; raises `InputError` unless they are a valid mean and covariance."""
    mean, cov = np.asarray(mean, np.float64), np.asarray(cov, np.float64)
    if mean.ndim != 1 or cov.shape != (len(mean), len(mean)) or not len(mean):
        raise InputError(
            f"A Gaussian needs a mean (D,) and a covariance (D, D), got {mean.shape} and "
            f"{cov.shape}.",
            Refusal.VALUE,
            name="Gaussian",
            expected="(D,) and (D, D)",
        )
    if not (np.isfinite(mean).all() and np.isfinite(cov).all()):
        raise not_finite("The numbers of a Gaussian")
    scale = np.abs(cov).max()
    if np.abs(cov - cov.T).max() > SLACK * scale or cov.diagonal().min() < -SLACK * scale:
        raise InputError(
            "A covariance must be symmetric with a diagonal of at least 0.",
            Refusal.VALUE,
            name="covariance",
        )
    return mean, (cov + cov.T) / 2


def check_features(features: ArrayLike) -> np.ndarray:
    """As float64; raises `InputError` unless they are (N, D) with N ≥ 2 and finite."""
    table = np.asarray(features, np.float64)
    if table.ndim != 2 or len(table) < 2 or not table.shape[1]:
        raise wrong_value("Features", "(N, D) of two or more images", table.shape)
    if not np.isfinite(table).all():
        raise not_finite("The features")
    return table
