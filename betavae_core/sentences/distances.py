"""What the charts of image quality show: distances and losses over β, σ, N and training."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from .clear import LEVEL
from .over_beta import OverBeta
from .words import counted, listed, sentence, spelled

KINDS = {"reconstructions": "reconstructions", "samples": "prior samples"}
ERRORS = 2  # standard errors of a fit: a difference that it does not make by itself
RISEN = 0.02  # share of the lowest distance: above it, a distance has risen again
FEWEST = 4  # models for a correlation
PARTS = 10  # of a training: the last is compared with the one before
FEWEST_POINTS = 4  # of a history in one part, for a comparison


def distance_over_beta(rows: pd.DataFrame, column: str, distance: str) -> str:
    """A distance over β, for reconstructions and prior samples; rows: of
    `tables.distances.distance_rows`, of one setting; distance: its name for people."""
    clauses: list[str] = []
    for kind, title in KINDS.items():
        here = rows[(rows["kind"] == kind) & rows[column].notna()]
        if here.empty:
            continue
        subject = f"the {distance} of {title}" if not clauses else f"that of {title}"
        clauses.append(_over_beta(here, column, subject))
    return sentence(*clauses)


def loss_over_beta(rows: pd.DataFrame) -> str:
    """The reconstruction loss over β, in nats per image; rows: of `tables.distances.loss_rows`."""
    return sentence(_over_beta(rows, "nll", "the reconstruction loss"))


def _over_beta(rows: pd.DataFrame, column: str, subject: str) -> str:
    by_beta = {float(beta): list(group) for beta, group in rows.groupby("beta")[column]}
    return OverBeta(by_beta, low_is_better=True).clause(subject)


def extrapolated(rows: pd.DataFrame) -> str:
    """What the number of images does to the order of models. rows: of
    `tables.distances.distance_rows`, of one setting, with by_count, limit and its standard error.
    """
    excesses, swapped, pairs = [], 0, 0
    for _, here in rows.groupby("kind"):
        known = [
            (row["by_count"][-1][1], row["limit"], row["limit_standard_error"])
            for _, row in here.iterrows()
            if isinstance(row["by_count"], list) and row["by_count"] and pd.notna(row["limit"])
        ]
        excesses += [value - limit for value, limit, _ in known]
        for one, other in combinations(known, 2):
            pairs += 1
            error = float(np.hypot(np.nan_to_num(one[2]), np.nan_to_num(other[2])))
            apart = one[1] - other[1]
            swapped += (one[0] - other[0]) * apart < 0 and abs(apart) > ERRORS * error
    if not excesses:
        return ""
    count = max(entry[0] for row in rows["by_count"] if isinstance(row, list) for entry in row)
    low, high = spelled([min(excesses), max(excesses)])
    said = f"at {count:,} images the distances are {low} to {high} above their extrapolated values"
    if low == high:
        said = f"at {count:,} images the distance is {low} above its extrapolated value"
    if not pairs:
        return sentence(said)
    order = "which does not clearly change the order of any two models"
    if swapped:
        order = f"which reverses the order of {swapped} of {pairs} pairs of models"
    return sentence(f"{said}, {order}")


def against_loss(rows: pd.DataFrame, column: str, distance: str) -> str:
    """Whether a distance and the reconstruction loss rise together over models; rows: of
    `tables.distances.distance_rows`, reconstructions only."""
    known = rows[rows["nll"].notna() & rows[column].notna()]
    count, subject = len(known), f"the {distance} of reconstructions"
    models = f"{count} model{'s' * (count != 1)}"
    if count < FEWEST or known["nll"].nunique() < 2 or known[column].nunique() < 2:
        return sentence(f"{models} cannot tell whether {subject} follows the loss")
    from scipy.stats import kendalltau

    found = kendalltau(known["nll"], known[column])
    if found.pvalue >= LEVEL:
        return sentence(f"{subject} does not clearly follow the reconstruction loss ({models})")
    if found.statistic > 0:
        return sentence(f"{subject} and the reconstruction loss rise together ({models})")
    return sentence(f"{subject} falls as the reconstruction loss rises ({models})")


def trained_loss(rows: pd.DataFrame) -> str:
    """Whether the loss still falls at the end of training: the mean of the last tenth of the images
    against that of the tenth before; rows: of `tables.training.training_rows`."""
    falling, rising, changes = 0, 0, []
    for _, here in rows[rows["nll"].notna()].groupby("run"):
        whole = float(here["images"].max())
        last = here[here["images"] > whole * (1 - 1 / PARTS)]["nll"]
        before = here[
            here["images"].between(whole * (1 - 2 / PARTS), whole * (1 - 1 / PARTS), "right")
        ]["nll"]
        if min(len(last), len(before)) < FEWEST_POINTS:
            continue
        change = float(last.mean() - before.mean())
        error = float(np.hypot(last.sem(), before.sem()))
        falling += change < -ERRORS * error
        rising += change > ERRORS * error
        changes.append(change / float(before.mean()))
    total = len(changes)
    if not total:
        return "The histories have too few points to tell whether the loss still falls at the end."
    least, most = (f"{100 * abs(value):.1f} %" for value in (max(changes), min(changes)))
    if falling == total:
        by = most if least == most or total == 1 else f"{least} to {most}"
        return (
            f"The loss of {counted(total, total, 'model')} still falls at the end of training, by "
            f"{by} over the last tenth of the images."
        )
    if rising == total:
        return f"The loss of {counted(total, total, 'model')} rises at the end of training."
    if falling == rising == 0:
        return (
            f"The loss of {counted(total, total, 'model')} no longer falls at the end of training."
        )
    parts = [f"still falls for {falling}"] * bool(falling) + [f"rises for {rising}"] * bool(rising)
    still = total - falling - rising
    parts += [f"no longer changes for {still}"] * bool(still)
    return f"At the end of training the loss {listed(parts)} of {total} models."


def trained_distance(rows: pd.DataFrame, column: str, distance: str) -> str:
    """Whether a distance of reconstructions falls until the end of training, or rises again; rows:
    of `tables.training.comparable_training`."""
    series = [
        here.sort_values("images")[column].to_numpy(float)
        for _, here in rows[rows[column].notna()].groupby("run")
    ]
    series = [values for values in series if len(values) > 1]
    if not series:
        return f"A single measurement does not show how the {distance} changes during training."
    rises = [float(v[-1] / v.min() - 1) if v.min() > 0 else 0.0 for v in series]
    risen = [rise for rise in rises if rise > RISEN]
    total, grown = len(series), sum(v[-1] > v[0] for v in series)
    if grown == total:
        start = f"the {distance} is higher at the end of training than at its first measurement"
        return sentence(f"{start}, for {counted(total, total, 'model')}")
    if not risen:
        return sentence(
            f"the {distance} falls until the end of training, or stays near its lowest value, for "
            f"{counted(total, total, 'model')}"
        )
    most = f"{100 * max(risen):.0f} %"
    return sentence(
        f"for {counted(len(risen), total, 'model')} the {distance} rises again before the end of "
        f"training, by up to {most} above its lowest value"
    )


def lowest_over_sigma(
    losses: Mapping[str, np.ndarray], sigmas: np.ndarray, betas: Mapping[str, float]
) -> str:
    """Which model has the lowest loss at which σ. losses: model → its loss at each of `sigmas`;
    betas: model → its β."""
    names = list(losses)
    if len(names) == 1:
        lowest = sigmas[losses[names[0]].argmin()]
        return f"Of the σ shown, {names[0]} has its lowest loss at σ = {lowest:.2g}."
    winners = [names[n] for n in np.stack([losses[name] for name in names]).argmin(0)]
    stretches = [0, *(n for n in range(1, len(winners)) if winners[n] != winners[n - 1])]
    order = [winners[first] for first in stretches]
    if len(order) == 1:
        return f"At every σ shown {order[0]} has the lowest loss: σ does not decide between them."
    edges = [f"{sigmas[first]:.2g}" for first in stretches[1:]]
    said = [f"{order[0]} below σ = {edges[0]}"]
    said += [f"{name} from σ = {edge}" for name, edge in zip(order[1:], edges, strict=True)]
    steps = np.diff([betas[name] for name in order])
    how = "the model with the lowest loss changes with σ"
    if (steps > 0).all():
        how = "the larger σ, the larger the β of the model with the lowest loss"
    elif (steps < 0).all():
        how = "the larger σ, the smaller the β of the model with the lowest loss"
    return sentence(f"{how}: {listed(said)}")
