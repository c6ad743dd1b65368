"""Codes to a few coordinates: PCA, t-SNE and UMAP."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError, Refusal, not_finite, wrong_value


@dataclass(frozen=True)
class Projection:
    """An affine map of codes to a few coordinates, fitted by PCA."""

    mean: np.ndarray  # (D,)
    axes: np.ndarray  # (C, D), orthonormal, by falling variance
    explained: np.ndarray  # (C,) share of the variance along each, in [0, 1]

    def __call__(self, codes: np.ndarray) -> np.ndarray:
        """Codes (N, D) to coordinates (N, C)."""
        return (codes - self.mean) @ self.axes.T


def fit_pca(codes: np.ndarray, components: int = 2) -> Projection:
    """The principal axes of codes (N, D), up to `components` of them, as far as there are any.

    The sign of each axis is set so that its largest entry is positive: panels of the same codes
    look the same. Raises `InputError` for fewer than two codes, NaN or infinity.
    """
    table = _checked(codes)
    mean = table.mean(0)
    _, lengths, axes = np.linalg.svd(table - mean, full_matrices=False)
    axes, variance = axes[:components], lengths[:components] ** 2 / (len(table) - 1)
    total = table.var(0, ddof=1).sum()
    largest = np.abs(axes).argmax(1)
    axes = axes * np.where(axes[np.arange(len(axes)), largest] < 0, -1, 1)[:, None]
    share = variance / total if total > 0 else np.zeros(len(axes))
    return Projection(mean, axes, share)


def embed_tsne(codes: np.ndarray, seed: int = 0, perplexity: float = 30.0) -> np.ndarray:
    """Codes (N, D) to (N, 2) by t-SNE (van der Maaten & Hinton 2008): neighbours stay neighbours,
    but distances and directions have no meaning. Raises `InputError` as `fit_pca`, and for codes
    that are all the same."""
    table = _varied(codes)
    usable = min(perplexity, (len(table) - 1) / 3)
    from sklearn.manifold import TSNE

    return TSNE(perplexity=max(usable, 1), random_state=seed).fit_transform(table)


def embed_umap(codes: np.ndarray, seed: int = 0, neighbours: int = 15) -> np.ndarray:
    """Codes (N, D) to (N, 2) by UMAP (McInnes et al. 2018). Raises `InputError` as
    `embed_tsne`."""
    table = _varied(codes)
    from threadpoolctl import threadpool_limits

    usable = max(min(neighbours, len(table) - 1), 2)
    with threadpool_limits(1, "openmp"):  # UMAP sets it for the whole process, PyTorch included
        from umap import UMAP  # not at import: it takes seconds

        return UMAP(n_neighbors=usable, init="pca", random_state=seed, n_jobs=1).fit_transform(
            table
        )


def _varied(codes: np.ndarray) -> np.ndarray:
    """Codes of two or more columns and with different rows, as the neighbour methods need them."""
    table = _checked(codes)
    if not np.ptp(table, axis=0).any():
        raise InputError(
            "All codes are the same: there are no neighbours to embed; PCA shows them.",
            Refusal.VALUE,
            name="codes",
            expected="different ones",
        )
    return table if table.shape[1] > 1 else np.pad(table, ((0, 0), (0, 1)))


def _checked(codes: np.ndarray, fewest: int = 2) -> np.ndarray:
    table = np.asarray(codes, np.float64)
    if table.ndim != 2 or len(table) < fewest or not table.shape[1]:
        raise wrong_value(
            "An embedding", f"codes (N, D) of {fewest} or more images", table.shape, "needs"
        )
    if not np.isfinite(table).all():
        raise not_finite("The codes")
    return table
