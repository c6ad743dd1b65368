"""What was measured on the runs of a family, as charts over β."""

from dataclasses import dataclass

from ...sentences.over_beta import OverBeta
from ...sentences.words import sentence
from ...tables.scores import baseline_lines, chance_level, score_rows, usual
from ...tables.summary import Quantity, quantities
from .charts import Dot, over_beta
from .plan import Family, SameImages

SPOKEN = {  # titles that are words rather than names
    "Reconstruction loss": "the reconstruction loss",
    "Used latents": "the number of used latents",
}


@dataclass(frozen=True)
class Chart:
    """One chart, with what it means and how it was measured."""

    quantity: Quantity
    svg: str
    values: list[tuple[str, str]]  # each run and its value
    says: str  # what it shows, in a sentence


@dataclass(frozen=True)
class Charts:
    """The charts of a family."""

    title: str
    charts: list[Chart]


def charts_of(group: SameImages) -> list[Charts]:
    """For every family with several β, the longest training first, a chart for each quantity that
    several of its β have."""
    rows = usual(score_rows(group.runs))
    found = []
    for family in sorted(group.families, key=_length, reverse=True):
        charts = []
        for quantity in quantities(family.runs):
            dots = _dots(family, quantity)
            if len({dot.beta for dot in dots}) < 2:
                continue
            here = rows[rows["score"] == quantity.score]
            lines = baseline_lines(here) if quantity.score else {}
            if (chance := chance_level(here)) is not None:
                lines["chance"] = chance
            values = [
                (run.name, text) for run, text in zip(family.runs, quantity.values, strict=True)
            ]
            svg = over_beta(dots, lines, quantity.title)
            charts.append(Chart(quantity, svg, values, _says(quantity, dots)))
        if charts:
            found.append(Charts(family.title, charts))
    return found


def _length(family: Family) -> int:
    return max(run.config.images for run in family.runs)


def _says(quantity: Quantity, dots: list[Dot]) -> str:
    by_beta: dict[float, list[float]] = {}
    for dot in dots:
        by_beta.setdefault(dot.beta, []).append(dot.value)
    over = OverBeta(
        by_beta,
        low_is_better=quantity.better == "low",
        neutral=not quantity.better,
        decimals=2 if quantity.score else None,
    )
    spoken = SPOKEN.get(quantity.title, quantity.title)
    return sentence(over.clause(spoken))


def _dots(family: Family, quantity: Quantity) -> list[Dot]:
    return [
        Dot(run.config.beta, number, run.name)
        for run, number in zip(family.runs, quantity.numbers, strict=True)
        if number is not None and run.config.beta is not None
    ]
