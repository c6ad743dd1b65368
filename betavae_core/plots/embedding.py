"""Charts of embedded images that plotly draws: in three dimensions."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from .base import SIZE, finish


def in_three_dimensions(
    points: np.ndarray,
    lines: Sequence[tuple[str, np.ndarray, bool]],
    colours: Mapping[str, str],
    labels: Sequence[str],
    axes: Sequence[str],
    height: int = 460,
) -> go.Figure:
    """Points (N, 3) that can be turned; lines: (group, which points in order, joined); colours:
    group → colour; labels: N texts, for pointing; axes: three titles."""
    figure = go.Figure()
    named: set[str] = set()
    for group, rows, joined in lines:
        x, y, z = points[rows].T
        figure.add_scatter3d(
            x=x,
            y=y,
            z=z,
            mode="lines+markers" if joined else "markers",
            line={"color": colours[group], "width": 4},
            marker={"color": colours[group], "size": 3},
            hovertext=[labels[n] for n in rows],
            hoverinfo="text",
            name=group,
            legendgroup=group,
            showlegend=group not in named,
        )
        named.add(group)
    scene = {
        f"{name}axis": {"title": {"text": text}, "showticklabels": False}
        for name, text in zip("xyz", axes, strict=True)
    }
    figure.update_layout(scene={**scene, "aspectmode": "data"})
    finish(figure, height)
    figure.update_layout(margin={"l": 0, "r": 0, "b": 0}, font={"size": SIZE - 2})
    return figure
