"""A table of the report: texts, with what they were measured on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..tables.scores import SHOWN_SCORES
from .bootstrap import Bootstrap, interval, statistic
from .numbers import Number

UNKNOWN = "not computed"


@dataclass(frozen=True)
class Table:
    """name: of its file; caption: what it shows and what it was measured on."""

    name: str
    title: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    caption: str = ""


def percent(value: float) -> str:
    """A share in [0, 1] as "65.13"."""
    return f"{100 * value:.2f}"


def plain(value: float) -> str:
    """A distance or a loss."""
    return f"{value:,.1f}"


def mean_text(values: Sequence[float], spell: Callable[[float], str] = percent) -> str:
    """ "65.13 ± 4.98", the mean and the standard deviation; the value alone for one."""
    if not values:
        return UNKNOWN
    mean = spell(float(np.mean(values)))
    return mean if len(values) < 2 else f"{mean} ± {spell(float(np.std(values, ddof=1)))}"


def middle_text(values: Sequence[float], spell: Callable[[float], str] = percent) -> str:
    """The median."""
    return spell(float(np.median(values))) if values else UNKNOWN


def seeds_text(numbers: Sequence[Number]) -> str:
    """How many seeds, and which: "4 (123, 235, 427, 921)"."""
    seeds = sorted({number.seed for number in numbers})
    return f"{len(seeds)} ({', '.join(map(str, seeds))})" if seeds else "0"


def interval_text(
    numbers: Sequence[Number],
    name: str = "mean",
    spell: Callable[[float], str] = percent,
) -> str:
    """The 95 % interval of the mean or median, by the bootstrap over seeds and draws; for a single
    seed it is unknown how much others differ."""
    if len({number.seed for number in numbers}) < 2:
        return UNKNOWN + " (one seed)" * bool(numbers)
    strata: dict[str, dict[str, Sequence[float]]] = {}
    for each in numbers:
        strata.setdefault(each.baseline or f"{each.beta:g}", {})[each.run] = each.draws
    low, high = interval(statistic(name, Bootstrap().values(strata)))
    return f"{spell(low)} … {spell(high)}"


def is_share(score: str) -> bool:
    """Whether a number lies in [0, 1] and is shown in percent."""
    return score in SHOWN_SCORES or score == "clean"
