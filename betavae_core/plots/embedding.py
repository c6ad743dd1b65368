"""Charts of embedded images in three dimensions, drawn by plotly."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go

from .base import SIZE, finish

Reach = Sequence[tuple[float, float]]  # the two ends of every axis


def common_reach(clouds: Sequence[np.ndarray]) -> Reach:
    """The ends of every axis for the points (N, A) of all panels, with a margin; all axes are as
    long as the longest, so that a panel of any shape stays in view."""
    together = np.concatenate(clouds)
    low, high = together.min(0), together.max(0)
    half = max(float((high - low).max()) * 0.55, 1e-9)
    return [(float(middle - half), float(middle + half)) for middle in (low + high) / 2]


def in_three_dimensions(
    points: np.ndarray,
    lines: Sequence[tuple[str, np.ndarray, bool]],
    colours: Mapping[str, str],
    labels: Sequence[str],
    axes: Sequence[str],
    height: int = 460,
    reach: Reach | None = None,
) -> go.Figure:
    """Points (N, 3) in a view that can be turned; lines: (group, positions of its points in order,
    joined); colours: group → colour; labels: N texts, for pointing; axes: three titles; reach: the
    ends of every axis, by default those of these points."""
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
            hovertext=[escape(labels[n]).replace("\n", "<br>") for n in rows],
            hoverinfo="text",
            name=group,
            legendgroup=group,
            showlegend=group not in named,
        )
        named.add(group)
    look = {"nticks": 5, "tickfont": {"size": SIZE - 1}}
    ends = common_reach([points]) if reach is None else reach
    scene = {
        f"{name}axis": {"title": {"text": text}, "range": list(between), **look}
        for name, text, between in zip("xyz", axes, ends, strict=True)
    }
    eye = dict.fromkeys("xyz", 1.45)
    figure.update_layout(scene={**scene, "aspectmode": "cube", "camera": {"eye": eye}})
    finish(figure, height)
    figure.update_layout(margin={"l": 0, "r": 0, "b": 0}, font={"size": SIZE - 1})
    return figure
