"""Numbers that describe an embedding: spread, separation, the length of paths."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, Refusal
from ..factors import FactorSpace
from .paths import FactorPath
from .projections import _checked

if TYPE_CHECKING:
    import pandas as pd


def path_length(points: np.ndarray) -> float:
    """Σ ‖pᵢ₊₁ − pᵢ‖ of points (n, D) in order, ≥ 0, in units of the prior's standard deviation."""
    return float(np.linalg.norm(np.diff(_checked(points, 1), axis=0), axis=1).sum())


def straightness(points: np.ndarray) -> float:
    """‖last − first‖ / path length, in [0, 1]: 1 on a straight line, 0 for a closed loop; NaN if
    nothing moves."""
    table = _checked(points, 1)
    length = path_length(table)
    return float(np.linalg.norm(table[-1] - table[0]) / length) if length > 0 else float("nan")


def nearest_distance(codes: np.ndarray) -> float:
    """The median distance from a code (N, D) to its nearest other one, ≥ 0: small for dense codes.
    Equal codes count, with distance 0."""
    table = _checked(codes)
    from scipy.spatial import cKDTree

    return float(np.median(cKDTree(table).query(table, k=2)[0][:, 1]))


def nearest_separation(mean: np.ndarray, log_var: np.ndarray) -> float:
    """The median over images of the least ‖(μᵢ − μⱼ) / σᵢ‖, ≥ 0: the distance to the nearest other
    image in units of an image's own posterior standard deviation. Well above 2, posteriors are
    separate; below about 1, they overlap. mean, log_var: (N, D); latents without information have
    equal means and do not count. Raises `InputError` as `fit_pca`."""
    table, deviation = _checked(mean), np.exp(0.5 * _checked(log_var))
    least = np.empty(len(table))
    for n in range(len(table)):
        apart = np.linalg.norm((table - table[n]) / deviation[n], axis=1)
        apart[n] = np.inf
        least[n] = apart.min()
    return float(np.median(least))


def path_numbers(
    paths: Sequence[FactorPath], mean: np.ndarray, log_var: np.ndarray, names: Sequence[str]
) -> dict[str, Any]:
    """The numbers of a panel, from the codes of its paths in order, mean and log_var (Σ n, D).

    For the distinct images among them: spread, the root mean over latents of the variance of the
    posterior means; sigma, the mean posterior standard deviation; `nearest_distance` as nearest and
    `nearest_separation` as separation (None if all codes are the same); kl, per latent, nats. For
    the paths: length and straightness, factor → mean over its paths.
    """
    sizes = [len(path.rows) for path in paths]
    if sum(sizes) != len(mean):
        raise InputError(
            f"The paths visit {sum(sizes)} images, got {len(mean)} codes.",
            Refusal.VALUE,
            name="codes",
            expected=sum(sizes),
            got=len(mean),
        )
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


def in_short(found: dict[str, Any]) -> str:
    """The most important of `path_numbers`, below a panel."""
    if found["separation"] is None:
        return f"every image has the same code · posterior σ {found['sigma']:.2g}"
    spread, sigma, away = (
        f"{found[name]:.2g}" if found[name] >= 0.001 else "< 0.001"
        for name in ("spread", "sigma", "separation")
    )
    return f"spread {spread} · posterior σ {sigma} · distance to nearest code {away} posterior σ"


def number_column(numbers: dict[str, Any], *, with_paths: bool) -> dict[str, float | None]:
    """`path_numbers` as one column of a table, name → value; with_paths: include the length and
    straightness of each factor's path, which only ordered images have."""
    column: dict[str, float | None] = {
        "spread of the posterior means": numbers["spread"],
        "mean posterior σ": numbers["sigma"],
        "distance to the nearest code": numbers["nearest"],
        "distance to the nearest code, in posterior σ": numbers["separation"],
    }
    if with_paths:
        column |= {f"path length, {k}": v for k, v in numbers["length"].items()}
        column |= {f"straightness of the path, {k}": v for k, v in numbers["straightness"].items()}
    return column | {"KL summed over all latents, nats": sum(numbers["kl"])}


def embedding_table(
    rows: np.ndarray,
    groups: Sequence[str],
    points: np.ndarray,
    mean: np.ndarray,
    log_var: np.ndarray,
    space: FactorSpace | None = None,
) -> "pd.DataFrame":
    """An embedding as a table, one row per point: its image (of `rows`, (N,)), its group, the
    position of every factor if they are known, the point (N, A), posterior mean and σ of every
    latent (N, D)."""
    columns: dict[str, Any] = {"image": rows, "group": list(groups)}
    if space is not None:
        positions = space.factors(rows)
        columns |= {f"{n} (position)": positions[:, k] for k, n in enumerate(space.names)}
    columns |= {f"map {axis + 1}": points[:, axis] for axis in range(points.shape[1])}
    for d in range(mean.shape[1]):
        columns |= {f"z{d}": mean[:, d], f"z{d} sigma": np.exp(0.5 * log_var[:, d])}
    import pandas as pd  # for tables only: training on a lean machine needs none

    return pd.DataFrame(columns)
