"""The charts of the report."""

from collections.abc import Sequence

import plotly.graph_objects as go

from ..plots.evidence import Row, evidence, power_over_seeds
from .numbers import TITLES, Number
from .power import MOST, WANTED, Contrast, contrasts, power
from .recipe import Recipe
from .table import is_share
from .verdict import Judged, Measured

SHOWN = ("higgins", "factor_vae", "mig", "sap", "dci")  # one line each in a chart of power
STEPS = (2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 50, 64, 80, 100)


def evidence_chart(judged: Judged) -> go.Figure | None:
    """The groups of the evidence that decides, each once; None without evidence."""
    if judged.evidence is None:
        return None
    sides = [s for c in judged.evidence.comparisons for s in (c.left, c.right)]
    groups = {side.name: side for side in sides if side.runs}
    limits = [side.value for side in sides if not side.runs]
    claim = judged.claim
    percent = is_share(claim.score)
    title = f"{TITLES[claim.score]}{', %' * percent} ({claim.statistic} and its 95 % interval)"
    rows = [Row(side.name, side.values, side.value, *_reach(side)) for side in groups.values()]
    return evidence(rows, title, limits[0] if limits else None, percent)


def _reach(side: Measured) -> tuple[float, float]:
    """The interval; of one seed only the value, as it is unknown how much others differ."""
    return (side.low, side.high) if side.repeated else (side.value, side.value)


def shown_contrasts(numbers: Sequence[Number]) -> dict[Recipe, list[Contrast]]:
    """The contrasts of β = 1 and β = 4 that a chart of power shows, by recipe."""
    found: dict[Recipe, list[Contrast]] = {}
    for each in contrasts(numbers):
        if each.setting.score in SHOWN and each.setting.classifier in (None, "linear"):
            found.setdefault(each.recipe, []).append(each)
    return found


def power_says(of_recipe: Sequence[Contrast]) -> str:
    """How many seeds the scores of one recipe need, the fewest first."""
    known = sorted((each.needed, _name(each)) for each in of_recipe if each.needed)
    recipe = of_recipe[0].recipe.title
    if not known:
        return f"{recipe}: no score tells β = 4 from β = 1 with {MOST:,} seeds of each."
    said = ", ".join(f"{count} by {name}" for count, name in known)
    return f"{recipe}: seeds of each β for a power of {100 * WANTED:g} %: {said}."


def _name(contrast: Contrast) -> str:
    factors = {"all": ", all factors", "no-shape": ", without shape"}
    return TITLES[contrast.setting.score] + factors.get(contrast.setting.factors or "", "")


def power_chart(of_recipe: Sequence[Contrast]) -> go.Figure:
    """The power of one recipe's scores over the number of seeds, at the measured difference and
    spread."""
    curves = {
        _name(each): {count: power(each.difference, each.spread, count) for count in STEPS}
        for each in of_recipe
    }
    return power_over_seeds(curves, WANTED)
