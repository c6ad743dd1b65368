"""Any chart as a table."""

import numpy as np
import plotly.graph_objects as go

from betavae_core.plots import chart_table, matrix_cells, score_over_beta
from tests.plots.rows import ROWS


def test_lines_with_their_error_bars() -> None:
    figure = go.Figure()
    figure.add_scatter(x=[1, 2], y=[3.5, 4.5], name="a", error_y={"array": [0.1, 0.2]})
    figure.add_scatter(x=[7], y=["seven"], text=["hover"])
    table = chart_table(figure)
    assert list(table["series"]) == ["a", "a", "series 2"]
    assert list(table["y"]) == [3.5, 4.5, "seven"]
    assert list(table["y error"][:2]) == [0.1, 0.2]
    assert table["text"][2] == "hover"


def test_a_grid_of_cells_has_a_row_per_cell() -> None:
    table = chart_table(go.Figure(go.Heatmap(z=[[1, 2, 3], [4, 5, 6]], x=list("abc"), y=[8, 9])))
    assert list(zip(table["x"], table["y"], table["z"], strict=True)) == [
        ("a", 8, 1), ("b", 8, 2), ("c", 8, 3), ("a", 9, 4), ("b", 9, 5), ("c", 9, 6),
    ]  # fmt: skip


def test_boxes_bars_and_space() -> None:
    figure = go.Figure()
    figure.add_box(x=["one"], q1=[1], median=[2], q3=[3], lowerfence=[0], upperfence=[4], name="b")
    figure.add_bar(x=[0.5], y=["row"])
    figure.add_scatter3d(x=[1], y=[2], z=[3])
    table = chart_table(figure)
    assert dict(table.iloc[0].dropna())["median"] == 2
    assert table.iloc[1]["y"] == "row"
    assert table.iloc[2]["z"] == 3


def test_no_data_no_rows() -> None:
    assert chart_table(go.Figure()).empty
    assert chart_table(go.Figure(go.Scatter())).empty


def test_what_is_written_into_a_chart_comes_last() -> None:
    figure = go.Figure(go.Scatter(x=[1], y=[2]))
    figure.add_annotation(text="chance<br>0.20")
    assert list(chart_table(figure)["series"]) == ["series 1", "note"]
    assert chart_table(figure)["text"][1] == "chance 0.20"


def test_cells_come_out_with_the_names_of_their_rows_and_columns() -> None:
    matrix = np.arange(6).reshape(2, 3) / 10
    names = ["scale", "position x", "c"]
    table = chart_table(matrix_cells(matrix, ["z4", "z7"], names, what="x", chosen=(0, 0)))
    found = {(r.y, r.x): r.value for r in table[table["series"] != "note"].itertuples()}
    assert found == {
        (row, name): matrix[i, j]
        for i, row in enumerate(["z4", "z7"])
        for j, name in enumerate(names)
    }


def test_every_run_of_a_chart_is_in_its_table() -> None:
    figure = score_over_beta(ROWS, title="score", middle="median", lines={"chance": 0.2})
    table = chart_table(figure)
    assert set(ROWS["value"]) <= set(table["y"].dropna().astype(float))
    assert "chance 0.20" in set(table["text"].dropna())
