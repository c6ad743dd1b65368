"""Visible against measured: clean factors over the score, a point for each run."""

import streamlit as st

from betavae_core.report.numbers import Number
from betavae_core.report.visible import visible_chart, visible_how, visible_points, visible_says
from pages._ui.charts import chart, drawn
from pages._ui.kept import kept


def visible_against_measured(numbers: list[Number]) -> None:
    """The chart, if there are runs with both numbers."""
    points = kept(visible_points, numbers)
    if points:
        st.header("Does a high score mean clean latents?")
        figure = drawn(visible_chart, points)
        chart(figure, "visible", visible_how(points), says=visible_says(points))
