"""What the charts of the metric's dependence on its settings show."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from .clear import clear_change, clear_difference
from .words import listed, percent, sentence, spelled

ERRORS = 3  # standard errors: a difference of two means that other draws will not reverse
CLOSER = 0.2  # share of the larger gap: above it, lines come closer together or move apart
STILL = 0.8  # of its usual movement: a latent that moves less recognises a factor by itself
LITTLE = 0.25  # of the standard deviation of models: below it, a difference hardly matters


def more_pairs(draws: pd.DataFrame, lines: pd.DataFrame) -> str:
    """The effect of L. draws: of one classifier, with table (the model), L, draw and score; lines:
    the lines of the chart, with table, L and median."""
    levels = sorted(draws["L"].unique())
    if len(levels) < 2:
        return ""
    low, high = levels[0], levels[-1]
    each = draws.groupby(["table", "L"])["score"].apply(list).unstack("L")
    each = each[each[low].notna() & each[high].notna()]
    if each.empty:
        return ""
    pairs = list(zip(each[low], each[high], strict=True))
    changes = [float(np.mean(after) - np.mean(before)) for before, after in pairs]
    found = [clear_change(before, after) for before, after in pairs]
    least, most = spelled([min(changes), max(changes)], 2)
    between, total = f"from L = {low} to L = {high}", len(pairs)
    by = f"by {most}" if least == most else f"by {least} to {most}"
    up, down = found.count(1), found.count(-1)
    if None in found:
        said = (
            f"{between} the scores change {by}, but with one draw each it is unknown whether other "
            "draws would agree"
        )
    elif up == total:
        said = f"more pairs per point raise the score of {_every(total)}, {by} {between}"
    elif down == total:
        falls = spelled([-max(changes), -min(changes)], 2)
        by = f"by {falls[0]}" if falls[0] == falls[1] else f"by {falls[0]} to {falls[1]}"
        said = f"more pairs per point lower the score of {_every(total)}, {by} {between}"
    elif up == down == 0:
        said = f"{between} no score changes by more than other draws could change it"
    else:
        parts = [f"rises for {up}"] * bool(up) + [f"falls for {down}"] * bool(down)
        parts += [f"does not clearly change for {total - up - down}"] * (up + down < total)
        said = f"{between} the score {listed(parts)} of {total} models"
    return sentence(said, _gap(lines, low, high))


def _every(total: int) -> str:
    return "every model" if total > 1 else "the model"


def _gap(lines: pd.DataFrame, low: int, high: int) -> str:
    """Whether the best and the worst line come closer together."""
    if lines["table"].nunique() < 2:
        return ""
    gaps = lines.groupby("L")["median"].agg(np.ptp)
    before, after = float(gaps[low]), float(gaps[high])
    if abs(after - before) <= CLOSER * max(before, after):
        return ""
    one, other = spelled([before, after], 2)
    verb = "come closer together" if after < before else "move apart"
    return f"the best and the worst line {verb} ({one} apart, then {other})"


def best_stays(means: pd.DataFrame, errors: pd.DataFrame) -> str:
    """Whether the best model is the same under all settings. means: settings (index, the first one
    first) × models, scores; errors: their standard errors over draws, NaN for a single draw."""
    best = means.idxmax(axis=1)
    first, total = best.iloc[0], len(means)
    changed = [setting for setting in means.index if best[setting] != first]
    every = "both settings" if total == 2 else f"all {total} settings"
    if not changed:
        ranks = means.rank(axis=1, ascending=False, method="min").drop(columns=first)
        moving = int((ranks != ranks.iloc[0]).any().sum())
        rest = ranks.shape[1]
        others = f"{moving} of the {rest} other{'s' * (rest > 1)} change{'s' * (moving == 1)} rank"
        if not moving:
            others = "no other model changes its rank"
        return sentence(f"{first} is the best model under {every}", others)

    def clearly(setting: str, one: str, other: str) -> bool:
        error = np.hypot(errors.loc[setting, one], errors.loc[setting, other])
        return bool(means.loc[setting, one] - means.loc[setting, other] > ERRORS * error)

    turns = [
        s for s in changed if clearly(s, best[s], first) and clearly(means.index[0], first, best[s])
    ]
    if not turns:
        close = listed(list(dict.fromkeys(best)))
        return sentence(
            f"the first rank changes under {len(changed)} of {total} settings, but by no more than "
            f"other draws could change it: {close} are too close to rank"
        )
    counts = best.value_counts(sort=False).sort_values(ascending=False, kind="stable")
    places = [f"{name} under {count}" for name, count in counts.items()]
    return f"The best model depends on the setting: of {total} settings, {listed(places)}."


def classifiers_differ(per_run: pd.DataFrame, titles: dict[str, str]) -> str:
    """The effect of the classifier. per_run: classifier, table (the model) and score, the mean over
    draws; titles: classifier → name for people. Only models that all classifiers scored count."""
    wide = per_run.pivot_table(index="table", columns="classifier", values="score").dropna()
    if wide.shape[1] < 2 or wide.empty:
        return ""
    means = wide.mean()
    high, low = str(means.idxmax()), str(means.idxmin())
    apart = float(means[high] - means[low])
    low_text, high_text = percent([float(means[low]), float(means[high])])
    ends = f"from {low_text} ({titles.get(low, low)}) to {high_text} ({titles.get(high, high)})"
    if low_text == high_text:
        return f"The classifier makes no difference: each gives {low_text} on average."
    pairs = len(list(combinations(means, 2)))
    clear = clear_difference(list(wide[high] - wide[low]), pairs)
    models = f"{len(wide)} models"
    if clear is None:
        return f"The classifiers reach {ends}, but one model is too few to compare them."
    if not clear:
        return (
            f"No classifier is clearly better: the means of {models} reach {ends}, no more than "
            "other models could make."
        )
    spread = float(wide.std().mean())
    models += f" (standard deviation {100 * spread:.1f} points)"
    if apart >= spread:
        return f"The classifier matters as much as the model: {ends}, for {models}."
    if apart >= LITTLE * spread:
        return f"The classifier matters, but less than the model: {ends}, for {models}."
    return f"The classifier hardly matters: {ends}, for {models}."


def factors_recognised(
    confusion: np.ndarray,
    factors: Sequence[str],
    tested: int,
    z: np.ndarray,
    labels: np.ndarray,
) -> str:
    """Which fixed factor the classifier recognises best and worst.

    confusion: (K, K) shares of the guesses, a row per fixed factor; tested: the points of all draws
    together; z (N, D) and labels (N,): the classifier's input, see `plots.difference_boxes`.
    """
    right, each = confusion.diagonal(), tested / len(factors)
    chance = 1 / len(factors)

    def error(one: int, two: int) -> float:
        variances = [max(p * (1 - p), 1 / each) / each for p in right[[one, two]]]
        return float(np.sqrt(sum(variances)))

    best, worst = int(right.argmax()), int(right.argmin())
    high, low = (f"{right[n]:.0%}".replace("%", " %") for n in (best, worst))
    if right[best] - chance <= ERRORS * np.sqrt(chance * (1 - chance) / each):
        return "No factor is recognised better than by guessing."
    if right[best] - right[worst] <= ERRORS * error(best, worst):
        return f"All factors are recognised about equally well ({low} to {high})."
    still = _stillest(z, labels, best)
    by = "" if still is None else f", by z{still}, which moves least when it is fixed"
    wrong = confusion[worst].copy()
    wrong[worst] = 0
    taken = factors[int(wrong.argmax())]
    return sentence(
        f"{factors[best]} is recognised best ({high}){by}",
        f"{factors[worst]} is recognised worst ({low}) and most often taken for {taken}",
    )


def _stillest(z: np.ndarray, labels: np.ndarray, factor: int) -> int | None:
    """The latent that moves least when this factor is fixed, relative to the other factors; None if
    none moves less than `STILL` of its usual movement: the factor is recognised by exclusion."""
    held, free = z[labels == factor], z[labels != factor]
    if not len(held) or not len(free):
        return None
    usual = np.median(free, axis=0)
    moving = usual > 0
    if not moving.any():
        return None
    ratio = np.full(z.shape[1], np.inf)
    ratio[moving] = np.median(held, axis=0)[moving] / usual[moving]
    return int(ratio.argmin()) if ratio.min() < STILL else None
