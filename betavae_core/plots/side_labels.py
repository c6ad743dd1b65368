"""Names at the right edge of a chart, kept apart if their lines end close together."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from .base import SIZE

EDGE = 1.01  # where the names begin, in widths of the chart


def spread(values: Sequence[float], gap: float) -> list[float]:
    """The values, given in rising order, moved up so that neighbours differ by at least `gap`."""
    placed: list[float] = []
    for value in values:
        placed.append(max(value, placed[-1] + gap) if placed else value)
    return placed


def name_lines(
    figure: go.Figure,
    ends: Sequence[tuple[str, float, str]],
    gap: float,
    *,
    top: float | None = None,
    size: int = SIZE - 1,
) -> None:
    """Write each name at the height of its line's end, after a dot in the line's colour: no colour
    of a line is legible as text on both a white and a black page.

    ends: (name, height, colour; "" for no dot), heights in units of the axis (powers of ten on a
    logarithmic one);
    gap: between neighbours; top: if the highest would be above it, all move down together.
    """
    figure.update_layout(meta={"gap": gap, "top": top})
    ends = sorted(ends, key=lambda end: end[1])
    placed = spread([height for _, height, _ in ends], gap)
    down = max(0.0, placed[-1] - top) if placed and top is not None else 0.0
    for (name, _, colour), height in zip(ends, placed, strict=True):
        dot = colour and f'<span style="color:{colour}">●</span> '
        figure.add_annotation(
            x=EDGE, xref="paper", y=height - down, text=f"{dot}{name}", showarrow=False,
            xanchor="left", font={"size": size},
        )  # fmt: skip


def keep_apart(layout: dict[str, Any], ratio: float) -> None:
    """Move the names of `name_lines` in a figure's layout, for letters that are `ratio` times as
    high beside the axis; the names stay around their places, and below the top."""
    names = [each for each in layout.get("annotations", []) if each.get("x") == EDGE]
    if not names:
        return
    names.sort(key=lambda each: each["y"])
    before, top = [each["y"] for each in names], layout["meta"]["top"]
    placed = spread(before, ratio * layout["meta"]["gap"])
    down = (sum(placed) - sum(before)) / len(names)
    if top is not None:
        down = max(down, placed[-1] - top)
    for each, height in zip(names, placed, strict=True):
        each["y"] = height - down
