"""Charts: every number of the table is in them, and order changes are found."""

import numpy as np
import pandas as pd
import pytest

from betavae_core.pictures.colours import BETA_TONES, beta_colour
from betavae_core.plots import (
    LineStyle,
    crossings,
    difference_boxes,
    matrix_cells,
    rank_table,
    score_over_beta,
    score_over_l,
    score_profile,
    value_along_factor,
)
from tests.plots.rows import ROWS


def test_tones_of_beta_are_ordered() -> None:
    assert [beta_colour(beta) for beta in (0.1, 1, 4, 10)] == list(BETA_TONES)
    assert beta_colour(0) == BETA_TONES[0]
    assert beta_colour(1000) == BETA_TONES[3]


@pytest.mark.parametrize("middle", ["median", "mean"])
def test_every_run_is_a_dot_and_the_middle_of_its_seeds_a_line(middle: str) -> None:
    figure = score_over_beta(
        ROWS,
        title="score",
        middle=middle,
        lines={"PCA": 0.55, "ICA": 0.56},
        chance=0.2,
        ghosts={0.1: (0.6, 0.1), 10.0: (0.7, 0.1)},
        ghost_label="paper",
    )
    dots = [t for t in figure.data if t.customdata is not None]
    shown = sorted(float(y) for trace in dots for y in trace.y)
    assert shown == sorted(ROWS["value"])
    middles = [t.y[0] for t in figure.data if t.hovertemplate and middle in t.hovertemplate]
    assert middles == pytest.approx([0.6, 0.85])
    assert list(figure.layout.xaxis.ticktext) == ["0.1", "4", "10"]
    texts = {a.text: a.y for a in figure.layout.annotations}
    assert set(texts) == {"chance 0.20", "PCA 0.55", "ICA 0.56"}
    assert texts["ICA 0.56"] - texts["PCA 0.55"] > 0.04  # labels are kept apart, lines are not
    assert {s.y0 for s in figure.layout.shapes} == {0.2, 0.55, 0.56}


def test_a_model_for_every_beta_is_a_line_between_the_dots() -> None:
    """At its place in log β, between the least and the greatest β of the runs."""
    curve = {0.05: 0.1, 0.1: 0.2, 2.0: 0.3, 4.0: 0.25, 20.0: 0.9}
    errors = dict.fromkeys(curve, 0.01)
    figure = score_over_beta(
        ROWS, title="score", curve=curve, curve_error=errors, curve_label="every"
    )
    (line,) = [trace for trace in figure.data if trace.name == "every"]
    assert list(line.y) == [0.2, 0.3, 0.25]
    assert list(line.x) == pytest.approx([0, np.log(20) / np.log(40), 1])
    assert list(line.error_y.array) == [0.01] * 3
    assert figure.layout.yaxis.range[0] == 0  # its low values are inside


def test_lines_cross_where_they_change_places() -> None:
    found = crossings({"a": {0: 0.5, 1: 0.7}, "b": {0: 0.6, 1: 0.6}, "c": {0: 0.1, 1: 0.2}})
    assert found == [(pytest.approx(0.5), pytest.approx(0.6), "a overtakes")]
    assert crossings({"a": {0: 0.5, 1: 0.5}, "b": {0: 0.5, 1: 0.5}}) == []


def test_scores_over_l() -> None:
    summary = pd.DataFrame(
        [
            {"table": name, "L": L, "median": m, "lowest": m - 0.1, "highest": m + 0.05}
            for name, values in {"β = 1": (0.5, 0.8), "PCA": (0.6, 0.7)}.items()
            for L, m in zip((16, 64), values, strict=True)
        ]
    )
    styles = {"β = 1": LineStyle("#123456"), "PCA": LineStyle("#808080", "dash")}
    figure = score_over_l(summary, styles, 0.2)
    lines = {trace.name: trace for trace in figure.data}
    assert list(lines["β = 1"].y) == [0.5, 0.8]
    assert list(lines["β = 1"].error_y.array) == pytest.approx([0.05, 0.05])
    assert lines["PCA"].line.dash == "dash"
    assert len(lines["order of models changes"].x) == 1


def test_ranks_and_rings() -> None:
    means = pd.DataFrame({"β = 1": [0.9, 0.5], "PCA": [0.8, 0.6]}, index=["one", "two"])
    figure = rank_table(means, {"β = 1": LineStyle("#123456"), "PCA": LineStyle("#808080")})
    assert [list(trace.y) for trace in figure.data] == [[1, 2], [2, 1]]
    assert [list(trace.marker.size) for trace in figure.data] == [[11, 18], [11, 18]]


def test_a_cell_knows_its_latent_and_factor() -> None:
    values = np.array([[0.1, 0.9], [0.3, 0.0], [0.0, 0.2]])
    figure = matrix_cells(values, ["z2", "z0", "z1"], ["x", "y"], what="importance", chosen=(1, 0))
    trace = figure.data[0]
    assert [list(pair) for pair in trace.customdata] == [[i, j] for i in range(3) for j in range(2)]
    assert list(trace.marker.color) == values.ravel().tolist()
    assert trace.text[1] == ".90"
    assert trace.text[3] == ""
    assert [edge != "rgba(0,0,0,0)" for edge in trace.marker.line.color].index(True) == 2


def test_boxes_are_quantiles_of_the_held_factor() -> None:
    z = np.arange(40.0).reshape(20, 2)
    labels = np.repeat([0, 1], 10)
    figure = difference_boxes(z, labels, ["x", "y", "unused"])
    assert [box.name for box in figure.data] == ["x", "y"]
    assert list(figure.data[1].median) == pytest.approx(np.median(z[10:], axis=0))


def test_a_score_that_was_not_computed_says_so() -> None:
    figure = score_profile({"MIG": 0.25, "SAP": None}, {"PCA": {"MIG": 0.1}}, "#123456")
    assert list(figure.data[1].text) == ["0.25", "not computed"]
    assert list(figure.data[2].y) == ["MIG"]


def test_a_latent_along_a_factor_with_and_without_width() -> None:
    values, deviation = np.array([0.0, 1.0]), np.array([0.5, 0.25])
    figure = value_along_factor(values, deviation, latent="z0", factor="x", colour="#123456")
    assert list(figure.data[0].y) == [1.0, 1.5, 0.5, -1.0]
    assert len(value_along_factor(values, None, latent="z", factor="x", colour="#111111").data) == 1


def test_more_models_than_symbols() -> None:
    rows = pd.concat([ROWS.assign(model=f"model {n}") for n in range(6)])
    figure = score_over_beta(rows, title="score")
    assert {name for name in (trace.name for trace in figure.data) if name} >= {
        f"model {n}" for n in range(6)
    }
