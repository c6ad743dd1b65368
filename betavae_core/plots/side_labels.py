"""Names at the right edge of a chart, kept apart if their lines end close together."""

from collections.abc import Sequence

import plotly.graph_objects as go

from .base import SIZE


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
    ends = sorted(ends, key=lambda end: end[1])
    placed = spread([height for _, height, _ in ends], gap)
    down = max(0.0, placed[-1] - top) if placed and top is not None else 0.0
    for (name, _, colour), height in zip(ends, placed, strict=True):
        dot = colour and f'<span style="color:{colour}">●</span> '
        figure.add_annotation(
            x=1.01, xref="paper", y=height - down, text=f"{dot}{name}", showarrow=False,
            xanchor="left", font={"size": size},
        )  # fmt: skip
