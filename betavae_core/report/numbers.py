"""Every stored number that a claim can be about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..fid import FEATURES
from ..metrics.higgins import COUNTS
from ..scoring.star import measured_star
from ..store import Run
from ..store.protocol import USUAL_HIGGINS
from ..tables.clean_factors import clean_factors
from ..tables.distances import comparable, correlation, distance_rows, loss_rows
from ..tables.draws import higgins_draws
from ..tables.scores import SCALED, SHOWN_SCORES, score_rows, variant
from ..tables.training import training_rows
from .recipe import Recipe, recipe_of

OTHER_NUMBERS = {  # name → title and meaning, of numbers that are not disentanglement scores
    "clean": ("clean factors", "share of the factors with one clean latent"),
    "nll": ("reconstruction loss", "nats per image"),
    "kl": ("KL", "nats per image, summed over the latents"),
    "separation": (
        "distance to the nearest code, in posterior σ",
        "median over the images of ground-truth traversals",
    ),
    "distance": ("distance of reconstructions", "Fréchet distance, of the features named"),
    "sample_distance": ("distance of prior samples", "Fréchet distance, of the features named"),
    "tracking": (
        "correlation of distance and loss during training",
        "Pearson's, over the records of a training",
    ),
}
TITLES = {
    name: title
    for name, (title, _) in {**SHOWN_SCORES, **OTHER_NUMBERS}.items()
    if name not in SCALED  # the order of models is that of the score itself
}
SEED = 0  # of the points, by default
KIND_NAMES = {"reconstructions": "distance", "samples": "sample_distance"}


@dataclass(frozen=True)
class Number:
    """One stored number of a run."""

    run: str
    dataset: str
    source: str
    recipe: Recipe | None  # None: a baseline
    baseline: str  # "": a trained VAE
    beta: float | None
    seed: int
    score: str  # a key of `TITLES`
    value: float  # of a score: in [0, 1]
    draws: tuple[float, ...]  # the values of single draws; the value alone if none are stored
    measured: str  # on which images, and how
    L: int | None = None  # this and the next three: settings of Higgins' metric alone
    classifier: str | None = None
    factors: str | None = None
    mode: str | None = None
    features: str | None = None  # of a distance
    chance: float | None = None  # of a score of guesses: its value for guessing


def numbers(runs: Sequence[Run]) -> list[Number]:
    """Every number of finished trainings and of baselines as in the paper, in a fixed order."""
    counted = {run.name: run for run in runs if _counts(run)}
    several = list(counted.values())
    found = [
        *_higgins(several),
        *_scores(several),
        *_losses(several),
        *_stars(several),
        *_distances(several),
        *_tracking(several),
    ]
    about = {name: _about(run) for name, run in counted.items()}
    return [Number(**about[row["run"]], **row) for row in found]


def _counts(run: Run) -> bool:
    config = run.config
    if config.baseline:
        return variant(config) == ""
    return run.status == "finished" and recipe_of(run) is not None


def _about(run: Run) -> dict[str, Any]:
    config = run.config
    return {
        "dataset": config.dataset,
        "source": config.source,
        "baseline": config.baseline,
        "beta": config.beta,
        "seed": config.seed,
        "recipe": None if config.baseline else recipe_of(run),
    }


def _higgins(runs: Sequence[Run]) -> list[dict[str, Any]]:
    draws = _as_usual(higgins_draws(runs))
    by = ["table", "L", "classifier", "factors", "mode", "points", "test_points"]
    rows = []
    every = draws.drop_duplicates([*by, "draw"], keep="last")  # another record has more of them
    each = every.sort_values("draw", kind="stable").groupby(by)
    of_each = each.agg(values=("score", tuple), chance=("chance", "first"))
    for (run, L, classifier, factors, mode, points, test), values, chance in of_each.itertuples():
        setting = {"L": L, "classifier": classifier, "factors": factors, "mode": mode}
        measured = f"{points:,} training and {test:,} test points, {len(values)} draws"
        row = {"run": run, "score": "higgins", "draws": values, "measured": measured}
        row["chance"] = float(chance)
        rows.append(row | setting | {"value": sum(values) / len(values)})
    return rows


def _as_usual(draws: pd.DataFrame) -> pd.DataFrame:
    """The draws with the usual seed and the usual numbers of points of their mode: an accuracy
    rises with the points, so that others cannot stand beside these."""
    usual = {"corrected": (USUAL_HIGGINS["points"], USUAL_HIGGINS["test_points"])}
    points = draws["mode"].map({**COUNTS, **usual})
    counts = pd.Series(zip(draws["points"], draws["test_points"], strict=True), draws.index)
    return draws[(counts == points) & (draws["seed"] == SEED)]


def _scores(runs: Sequence[Run]) -> list[dict[str, Any]]:
    table = score_rows(runs)
    once = [score for score in SHOWN_SCORES if score != "higgins" and score not in SCALED]
    shown = table["score"].isin(once)
    table = table[shown & table["usual"].astype(bool)]
    rows = [
        _one(run, score, value, f"codes of {images:,} images")
        | ({} if pd.isna(chance) else {"chance": float(chance)})
        for run, score, value, images, chance in zip(
            *(table[name] for name in ("run", "score", "value", "images", "chance")), strict=True
        )
    ]
    for run in runs:
        if (own := clean_factors(run)) is not None:
            rows.append(_one(run.name, "clean", own[0] / own[1], "10,000 points"))
    return rows


def _losses(runs: Sequence[Run]) -> list[dict[str, Any]]:
    table = loss_rows(runs)
    rows = []
    for run, measured, nll, kl in zip(
        table["run"], table["measured"], table["nll"], table["kl"], strict=True
    ):
        if measured != "the last training images":  # no measurement of its own
            rows += [_one(run, "nll", nll, measured), _one(run, "kl", kl, measured)]
    return rows


def _stars(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Of runs whose codes are not all the same."""
    records = [(run.name, measured_star(run)) for run in runs if not run.config.baseline]
    return [
        _one(name, "separation", value, f"{record['settings']['images']:,} images")
        for name, record in records
        if record and (value := record["numbers"]["separation"]) is not None
    ]


def _distances(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Per dataset, of the comparable distances with the best features alone."""
    table = distance_rows(runs)
    rows = []
    for _, of_dataset in table.groupby("dataset"):
        group = comparable(of_dataset)[0]
        for run, kind, value, features, images, reference, part in zip(
            *(group[name] for name in ("run", "kind", "frechet", "features", "images")),
            *(group[name] for name in ("reference_images", "part")),
            strict=True,
        ):
            title = f"{FEATURES[features].distance}, {images:,} against {reference:,} images"
            measured = title + f" ({part})" * bool(part)
            rows.append(_one(run, KIND_NAMES[kind], value, measured) | {"features": features})
    return rows


def _tracking(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """For each training with distances, their correlation with the loss logged last before each."""
    table = training_rows([run for run in runs if not run.config.baseline])
    rows = []
    for run, records in table.groupby("run"):
        seen = records[records["frechet"].notna()].sort_values("images")
        if seen.empty:
            continue
        losses = records[records["nll"].notna()].sort_values("images")
        of_run = seen[seen["features"] == seen["features"].iloc[0]]
        pairs = pd.merge_asof(of_run[["images", "frechet"]], losses[["images", "nll"]], on="images")
        found = correlation(pairs["frechet"].tolist(), pairs["nll"].tolist())
        if found is not None:
            measured = f"{len(pairs)} records of the training"
            features = {"features": of_run["features"].iloc[0]}
            rows.append(_one(str(run), "tracking", found[0], measured) | features)
    return rows


def _one(run: str, score: str, value: float, measured: str) -> dict[str, Any]:
    return {"run": run, "score": score, "value": value, "draws": (value,), "measured": measured}
