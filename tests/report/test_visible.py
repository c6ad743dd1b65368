"""Visible against measured: from numbers to points, a sentence, a table and a chart."""

from collections.abc import Sequence

import pytest

from betavae_core.plots.clean_over_score import STEP, Mark, apart
from betavae_core.report.numbers import Number
from betavae_core.report.visible import (
    visible_chart,
    visible_how,
    visible_points,
    visible_says,
    visible_table,
)
from tests.report.numbered import number, recipe


def models(pairs: Sequence[tuple[float, float]], beta: float = 4.0) -> list[Number]:
    """A run for each pair of a score and a number of clean factors."""
    found = []
    for seed, (score, clean) in enumerate(pairs):
        found.append(number(beta, seed, score, factors="no-shape"))
        found.append(number(beta, seed, 0.2, factors="all"))
        found.append(number(beta, seed, clean / 5, score="clean"))
    return found


NUMBERS = [
    *models([(0.999, 2), (0.97, 0), (0.96, 1), (0.7, 1)]),
    number(1.0, 9, 0.99, factors="no-shape"),  # its latents were not looked at
    number(1.0, 8, 0.4, score="clean"),  # not scored
    *[number(None, 0, v, baseline="oracle", factors="no-shape") for v in (1.0,)],
    number(None, 0, 1.0, baseline="oracle", score="clean"),
    number(4.0, 1, 1.0, of=recipe(dataset="3dshapes"), factors="no-shape"),
    number(4.0, 1, 1.0, of=recipe(dataset="3dshapes"), score="clean"),
]


def test_points_are_the_runs_with_both_numbers() -> None:
    points = visible_points(NUMBERS)
    assert [(p.score, p.clean) for p in points] == [
        (0.7, 1), (0.96, 1), (0.97, 0), (0.999, 2), (1.0, 5)
    ]  # fmt: skip
    assert [p.baseline for p in points] == ["", "", "", "", "oracle"]


def test_the_sentence() -> None:
    """Spearman: ranks of the scores 1 2 3 4, of the counts 2.5 2.5 1 4: 0.316."""
    assert visible_says(visible_points(NUMBERS)) == (
        "Of 3 models with 95% or more by Higgins' metric, none has more than 2 of 5 factors with "
        "one clean latent, and 1 has none; over all 4 models the two have a rank correlation of "
        "0.32."
    )
    clean = visible_points(models([(0.97, 5), (0.98, 3)]))
    assert "Of 2 models" in visible_says(clean)
    assert "1 has all 5 factors clean." in visible_says(clean)
    low = visible_points(models([(0.9, 5)]))
    assert visible_says(low) == "No model on 2Dshapes scores 95% or more: nothing to compare."


def test_the_table_counts_trained_models() -> None:
    table = visible_table(NUMBERS)
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["99% or more"] == ["0", "0", "1", "0", "0", "0", "1"]
    assert rows["95% to below 99%"] == ["1", "1", "0", "0", "0", "0", "2"]
    assert rows["0% to below 80%"] == ["0", "1", "0", "0", "0", "0", "1"]
    assert sum(int(row[-1]) for row in rows.values()) == 4
    assert visible_says(visible_points(NUMBERS)) in table.caption
    assert visible_table([]).rows == []


def test_how_it_was_measured() -> None:
    said = visible_how(visible_points(NUMBERS))
    for part in ("2Dshapes (rendered images)", "four factors", "L = 64", "10,000 random images"):
        assert part in said


def test_the_chart_has_every_run() -> None:
    figure = visible_chart(visible_points(NUMBERS))
    shown = [x for trace in figure.data for x in trace.x if x is not None]
    assert sorted(shown) == pytest.approx([70, 96, 97, 99.9, 100])
    assert "true factors" in [text for trace in figure.data for text in trace.text or ()]


def test_points_do_not_cover_one_another() -> None:
    marks = [Mark(str(n), 0.99 + n / 10_000, 2, 4.0, "conv") for n in range(3)]
    marks += [Mark("other", 0.9, 2, 4.0, "conv"), Mark("zero", 0.99, 0, 4.0, "conv")]
    assert apart(marks) == pytest.approx([2, 2 - STEP, 2 + STEP, 2, 0])
