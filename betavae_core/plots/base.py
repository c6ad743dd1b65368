"""The common style of all charts: sizes for the back row, quiet greys, one layout."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ..pictures.colours import ACCENT

GREY = "#808890"  # of lines and marks: visible on white and on near-black
MARK = "#5b6670"  # darker: also visible on a coloured bar
SIZE = 15  # of text, in pixels: for the back row


def finish(figure: go.Figure, height: int, right: int = 20) -> go.Figure:
    """The layout of every chart; height and right margin in pixels."""
    layout: dict[str, Any] = {
        "height": height,
        "margin": {"l": 60, "r": right, "t": 36, "b": 56},
        "font": {"size": SIZE},
        "legend": {
            "orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": SIZE},
            "title": {"font": {"size": SIZE}},
        },
        "hoverlabel": {"font": {"size": SIZE}},
    }  # fmt: skip
    figure.update_layout(**layout)
    figure.update_xaxes(title_font_size=SIZE, tickfont_size=SIZE - 1)
    figure.update_yaxes(title_font_size=SIZE, tickfont_size=SIZE - 1)
    return figure


def add_curve(
    figure: go.Figure,
    curve: Mapping[float, float],
    betas: Sequence[float],
    label: str,
    error: Mapping[float, float] | None = None,
) -> None:
    """A dotted line of a model for every β (β → value) on an axis whose ticks 0, 1, … are `betas`,
    ascending: between the least and the greatest positive of them, placed by log β. error: bars."""
    positive = [(beta, place) for place, beta in enumerate(betas) if beta > 0]
    if len(positive) < 2:
        return
    known, places = np.array(positive).T
    inside = [beta for beta in sorted(curve) if known[0] <= beta <= known[-1]]
    figure.add_scatter(
        x=np.interp(np.log(inside), np.log(known), places),
        y=[curve[beta] for beta in inside],
        error_y={"type": "data", "array": [error[b] for b in inside], "width": 3, "thickness": 1}
        if error
        else None,
        mode="lines+markers",
        line={"color": ACCENT, "width": 2, "dash": "dot"},
        marker={"size": 5},
        customdata=inside,
        name=label,
        hovertemplate="%{y:.4~g}<br>β = %{customdata:.3~g}<extra></extra>",
    )
