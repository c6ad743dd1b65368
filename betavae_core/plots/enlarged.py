"""A chart with larger letters, for the back row."""

from typing import Any

import plotly.graph_objects as go

from .side_labels import keep_apart


def enlarged(
    figure: go.Figure, scale: float, *, least: float = 0.0, height: int | None = None
) -> go.Figure:
    """A copy whose text is `scale` times as large and at least `least` pixels, with as much more
    room around the axes; height: in pixels, by default halfway to `scale` times the figure's."""
    data = _enlarged(figure.to_plotly_json(), scale, least)
    layout = data["layout"]
    own, margin = layout.get("height"), layout.get("margin", {})
    high = height or (own and round(own * (1 + scale) / 2))
    if own:
        around = margin.get("t", 0) + margin.get("b", 0)
        keep_apart(layout, scale * (own - around) / (high - scale * around))
    if high:
        layout["height"] = high
    layout["margin"] = {side: round(size * scale) for side, size in margin.items()}
    return go.Figure(data, skip_invalid=True)


def _enlarged(part: Any, scale: float, least: float) -> Any:
    """A part of a figure, with the sizes of all its fonts multiplied."""
    if isinstance(part, list | tuple):
        return [_enlarged(each, scale, least) for each in part]
    if not isinstance(part, dict):
        return part
    new = {name: _enlarged(value, scale, least) for name, value in part.items()}
    for name, font in new.items():
        if name.endswith("font") and isinstance(font, dict) and font.get("size"):
            new[name] = font | {"size": max(font["size"] * scale, least)}
    return new
