"""The histories of many runs as one table."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ..store import Run, unsteered


def comparable_training(rows: pd.DataFrame, features: str | None = None) -> pd.DataFrame:
    """The `training_rows` with comparable distances: of the given features if there are any, and
    of the most frequent numbers of images."""
    seen = rows[rows["frechet"].notna()]
    if features in set(seen["features"]):
        seen = seen[seen["features"] == features]
    groups = [g for _, g in seen.groupby(["features", "made_images", "reference_images"])]
    return max(groups, key=len) if groups else seen


def training_rows(runs: Sequence[Run]) -> pd.DataFrame:
    """The histories of trained runs that may be compared (`store.unsteered`), a row per record.

    Columns: run, model, likelihood, beta, seed, images (seen), nll, kl (nats per image) and, if
    distances were measured, frechet, kernel, kernel_standard_error, features, made_images,
    reference_images; otherwise NaN or None.
    """
    rows: list[dict[str, Any]] = []
    for run in unsteered(runs):
        about = {key: getattr(run.config, key) for key in ("model", "likelihood", "beta", "seed")}
        for record in run.history:
            seen = record.get("distances")
            if "nll" not in record and not seen:
                continue
            row = {"run": run.name, **about, "images": record["images"]}
            row["nll"] = record.get("nll")
            row["kl"] = sum(record["kl"]) if "kl" in record else None
            for key in ("frechet", "kernel", "kernel_standard_error", "features"):
                row[key] = seen[key] if seen else None
            row["made_images"] = seen["images"] if seen else None
            row["reference_images"] = seen["reference_images"] if seen else None
            rows.append(row)
    columns = [
        "run", "model", "likelihood", "beta", "seed", "images", "nll", "kl", "frechet", "kernel",
        "kernel_standard_error", "features", "made_images", "reference_images",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
