"""Where ground-truth traversals land in latent space: which images they visit, how their codes are
embedded, and numbers that say what the eye sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.spatial import cKDTree
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from .errors import InputError
from .factors import FactorSpace
from .rng import generator


@dataclass(frozen=True)
class Path:
    """Images along one factor, in the order of its values."""

    factor: int
    rows: np.ndarray  # (n,) indices of the dataset


def star(space: FactorSpace, base: np.ndarray | None = None) -> list[Path]:
    """From one image along every factor, one at a time, through all its values: a path per factor,
    all of which pass through `base` (K,), by default the median of every factor (paper, Fig 5)."""
    start = space.median() if base is None else np.asarray(base)
    return [Path(k, space.sweep(start, k)) for k in range(len(space.sizes))]


def grid(space: FactorSpace, one: int, two: int, base: np.ndarray | None = None) -> list[Path]:
    """Two factors jointly through all their values, the others at `base`: the lines of a net, those
    along `one` first. Raises `InputError` for the same factor twice."""
    if one == two:
        raise InputError(f"A grid needs two different factors, got {space.names[one]} twice.")
    start = space.median() if base is None else np.asarray(base)
    paths = []
    for along, across in ((one, two), (two, one)):
        for value in range(space.sizes[across]):
            moved = start.copy()
            moved[across] = value
            paths.append(Path(along, space.sweep(moved, along)))
    return paths


def random_paths(space: FactorSpace, count: int, seed: int = 0) -> list[Path]:
    """`count` paths along every factor, each through a uniform random image of its own."""
    if count < 1:
        raise InputError(f"Random traversals need a count of at least 1, got {count}.")
    source = generator(seed, "paths")
    return [
        Path(k, space.sweep(space.factors(space.sample(1, source).numpy())[0], k))
        for k in range(len(space.sizes))
        for _ in range(count)
    ]


# ---- embeddings


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
    """The principal axes of codes (N, D), of as many components as there can be up to `components`.

    The sign of each axis is set so that its largest entry is positive: panels of the same codes
    look the same. Raises `InputError` for fewer than two codes, NaN or infinity.
    """
    table = _checked(codes)
    with np.errstate(invalid="ignore"):  # 0 / 0 where all codes are one point
        found = PCA(min(components, *table.shape), svd_solver="full").fit(table)
    total = table.var(0, ddof=1).sum()
    axes = found.components_
    largest = np.abs(axes).argmax(1)
    axes = axes * np.where(axes[np.arange(len(axes)), largest] < 0, -1, 1)[:, None]
    share = found.explained_variance_ / total if total > 0 else np.zeros(len(axes))
    return Projection(found.mean_, axes, share)


def embed_tsne(codes: np.ndarray, seed: int = 0, perplexity: float = 30.0) -> np.ndarray:
    """Codes (N, D) to (N, 2) by t-SNE (van der Maaten & Hinton 2008): neighbours stay neighbours,
    distances and directions mean nothing. Raises `InputError` as `fit_pca`, and for codes that are
    all the same."""
    table = _varied(codes)
    usable = min(perplexity, (len(table) - 1) / 3)
    return TSNE(perplexity=max(usable, 1), random_state=seed).fit_transform(table)


def embed_umap(codes: np.ndarray, seed: int = 0, neighbours: int = 15) -> np.ndarray:
    """Codes (N, D) to (N, 2) by UMAP (McInnes et al. 2018). Raises `InputError` as
    `embed_tsne`."""
    table = _varied(codes)
    from umap import UMAP  # not at import: it takes seconds

    usable = max(min(neighbours, len(table) - 1), 2)
    return UMAP(n_neighbors=usable, init="pca", random_state=seed, n_jobs=1).fit_transform(table)


def _varied(codes: np.ndarray) -> np.ndarray:
    """Of two or more columns, and not all rows the same, which the neighbour methods can't take."""
    table = _checked(codes)
    if not np.ptp(table, axis=0).any():
        raise InputError(
            "All codes are the same: there are no neighbours to embed; PCA shows them."
        )
    return table if table.shape[1] > 1 else np.pad(table, ((0, 0), (0, 1)))


# ---- numbers under a panel


def path_length(points: np.ndarray) -> float:
    """Σ ‖pᵢ₊₁ − pᵢ‖ of points (n, D) in order, ≥ 0, in units of the prior's standard deviation."""
    return float(np.linalg.norm(np.diff(_checked(points, 1), axis=0), axis=1).sum())


def straightness(points: np.ndarray) -> float:
    """‖last − first‖ / path length, in [0, 1]: 1 on a straight line, 0 for a closed loop; NaN where
    nothing moves."""
    table = _checked(points, 1)
    length = path_length(table)
    return float(np.linalg.norm(table[-1] - table[0]) / length) if length > 0 else float("nan")


def nearest_distance(codes: np.ndarray) -> float:
    """The median distance from a code (N, D) to its nearest other one, ≥ 0: small where the codes
    lie densely. Equal codes count, with distance 0."""
    table = _checked(codes)
    return float(np.median(cKDTree(table).query(table, k=2)[0][:, 1]))


def nearest_separation(mean: np.ndarray, log_var: np.ndarray) -> float:
    """The median over images of the least ‖(μᵢ − μⱼ) / σᵢ‖, ≥ 0: how many of its own posterior
    standard deviations an image is away from the nearest other one. Well above 2 posteriors keep
    apart; below about 1 they cover each other. mean, log_var: (N, D); latents that carry nothing
    have equal means and do not count. Raises `InputError` as `fit_pca`."""
    table, deviation = _checked(mean), np.exp(0.5 * _checked(log_var))
    least = np.empty(len(table))
    for n in range(len(table)):
        apart = np.linalg.norm((table - table[n]) / deviation[n], axis=1)
        apart[n] = np.inf
        least[n] = apart.min()
    return float(np.median(least))


def path_numbers(
    paths: Sequence[Path], mean: np.ndarray, log_var: np.ndarray, names: Sequence[str]
) -> dict[str, Any]:
    """What a panel shows, of the codes of its paths in order, mean and log_var (Σ n, D).

    Of the distinct images among them: spread, the root mean over latents of the variance of the
    posterior means; sigma, the mean posterior standard deviation; `nearest_distance` as nearest and
    `nearest_separation` as separation (None where all codes are the same); kl, per latent, nats. Of
    the paths: length and straightness, factor → mean over its paths.
    """
    sizes = [len(path.rows) for path in paths]
    if sum(sizes) != len(mean):
        raise InputError(f"The paths visit {sum(sizes)} images, got {len(mean)} codes.")
    parts = np.split(mean, np.cumsum(sizes)[:-1])
    _, once = np.unique(np.concatenate([path.rows for path in paths]), return_index=True)
    means, log_vars = mean[once], log_var[once]
    deviation = np.exp(0.5 * log_vars)
    varied = bool(len(once) > 1 and np.ptp(means, axis=0).any())
    by_factor: dict[str, dict[str, float]] = {"length": {}, "straightness": {}}
    for factor in sorted({path.factor for path in paths}):
        here = [part for path, part in zip(paths, parts, strict=True) if path.factor == factor]
        by_factor["length"][names[factor]] = float(np.mean([path_length(p) for p in here]))
        by_factor["straightness"][names[factor]] = float(np.mean([straightness(p) for p in here]))
    kl = 0.5 * (means**2 + deviation**2 - log_vars - 1)
    return {
        "spread": float(np.sqrt(means.var(0).mean())),
        "sigma": float(deviation.mean()),
        "nearest": nearest_distance(means) if varied else None,
        "separation": nearest_separation(means, log_vars) if varied else None,
        **by_factor,
        "kl": kl.mean(0).tolist(),
    }


def number_column(numbers: dict[str, Any], *, with_paths: bool) -> dict[str, float | None]:
    """`path_numbers` as one column of a table, by what each is called; with_paths: with the length
    and straightness of each factor's path, which only images in an order have."""
    column: dict[str, float | None] = {
        "spread of the means": numbers["spread"],
        "mean posterior σ": numbers["sigma"],
        "distance to the nearest code": numbers["nearest"],
        "the same in posterior σ": numbers["separation"],
    }
    if with_paths:
        column |= {f"length of the path of {k}": v for k, v in numbers["length"].items()}
        column |= {f"straightness of {k}": v for k, v in numbers["straightness"].items()}
    return column | {"KL, all latents, nats": sum(numbers["kl"])}


def embedding_table(
    rows: np.ndarray,
    groups: Sequence[str],
    points: np.ndarray,
    mean: np.ndarray,
    log_var: np.ndarray,
    space: FactorSpace | None = None,
) -> pd.DataFrame:
    """What an embedding shows as numbers, a row per point: its image (of `rows`, (N,)), the group
    it belongs to, the position of every factor where they are known, the point (N, A), posterior
    mean and σ of every latent (N, D)."""
    columns: dict[str, Any] = {"image": rows, "group": list(groups)}
    if space is not None:
        positions = space.factors(rows)
        columns |= {f"{n} (position)": positions[:, k] for k, n in enumerate(space.names)}
    columns |= {f"map {axis + 1}": points[:, axis] for axis in range(points.shape[1])}
    for d in range(mean.shape[1]):
        columns |= {f"z{d}": mean[:, d], f"z{d} sigma": np.exp(0.5 * log_var[:, d])}
    return pd.DataFrame(columns)


def _checked(codes: np.ndarray, fewest: int = 2) -> np.ndarray:
    table = np.asarray(codes, np.float64)
    if table.ndim != 2 or len(table) < fewest or not table.shape[1]:
        raise InputError(
            f"An embedding needs codes (N, D) of {fewest} or more images, got {table.shape}."
        )
    if not np.isfinite(table).all():
        raise InputError("The codes hold NaN or infinite values.")
    return table


def encode_rows(
    encode: Any, images: Any, rows: np.ndarray, batch: int = 256
) -> tuple[np.ndarray, np.ndarray]:
    """Posterior means and log-variances, float64 (N, D) each, of the images at `rows`; encode: a
    representation's, images: a dataset's."""
    parts = []
    with torch.no_grad():
        for part in torch.from_numpy(np.asarray(rows)).split(batch):
            parts.append(encode(images(part).float() / 255))
    means, log_vars = zip(*parts, strict=True)
    return torch.cat(means).double().numpy(), torch.cat(log_vars).double().numpy()
