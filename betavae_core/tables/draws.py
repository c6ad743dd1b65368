"""The single draws of Higgins' metric as a table, to show its dependence on the settings."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..beta import beta_text
from ..metrics.sensitivity import COLUMNS, rank_agreement
from ..models import MODELS
from ..store import Run
from .scores import BASELINE_TITLES, _versions, variant


def higgins_draws(runs: Sequence[Run]) -> pd.DataFrame:
    """Every stored record of Higgins' metric on the whole grid, one row per draw: the columns of
    `metrics.sensitivity.sensitivity` (table is the run's name), the run's model, baseline, variant,
    beta, seed (as seed_of_run), dataset and source, and the versions that computed it."""
    rows: list[dict[str, Any]] = []
    for run in runs:
        config = run.config
        for record in run.valid_scores:
            asked = record.get("asked", {})
            if record["score"] != "higgins" or asked.get("most", 0) is not None:
                continue
            settings, details = record["settings"], record["details"]
            subset = asked["factors"]
            rows += [
                {
                    "table": run.name,
                    "L": settings["L"],
                    "classifier": settings["classifier"],
                    "factors": subset if isinstance(subset, str) else ", ".join(subset),
                    "draw": draw,
                    "score": score,
                    "chance": details["chance"],
                    **{k: settings[k] for k in ("points", "test_points", "mode", "seed")},
                    "dataset": config.dataset,
                    "source": config.source,
                    "model": config.model,
                    "baseline": config.baseline,
                    "variant": variant(config),
                    "beta": config.beta,
                    "seed_of_run": config.seed,
                    "versions": _versions(record),
                }
                for draw, score in enumerate(details["per_draw"])
            ]
    about = ["dataset", "source", "model", "baseline", "variant", "beta", "seed_of_run", "versions"]
    return pd.DataFrame(rows, columns=[*COLUMNS, *about])


COMPARED = ("pca", "ica", "untrained")  # baselines beside the β-VAEs in the charts over settings


def named_draws(draws: pd.DataFrame) -> pd.DataFrame:
    """The draws of trained runs and of the `COMPARED` baselines as in the paper, with three more
    columns: name ("β = 4", "PCA"; with the model if it is not the usual one), usual_model (whether
    most runs have its model; true for baselines) and protocol (the settings besides L, classifier
    and factors as text; the columns points, test_points and mode have them one by one)."""
    draws = draws[draws["baseline"].isin(["", *COMPARED]) & (draws["variant"] == "")].copy()
    models = draws[draws["baseline"] == ""].groupby("model")["table"].nunique()
    most = models.idxmax() if len(models) else ""
    columns = ("table", "baseline", "beta", "model", "points", "test_points", "mode")
    names, protocols = [], []
    for table, kind, beta, model, points, test_points, mode in zip(
        *(draws[column] for column in columns), strict=True
    ):
        trained = table if pd.isna(beta) else beta_text(beta)
        other = "" if model == most else f", {MODELS[model].title}" if model in MODELS else ""
        names.append(BASELINE_TITLES.get(kind) or trained + other)
        protocols.append(f"{points:,} + {test_points:,} points, {mode}")
    usual = (draws["model"] == most) | (draws["baseline"] != "")
    return draws.assign(name=names, usual_model=usual, protocol=protocols)


def over_pairs(draws: pd.DataFrame) -> pd.DataFrame:
    """From `named_draws` of one classifier, for each name (as table) and L: the median over runs of
    the mean over draws, and the lowest and highest run; for a single run the lowest and highest
    draw."""
    rows = []
    for (name, L), group in draws.groupby(["name", "L"], sort=False):
        per_run = group.groupby("table")["score"].mean()
        values = per_run if len(per_run) > 1 else group["score"]
        rows.append(
            {
                "table": name,
                "L": L,
                "median": per_run.median(),
                "lowest": values.min(),
                "highest": values.max(),
            }
        )
    return pd.DataFrame(rows)


def compared(
    draws: pd.DataFrame, titles: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """From `named_draws`, the mean score of each name under each setting (rows, the linear
    classifier with L = 64 first), of names with a score under all; the standard errors of these
    means over draws (NaN for a single draw); and how the settings agree on the order of the names,
    see `rank_agreement`. titles: classifier → name for people."""
    draws = draws.assign(
        setting=[
            f"{titles[classifier]}, L {L}"
            for classifier, L in zip(draws["classifier"], draws["L"], strict=True)
        ]
    )
    by_name = draws.groupby(["setting", "name"], sort=False)
    means = by_name["score"].mean().unstack("name").dropna(axis=1)
    per_run = draws.groupby(["setting", "name", "table"])["score"].agg(["var", "count"])
    variance = (per_run["var"] / per_run["count"]).groupby(["setting", "name"])
    errors = np.sqrt(variance.sum(min_count=1)) / variance.size()  # runs of a name: independent
    settings = draws.groupby("setting")[["classifier", "L"]].first()
    linear = settings["classifier"] == "linear"
    first = (linear & (settings["L"] == 64)).astype(int) * 2 + linear.astype(int)
    means = means.loc[sorted(means.index, key=lambda setting: -first[setting])]
    errors = errors.unstack("name").loc[means.index, means.columns]
    whole = draws[draws["name"].isin(means.columns)]
    return means, errors, rank_agreement(whole.assign(table=whole["name"]))
