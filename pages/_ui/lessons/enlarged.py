"""Figures for a projector: the same, in letters that the back row can read."""

from typing import Any

import plotly.graph_objects as go

from betavae_core.plots.base import SIZE
from pages._ui.charts import Drawn, drawn

HEIGHT = 470  # pixels, what is left of a screen of 720
SQUARE = 46  # of a matrix


def enlarged(made: Drawn, least: int) -> Drawn:
    """The figure with no letter below `least` pixels."""
    return drawn(_enlarged, made, least)


def _enlarged(made: Drawn, least: int) -> go.Figure:
    figure = go.Figure(made.figure())
    ratio = least / SIZE
    margin = figure.layout.margin
    layout: dict[str, Any] = {
        "height": HEIGHT,
        "font": {"size": least},
        "legend": {"font": {"size": least}},
        "hoverlabel": {"font": {"size": least}},
        "margin": {
            "l": ratio * (margin.l or 60),
            "r": ratio * (margin.r or 20),
            "t": ratio * (margin.t or 36),
            "b": ratio * (margin.b or 56),
        },
    }
    figure.update_layout(**layout)
    for axes in (figure.update_xaxes, figure.update_yaxes):
        axes(title_font_size=least, tickfont_size=least)
    figure.update_annotations(font_size=least)
    for trace in figure.data:
        if trace.type in ("scatter", "bar") and trace.textfont.size is not None:
            trace.textfont.size = least
        if trace.type == "scatter" and trace.marker.symbol == "square":
            trace.marker.size = SQUARE
        elif trace.type == "scatter" and isinstance(trace.marker.size, int | float):
            trace.marker.size *= ratio
    return figure
