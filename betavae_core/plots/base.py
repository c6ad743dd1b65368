"""The common style of all charts: sizes for the back row, quiet greys, one layout."""

from typing import Any

import plotly.graph_objects as go

GREY = "#808890"  # legible on white and on near-black
MARK = "#5b6670"  # darker: also visible on a coloured bar
SIZE = 15  # of text, in pixels: for the back row


def finish(figure: go.Figure, height: int, right: int = 20) -> go.Figure:
    """The layout of every chart; height and right margin in pixels."""
    layout: dict[str, Any] = {
        "height": height,
        "margin": {"l": 60, "r": right, "t": 36, "b": 56},
        "font": {"size": SIZE},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "hoverlabel": {"font": {"size": SIZE}},
    }
    figure.update_layout(**layout)
    figure.update_xaxes(title_font_size=SIZE, tickfont_size=SIZE - 1)
    figure.update_yaxes(title_font_size=SIZE, tickfont_size=SIZE - 1)
    return figure
