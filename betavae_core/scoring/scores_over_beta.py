"""Scores of a model for every β as curves: measured at several β, one record per score."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch

from ..beta import beta_text
from ..datasets import Dataset, config_dataset
from ..disk_cache import Progress
from ..errors import no_factors
from ..store import Run
from ..store.frozen import at_beta
from ..store.protocol import full_settings, standard_choice, whole_grid
from .scores import is_usual, score_metrics, standard_scores

NAME = "over-beta"
METRICS = ("higgins", "factor_vae", "mig")  # unless others are asked for
BETAS = (0.05, 0.1, 0.3, 1.0, 2.0, 4.0, 10.0, 20.0)  # with those of the paper; those in the range
Wanted = Sequence[tuple[str, dict[str, Any]]]


def usual_betas(run: Run) -> list[float]:
    """The `BETAS` in the run's range, ascending. Raises `InputError` for a run without a range."""
    low, high = run.multirate.low, run.multirate.high
    return [beta for beta in BETAS if low <= beta <= high] or [low, high]


def usual_scores(dataset: Dataset, metrics: Sequence[str] = METRICS) -> Wanted:
    """These metrics with the standard settings of `protocol.STANDARD`, Higgins' on all factors and
    without shape. Raises `InputError` for a dataset without factors."""
    if dataset.space is None:
        raise no_factors(dataset.title, ": nothing to score")
    return [
        (name, settings)
        for name, settings in standard_scores(dataset.space)
        if name in metrics and is_usual(name, full_settings(name, settings))
    ]


def score_over_beta(
    run: Run,
    betas: Sequence[float] | None = None,
    metrics: Sequence[str] = METRICS,
    dataset: Dataset | None = None,
    *,
    limit: int | None = None,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
    again: bool = False,
) -> list[dict[str, Any]]:
    """`usual_scores` of a multi-rate run at several β (None: `usual_betas`), each stored as one
    record that has all its β: beta (B,) ascending, value (B,) and standard_error (B,), over draws.

    After each β its values are stored, so that a killed call continues where it stopped; stored
    values are not computed again, unless `again`. limit, device and progress: as in
    `score_metrics`. Raises `InputError` for a run without a range of β, and for a β outside of it.
    """
    dataset = dataset or config_dataset(run.config)
    betas = sorted(set(usual_betas(run) if betas is None else betas))
    wanted = usual_scores(dataset, metrics)
    about = {"dataset": dataset.name, "source": dataset.source, "most": limit}
    asked = [{"metric": name, **full_settings(name, each), **about} for name, each in wanted]
    at_each = {beta: at_beta(run, beta) for beta in betas}  # refuses before the first measurement
    for number, (beta, frozen) in enumerate(at_each.items()):
        missing = [
            place
            for place, each in enumerate(asked)
            if again or beta not in (_record(run, each) or {"beta": []})["beta"]
        ]
        told = partial(_tell, progress, f"{beta_text(beta)} ({number + 1} of {len(betas)})")
        if missing:
            found = score_metrics(
                frozen,
                [wanted[place] for place in missing],
                dataset,
                limit=limit,
                progress=told,
                device=device,
                store=False,
            )
            for place, measured in zip(missing, found, strict=True):
                _keep(run, beta, measured, asked[place])
    return [record for each in asked if (record := _record(run, each))]


def curve(run: Run, metric: str, settings: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """The record of one metric on the run's whole dataset, with these settings and else the
    standard ones; None if it was not computed."""
    full = full_settings(metric, standard_choice(metric) | (settings or {}))
    return _record(run, {"metric": metric, **full, **whole_grid(run.config)})


def _record(run: Run, asked: dict[str, Any]) -> dict[str, Any] | None:
    found = (each for each in run.valid_scores if each["score"] == NAME)
    return next((each for each in found if each.get("asked") == asked), None)


def _tell(progress: Progress | None, at: str, what: str, done: int, total: int) -> None:
    if progress is not None:
        progress(f"{at}: {what}", done, total)


def _keep(run: Run, beta: float, record: dict[str, Any], asked: dict[str, Any]) -> None:
    """Store the value at one β, with those at the others."""
    before = _record(run, asked)
    points = {beta: (record["value"], record["details"].get("standard_error"))}
    versions = {name: [text] for name, text in record["versions"].items()}
    if before:
        each = zip(before["beta"], before["value"], before["standard_error"], strict=True)
        points = {b: (value, error) for b, value, error in each} | points
        for name, text in before["versions"].items():  # of all values
            versions[name] = [*dict.fromkeys([*text.split(", "), *versions.get(name, [])])]
    ordered = sorted(points)
    run.keep_score(
        {
            "score": NAME,
            "weights": run.weights_hash,
            "beta": ordered,
            "value": [points[each][0] for each in ordered],
            "standard_error": [points[each][1] for each in ordered],
            "settings": {"metric": asked["metric"], **record["settings"]},
            "asked": asked,
            "versions": {name: ", ".join(texts) for name, texts in versions.items()},
        }
    )
