"""The numbers of any chart as a table."""

import re
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

# property of a trace → column, in this order; second line: of a summarised box
CHANNELS = ("x", "y", "z", "text")
SUMMARIES = ("q1", "median", "q3", "lowerfence", "upperfence", "mean", "sd")


def chart_table(figure: go.Figure) -> pd.DataFrame:
    """One row per mark of the chart: series (its name or number), its values under the names of the
    axes, numbers that are shown as colours, and the lengths of error bars. A grid of cells has a
    row per cell; texts in the chart come last, as notes."""
    parts = [_rows(trace, number, figure) for number, trace in enumerate(figure.data, 1)]
    texts = [_plain(note.text) for note in figure.layout.annotations if note.text]
    parts.append(pd.DataFrame({"series": "note", "text": texts}))
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame({"series": []})
    return pd.concat(filled, ignore_index=True).dropna(axis=1, how="all")


def _plain(text: str) -> str:
    """Without plotly's markup, and without the coloured dots before names."""
    return re.sub(r"<span[^>]*>●</span> |<[^>]+>", "", text.replace("<br>", " "))


def _rows(trace: Any, number: int, figure: go.Figure) -> pd.DataFrame:
    columns = _cells(trace) if trace.type == "heatmap" else _marks(trace)
    length = max(map(len, columns.values()), default=0)
    whole = {name: values for name, values in columns.items() if len(values) == length}
    if not set(whole) - {"text"}:
        return pd.DataFrame()
    for axis in ("x", "y"):
        if axis in whole and trace.type != "scatter3d":
            whole[axis] = _spelled(whole[axis], figure.layout[f"{axis}axis"])
    return pd.DataFrame({"series": [trace.name or f"series {number}"] * length, **whole})


def _marks(trace: Any) -> dict[str, list[Any]]:
    columns = {
        channel: list(np.atleast_1d(np.asarray(trace[channel], dtype=object)))
        for channel in (*CHANNELS, *SUMMARIES)
        if channel in trace and trace[channel] is not None and not isinstance(trace[channel], str)
    }
    colours = trace.marker.color if "marker" in trace else None
    if colours is not None and not isinstance(colours, str):
        values = list(colours)
        if values and not isinstance(values[0], str):
            columns["value"] = values
    for axis in ("x", "y"):
        bars = getattr(trace, f"error_{axis}", None)
        if bars is not None and bars.array is not None:
            columns[f"{axis} error"] = list(bars.array)
            if bars.arrayminus is not None:
                columns[f"{axis} error below"] = list(bars.arrayminus)
    return columns


def _cells(trace: Any) -> dict[str, list[Any]]:
    z = np.array(trace.z, dtype=object)
    height, width = z.shape
    across = list(range(width)) if trace.x is None else list(trace.x)
    down = list(range(height)) if trace.y is None else list(trace.y)
    return {
        "x": across * height,
        "y": [each for each in down for _ in range(width)],
        "z": list(z.ravel()),
    }


def _spelled(values: list[Any], axis: Any) -> list[Any]:
    """Positions by the axis's names, if it has a name for each."""
    if axis.ticktext is None or axis.tickvals is None:
        return values
    names = dict(zip(axis.tickvals, axis.ticktext, strict=True))
    if not all(value in names for value in values):
        return values
    return [names[value].replace("<br>", " ") for value in values]
