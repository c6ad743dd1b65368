"""A model for every β beside the models of one β each: what its stored measurements say of both."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..scoring.elbo import latest_elbo
from ..scoring.rate_distortion import measured_rate_distortion
from ..scoring.scores_over_beta import curve
from ..store import Run, unsteered


def model_for_every_beta(
    runs: Sequence[Run], dataset: str, shape: tuple[int, int, int]
) -> Run | None:
    """The one of these runs for a range of β that was trained on the most images of the dataset, at
    this shape; only with weights, and with rate and distortion measured. None if there is none."""
    found = [
        run
        for run in unsteered(runs)
        if run.config.multirate
        and (run.config.dataset, run.config.shape) == (dataset, shape)
        and run.has_weights
        and measured_rate_distortion(run)
    ]
    return max(found, key=lambda run: run.config.images, default=None)


def separate_betas(run: Run, runs: Sequence[Run]) -> list[float]:
    """The values of β within the run's range for which others of these runs were trained on the
    same dataset, ascending; not those at which a run was frozen or imported."""
    low, high = run.multirate.low, run.multirate.high
    betas = {
        other.config.beta
        for other in unsteered(runs)
        if other.config.dataset == run.config.dataset and not other.config.origin
    }
    return sorted(beta for beta in betas if beta is not None and low <= beta <= high)


def separate_rows(run: Run, runs: Sequence[Run]) -> pd.DataFrame:
    """The conv runs of one β that saw as many of the same images as `run`, by β: run, beta, rate
    (KL, nats per image), distortion (reconstruction loss, nats per image), and ratio, the loss of
    `run` at this β, interpolated, divided by theirs (below 1: `run` is better; None outside of its
    range). The loss is distortion + β · rate."""
    rows = []
    for other in unsteered(runs):
        elbo, beta = latest_elbo(other), other.config.beta
        if elbo is None or beta is None or not _is_alike(run, other):
            continue
        rate, distortion = sum(elbo["kl"]), elbo["nll"]
        mine = at(run, beta)
        ratio = None if mine is None else (mine[1] + beta * mine[0]) / (distortion + beta * rate)
        rows.append((other.name, beta, rate, distortion, ratio))
    table = pd.DataFrame(rows, columns=["run", "beta", "rate", "distortion", "ratio"])
    return table.sort_values(["beta", "run"], ignore_index=True)


def scores_beside(
    run: Run, runs: Sequence[Run], metric: str, settings: dict[str, Any] | None = None
) -> pd.DataFrame:
    """One score of `run`, a model for every β, beside the conv runs of one β that saw as many of
    the same images, by β: beta, value (of `run` at this β), separate (the median of their seeds),
    runs (their number), difference (value - separate). Only β at which both were measured; settings
    as in `scores_over_beta.curve`."""
    record, by_beta = curve(run, metric, settings), dict[float, list[float]]()
    for other in unsteered(runs):
        if other.config.beta is not None and _is_alike(run, other):
            found = other.score(metric, **(settings or {})) if other.scores else None
            if found is not None:
                by_beta.setdefault(other.config.beta, []).append(found["value"])
    rows = [
        (beta, value, float(np.median(by_beta[beta])), len(by_beta[beta]))
        for beta, value in (zip(record["beta"], record["value"], strict=True) if record else ())
        if beta in by_beta
    ]
    table = pd.DataFrame(rows, columns=["beta", "value", "separate", "runs"])
    return table.assign(difference=table["value"] - table["separate"])


def at(run: Run, beta: float) -> tuple[float, float] | None:
    """Rate and distortion in nats per image at one β, interpolated between the measured ones in
    log β; None outside of them, or if nothing was measured."""
    record = measured_rate_distortion(run)
    if record is None or not record["beta"][0] <= beta <= record["beta"][-1]:
        return None
    place, known = np.log(beta), np.log(record["beta"])
    rates = [sum(kl) for kl in record["kl"]]
    return float(np.interp(place, known, rates)), float(np.interp(place, known, record["nll"]))


def losses_over_beta(run: Run, also: Iterable[float] = ()) -> dict[float, float]:
    """β → reconstruction loss in nats per image: at every measured β, and interpolated at those of
    `also` that lie between them, so that a line reaches the dots of separate runs."""
    record = measured_rate_distortion(run)
    betas = {*(record["beta"] if record else ()), *map(float, also)}
    found = {beta: at(run, beta) for beta in sorted(betas)}
    return {beta: terms[1] for beta, terms in found.items() if terms is not None}


def _is_alike(run: Run, other: Run) -> bool:
    def of(one: Run) -> tuple[Any, ...]:
        config = one.config
        return config.dataset, config.source, config.shape, config.images, config.latents

    return of(other) == of(run) and other.config.model == "conv" and not other.config.origin
