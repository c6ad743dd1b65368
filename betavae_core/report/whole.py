"""The whole report: verdicts and tables, made from runs and claims."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..store import Run
from . import noise_tables, paper_figures, paper_tables
from .appendix import all_distances, all_scores
from .chance_scaled import chance_scaled_table
from .claims import Claim
from .figure_5 import Drawing, drawings_5, figure_5
from .numbers import Number, numbers
from .table import Table
from .verdict import Judged, judge_all
from .visible import visible_table


@dataclass(frozen=True)
class Report:
    """What the report says; the tables of the paper are empty for claims of others."""

    judged: list[Judged]
    paper: list[Table]  # the paper's tables and figures beside ours
    drawings: list[Drawing]  # Figure 5
    pictures: list[tuple[str, Run]]  # figures whose pictures are stored with runs
    chance: list[Table]  # spread, power, error rates
    lengths: list[Table]
    appendix: list[Table]  # every score and distance
    numbers: list[Number]


def report(runs: Sequence[Run], claims: Sequence[Claim], of_the_paper: bool = True) -> Report:
    """The report on these runs. of_the_paper: with the paper's tables and figures. Raises
    `InputError` for a claim about an unknown dataset."""
    found = numbers(runs)
    return Report(
        judge_all(claims, found),
        paper_part(found, runs) if of_the_paper else [],
        drawings_5(runs) if of_the_paper else [],
        paper_figures.figures_9_and_10(runs) if of_the_paper else [],
        chance_part(found),
        noise_tables.length_tables(found),
        [*all_scores(found), *all_distances(runs)],
        found,
    )


def paper_part(found: Sequence[Number], runs: Sequence[Run]) -> list[Table]:
    """The paper's tables and figures beside ours; found: the numbers of the runs."""
    return [
        *paper_tables.table_1(found),
        paper_tables.table_2(found),
        chance_scaled_table(found),
        *paper_tables.figure_3(found),
        paper_figures.figure_4(found),
        visible_table(found),
        figure_5(runs),
        *paper_figures.figure_6(found),
        paper_tables.table_3(found),
        *paper_figures.figures_7_and_8(runs),
    ]


def chance_part(found: Sequence[Number]) -> list[Table]:
    """Sources of spread, power and error rates."""
    return [make(found) for _, make in noise_tables.chance_tables().values()]
