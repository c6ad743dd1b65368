"""Scores of many runs as tables: one row per run and score, and their summary over seeds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from .evaluation import standard_records
from .metrics.sensitivity import COLUMNS
from .store import Run

SCORES = {  # of `score_rows`: title and what it says in a few words
    "higgins": ("Higgins' metric", "can the held factor be told from how little latents move?"),
    "factor_vae": ("FactorVAE score", "is it told by the one latent that moves least?"),
    "mig": ("MIG", "does one latent, and no second one, know the factor?"),
    "mig_exact": ("MIG, whole grid", "the same, with exact entropies"),
    "sap": ("SAP", "does one latent predict the factor, and no second one?"),
    "dci": ("DCI disentanglement", "does each latent serve one factor?"),
    "dci_completeness": ("DCI completeness", "does each factor use one latent?"),
    "dci_informativeness": ("DCI informativeness", "can trees predict the factors?"),
    "modularity": ("Modularity", "does each latent know one factor?"),
    "explicitness": ("Explicitness", "can a linear classifier read each value?"),
    "irs": ("IRS", "does a latent stay while others' factors change?"),
}
ROW = [
    "run", "dataset", "source", "model", "baseline", "beta", "seed", "score", "subset", "factors",
    "L", "classifier", "value", "standard_error", "chance", "images",
]  # fmt: skip
BASELINE_TITLES = {
    "pca": "PCA",
    "ica": "ICA",
    "untrained": "untrained",
    "oracle": "true factors",
    "rotated": "true factors, rotated",
    "noise": "noise",
}


def score_rows(runs: Sequence[Run]) -> pd.DataFrame:
    """What was measured by the standard protocol (`evaluation.STANDARD`), a row per run and score.

    Columns: run, dataset, source, model, baseline ("" for a trained VAE), beta, seed, score (a key
    of `SCORES`), subset ("all" or "no-shape"), factors (their number), L and classifier (Higgins'
    metric only), value in [0, 1], standard_error (over draws), chance, images (of the grid).
    """
    rows = []
    for run in runs:
        config = run.config
        about = {
            "run": run.name,
            "dataset": config.dataset,
            "source": config.source,
            "model": config.model,
            "baseline": config.baseline,
            "beta": config.beta,
            "seed": config.seed,
        }
        for record, asked in standard_records(run):
            details, settings = record["details"], record["settings"]
            row = about | {
                "score": record["score"],
                "subset": asked.get("factors", "all"),
                "factors": len(settings.get("factors", details.get("factors", ()))) or None,
                "L": settings.get("L"),
                "classifier": settings.get("classifier"),
                "value": record["value"],
                "standard_error": details.get("standard_error"),
                "chance": details.get("chance"),
                "images": settings["images"],
            }
            if record["score"] == "mig" and settings["points"] is None:
                row["score"] = "mig_exact"
            rows.append(row)
            if record["score"] == "dci":
                for part in ("completeness", "informativeness"):
                    rows.append(row | {"score": f"dci_{part}", "value": details[part]})
    return pd.DataFrame(rows, columns=ROW)


def usual(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of `score_rows` at one setting per score: of Higgins' metric all factors, the linear
    classifier and L = 64."""
    other = (rows["subset"] != "all") | (rows["classifier"] != "linear") | (rows["L"] != 64)
    return rows[~((rows["score"] == "higgins") & other)]


def over_seeds(rows: pd.DataFrame, by: Sequence[str] = ("beta",)) -> pd.DataFrame:
    """Of rows of one score: per group the number of runs, mean, median, standard deviation (over
    seeds; NaN for one), lowest and highest value, and `best_half`: the mean after dropping the
    worse half of the seeds (rounded down), as Higgins et al. (2017) did."""

    def best_half(values: pd.Series) -> float:
        return float(np.sort(values)[len(values) // 2 :].mean())

    named = {
        "runs": "count",
        "mean": "mean",
        "median": "median",
        "std": "std",
        "lowest": "min",
        "highest": "max",
        "best_half": best_half,
    }
    return rows.groupby(list(by), sort=True)["value"].agg(**named).reset_index()


def higgins_draws(runs: Sequence[Run]) -> pd.DataFrame:
    """Every stored record of Higgins' metric on the whole grid, one row per draw: the columns of
    `metrics.sensitivity.sensitivity`, table being the run's name, and the run's model, baseline,
    beta, seed (as seed_of_run) and dataset."""
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
                    "model": config.model,
                    "baseline": config.baseline,
                    "beta": config.beta,
                    "seed_of_run": config.seed,
                }
                for draw, score in enumerate(details["per_draw"])
            ]
    about = ["dataset", "model", "baseline", "beta", "seed_of_run"]
    return pd.DataFrame(rows, columns=[*COLUMNS, *about])
