"""Charts with larger letters."""

import plotly.graph_objects as go
import pytest

from betavae_core.plots import enlarged
from betavae_core.plots.base import finish
from betavae_core.plots.side_labels import name_lines


def lines(heights: list[float], top: float | None = None) -> go.Figure:
    figure = go.Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], name="line")
    name_lines(figure, [(f"n{k}", y, "") for k, y in enumerate(heights)], 0.05, top=top)
    figure.update_yaxes(title="score")
    return finish(figure, 392)  # 300 pixels for the axes


def places(figure: go.Figure) -> list[float]:
    return sorted(each.y for each in figure.layout.annotations)


def test_every_text_has_a_size_that_grows() -> None:
    usual, large = lines([0.2]).layout, enlarged(lines([0.2]), 2.0).layout
    for find in (
        lambda layout: layout.font.size,
        lambda layout: layout.legend.font.size,
        lambda layout: layout.legend.title.font.size,
        lambda layout: layout.hoverlabel.font.size,
        lambda layout: layout.yaxis.title.font.size,
        lambda layout: layout.xaxis.tickfont.size,
        lambda layout: layout.annotations[0].font.size,
    ):
        assert find(large) == 2 * find(usual) > 0
    assert enlarged(lines([0.2]), 1.5, least=40).layout.legend.font.size == 40


def test_names_of_lines_stay_apart_and_around_their_places() -> None:
    usual = lines([0.5, 0.51, 0.52])
    # letters of twice the height in axes of 2 × 392 − 2 × 92 = 600 pixels instead of 300: as before
    same = enlarged(usual, 2.0, height=784)
    assert places(same) == pytest.approx([0.5, 0.55, 0.6])
    # in axes of 484 − 184 = 300 pixels they need twice the gap
    tight = enlarged(usual, 2.0, height=484)
    assert places(tight) == pytest.approx([0.45, 0.55, 0.65])
    assert tight.layout.height == 484


def test_names_stay_below_the_top() -> None:
    found = places(enlarged(lines([0.9, 0.95, 1.0], top=1.0), 2.0, height=484))
    assert found == pytest.approx([0.8, 0.9, 1.0])


def test_a_figure_without_names_keeps_its_annotations() -> None:
    figure = finish(go.Figure().add_annotation(x=0.3, y=0.7, text="here"), 400)
    assert enlarged(figure, 1.5).layout.annotations[0].y == 0.7
