"""Disentanglement scores of many runs as tables."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..config import RunConfig
from ..metrics import ALL_METRICS, ChanceMetric, MatrixMetric
from ..presets import BASELINES_FITTED_ON
from ..scoring.elbo import active_latents, latest_elbo
from ..scoring.scores import is_usual, standard_records
from ..store import Run, unsteered

SHOWN_SCORES = {  # scores of `score_rows`: title and the question answered
    "higgins": (
        "Higgins' metric",
        "can a classifier tell which factor was fixed from how little the latents move?",
    ),
    "higgins_scaled": (
        "Higgins' metric, chance-scaled",
        "the same as Higgins' metric, scaled so that guessing is 0 and perfect is 1: with fewer "
        "factors guessing is right more often",
    ),
    "factor_vae": (
        "FactorVAE score",
        "is the fixed factor identified by the one latent that moves least?",
    ),
    "factor_vae_scaled": (
        "FactorVAE score, chance-scaled",
        "the same as the FactorVAE score, scaled so that guessing is 0 and perfect is 1",
    ),
    "mig": ("MIG", "does only one latent carry information about each factor?"),
    "mig_exact": ("MIG, whole grid", "the same as MIG, with exact entropies over all images"),
    "mig_sup": ("MIG-sup", "does each latent carry information about only one factor?"),
    "sap": ("SAP", "does only one latent predict each factor?"),
    "dci": ("DCI disentanglement", "does each latent help to predict only one factor?"),
    "dci_completeness": ("DCI completeness", "is each factor predicted from only one latent?"),
    "dci_informativeness": (
        "DCI informativeness",
        "can boosted trees predict the factors from the latents?",
    ),
    "modularity": (
        "Modularity",
        "does each latent carry information about only one factor? (Squares of small numbers give "
        "even noise a score above ½; InfoM is corrected for chance, and gives it less.)",
    ),
    "explicitness": ("Explicitness", "can a linear classifier read every value of each factor?"),
    "infom": ("InfoM", "does each latent tell about only one factor, beyond chance?"),
    "infoc": ("InfoC", "is each factor told by only one latent, beyond chance?"),
    "infoe": (
        "InfoE",
        "which share of the information about each factor can a logistic regression read?",
    ),
    "snc": ("SNC", "can each factor be read from one latent of its own, beyond chance?"),
    "nk": (
        "NK",
        "is each factor lost without its own latent? (0 if others know it too.)",
    ),
    "axis_ratio": (
        "Axis ratio",
        "does a factor that changes alone move the code along one latent? (Noise scores above 0.)",
    ),
    "linear_ratio": (
        "Linear ratio",
        "does a factor that changes alone move the code along a straight line? (High beside a low "
        "axis ratio: rotated. Both low: tangled.)",
    ),
    "axis_alignment": (
        "Axis alignment",
        "how much of the linear ratio is along one latent? (High for noise, too: read it with "
        "both ratios.)",
    ),
    "irs": ("IRS", "does a latent stay the same while the other latents' factors change?"),
}


SCALED = {f"{score}_scaled": score for score in ("higgins", "factor_vae")}
"""Scores on the scale from chance (0) to perfect (1), and the scores that they are made from."""

ROW = [
    "run", "dataset", "source", "model", "baseline", "variant", "beta", "seed", "score", "usual",
    "subset", "factors", "L", "classifier", "value", "standard_error", "chance", "images",
    "versions",
]  # fmt: skip


APART = "mig_exact"  # a setting of a score that has a name of its own

BASELINE_TITLES = {
    "pca": "PCA",
    "ica": "ICA",
    "untrained": "untrained",
    "oracle": "true factors",
    "rotated": "true factors, rotated",
    "noise": "noise",
}


def score_rows(runs: Sequence[Run]) -> pd.DataFrame:
    """The scores of the standard protocol (`protocol.STANDARD`), one row per run and score, of
    the runs that may be compared (`store.unsteered`).

    Columns: run, dataset, source, model, baseline ("" for a trained VAE), variant (of the baseline,
    see `variant`), beta, seed, score (a key of `SHOWN_SCORES`), usual (whether the settings besides
    the subset are the first ones of the protocol), subset ("all" or "no-shape"), factors (their
    number), L and classifier (Higgins' metric only), value in [0, 1], standard_error (over
    draws), chance, images (of the grid), versions (of the software).
    """
    rows = []
    for run in unsteered(runs):
        config = run.config
        about = {
            "run": run.name,
            "dataset": config.dataset,
            "source": config.source,
            "model": config.model,
            "baseline": config.baseline,
            "variant": variant(config),
            "beta": config.beta,
            "seed": config.seed,
        }
        for record, asked in standard_records(run):
            details, settings = record["details"], record["settings"]
            metric = ALL_METRICS[record["score"]]
            usual = is_usual(record["score"], asked)
            row = about | {
                "subset": asked.get("factors", "all"),
                "factors": len(settings.get("factors", details.get("factors", ()))) or None,
                "L": settings.get("L"),
                "classifier": settings.get("classifier"),
                "standard_error": details.get("standard_error"),
                "chance": details.get("chance") if isinstance(metric, ChanceMetric) else None,
                "images": settings["images"],
                "versions": _versions(record),
            }
            for score, value in metric.parts(record).items():
                own = {"score": score, "value": value, "usual": usual or score == APART}
                rows.append(row | own | (_scaled(row) if score in SCALED else {}))
    return pd.DataFrame(rows, columns=ROW)


def _scaled(row: dict[str, Any]) -> dict[str, Any]:
    """The chance and the standard error of a score on the scale from chance to perfect."""
    error, room = row["standard_error"], 1 - row["chance"]
    return {"chance": 0.0, "standard_error": None if error is None else error / room}


def variant(config: RunConfig) -> str:
    """The difference of a baseline from the paper's: "" if there is none, "full" for a fit on more
    images, otherwise the settings of its fit."""
    if config.fit or config.model not in BASELINES_FITTED_ON["paper"]:
        return config.fit
    return (
        ""
        if config.images <= BASELINES_FITTED_ON["paper"][config.model][config.channels == 3]
        else "full"
    )


def baseline_lines(rows: pd.DataFrame) -> dict[str, float]:
    """From rows of one score and setting: the baselines as in the paper, by name; the median over
    their seeds."""
    lines = {}
    for kind, label in BASELINE_TITLES.items():
        here = rows[(rows["baseline"] == kind) & (rows["variant"] == "")]
        if len(here):
            lines[label] = float(here["value"].median())
    return lines


def chance_level(rows: pd.DataFrame) -> float | None:
    """From rows of one score and setting: the score of guessing; None for a score without
    classes."""
    chance = rows["chance"].dropna()
    return float(chance.iloc[0]) if len(chance) else None


def factor_matrix(run: Run, score: str) -> tuple[np.ndarray, list[str]] | None:
    """Latent × factor (D, K) in [0, 1] and the factors, from the standard records: for "mig" the
    mutual information as a share of the factor's entropy, for "dci" the importance of the latent
    for the factor. None if that score was not computed."""
    details = next((r["details"] for r, _ in standard_records(run) if r["score"] == score), None)
    if details is None:
        return None
    metric = ALL_METRICS[score]
    assert isinstance(metric, MatrixMetric), "asked of metrics that have a matrix"
    return metric.matrix(details), details["factors"]


def collapsed(runs: Sequence[Run]) -> list[Run]:
    """The trained VAEs without an active latent (posterior collapse), among those with a measured
    KL."""
    measured = [(run, latest_elbo(run)) for run in runs if not run.config.baseline]
    return [run for run, elbo in measured if elbo and not any(active_latents(elbo))]


def usual(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of `score_rows` at one setting per score, on all factors: for Higgins' metric the
    linear classifier and L = 64."""
    return rows[rows["usual"].astype(bool) & (rows["subset"] == "all")]


def over_seeds(rows: pd.DataFrame, by: Sequence[str] = ("beta",)) -> pd.DataFrame:
    """From rows of one score, for each group: the number of runs, mean, median, standard deviation
    (over seeds; NaN for one), lowest and highest value, and `best_half`: the mean after dropping
    the worse half of the seeds (rounded down), as Higgins et al. (2017) did."""

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


def _versions(record: dict[str, Any]) -> str:
    """The software versions that computed a record, as text."""
    return ", ".join(f"{name} {version}" for name, version in record["versions"].items())
