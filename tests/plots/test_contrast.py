"""The text of charts takes the page's colour: it is legible on both themes, also on coloured
cells."""

import re

import numpy as np
import pytest

from betavae_core.plots import chart_table, matrix_cells, score_profile
from betavae_core.plots.scores import CELLS
from betavae_core.plots.side_labels import name_lines
from tests.contrast import contrast

# Streamlit's text on our pages: (text, page), light and dark
THEMES = [((47, 45, 43), (255, 255, 255)), ((237, 235, 232), (20, 23, 28))]


@pytest.mark.parametrize(("text", "page"), THEMES)
def test_the_values_of_a_matrix_are_legible_on_every_cell(
    text: tuple[int, int, int], page: tuple[int, int, int]
) -> None:
    low, high = ([float(number) for number in re.findall(r"[\d.]+", colour)] for _, colour in CELLS)
    for share in np.linspace(0, 1, 11):
        *tone, alpha = (a + share * (b - a) for a, b in zip(low, high, strict=True))
        cell = tuple(alpha * one + (1 - alpha) * two for one, two in zip(tone, page, strict=True))
        assert contrast(text, cell) >= 4.5, share


def test_no_text_of_a_chart_has_a_colour_of_its_own() -> None:
    matrix = matrix_cells(np.eye(2), ["z0", "z1"], ["x", "y"], what="shares")
    profile = score_profile({"MIG": 0.5}, {}, "red")
    for figure in (matrix, profile):
        for trace in figure.data:
            assert trace.type == "bar" or trace.textfont.color is None
        assert all(note.font.color is None for note in figure.layout.annotations)


def test_a_dot_tells_the_line_and_a_table_needs_none() -> None:
    figure = score_profile({"MIG": 0.5}, {}, "red")
    name_lines(figure, [("β = 4", 0.5, "#123456"), ("chance", 0.1, "")], 0.01)
    texts = [note.text for note in figure.layout.annotations]
    assert texts == ["chance", '<span style="color:#123456">●</span> β = 4']
    assert list(chart_table(figure)["text"].dropna())[-2:] == ["chance", "β = 4"]
