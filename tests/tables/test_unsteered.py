"""Runs that were steered while they trained, and forks, enter no comparison."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from betavae_core.export.site.plan import SameImages
from betavae_core.lessons.selection import Selection, selected
from betavae_core.report.numbers import numbers
from betavae_core.store import Run, unsteered
from betavae_core.tables.distances import distance_rows, loss_rows, stored_distances
from betavae_core.tables.families import family
from betavae_core.tables.scores import score_rows
from betavae_core.tables.summary import quantities
from betavae_core.tables.training import training_rows
from tests.tables.measured import measured_run

BY_HAND: list[dict[str, Any]] = [
    {"steered": "β = 40 after 80 images"},
    {"forked": "another after 80"},
    {"forked": "another after 80", "steered": "β = 40 after 80 images"},
]


def run(beta: float, **settings: Any) -> Run:
    return measured_run(
        {"all": 0.5}, [0.5], {"reconstructions": 3.0, "samples": 4.0}, beta=beta, **settings
    )


def named(table: Any) -> set[str]:
    return set(table["run"])


JOINED: dict[str, Callable[[Sequence[Run]], set[str]]] = {
    "unsteered": lambda runs: {each.name for each in unsteered(runs)},
    "scores": lambda runs: named(score_rows(runs)),
    "distances": lambda runs: named(distance_rows(runs)),
    "losses": lambda runs: named(loss_rows(runs)),
    "training": lambda runs: named(training_rows(runs)),
    "report": lambda runs: {number.run for number in numbers(runs)},
    "family": lambda runs: {each.name for each in family(runs)[0]},
    "lessons": lambda runs: {each.name for each in selected(Selection("2dshapes", "conv"), runs)},
    "site": lambda runs: {
        each.name for of in SameImages("a", "A", list(runs)).families for each in of.runs
    },
}


@pytest.mark.parametrize("by_hand", BY_HAND, ids=["steered", "forked", "both"])
@pytest.mark.parametrize("where", JOINED)
def test_no_table_joins_them(where: str, by_hand: dict[str, Any]) -> None:
    plain, changed = (
        [run(1.0), run(4.0)],
        [run(2.0, seed=7, **by_hand), run(4.0, seed=8, **by_hand)],
    )
    joined = JOINED[where]
    assert joined([*changed, *plain]) == {each.name for each in plain}
    assert joined(changed) == set()


def test_what_was_measured_on_one_is_shown_beside_it() -> None:
    changed = measured_run(distances={"reconstructions": 3.0, "samples": 4.0}, **BY_HAND[0])
    assert named(stored_distances([changed])) == {changed.name}
    distances = [each for each in quantities([changed]) if "FD" in each.title]
    assert [each.numbers for each in distances] == [[3.0], [4.0]]


def test_the_folder_name_does_not_decide(tmp_path: Path) -> None:
    """A steered run has the name of its setting."""
    one, other = run(4.0), run(4.0, **BY_HAND[0])
    assert one.name == other.name
    assert unsteered([other, one]) == [one]
