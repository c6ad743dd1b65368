"""Charts of lessons: some numbers as bars, and the guesses of a class beside the true answer."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from ..pictures.colours import ACCENT, FACTOR_COLOURS
from .base import GREY, SIZE, finish

BAR = FACTOR_COLOURS[0]
MOST_BARS = 20  # of guessed numbers


def number_bars(
    labels: Sequence[str], values: Sequence[float | None], texts: Sequence[str], most: float
) -> go.Figure:
    """A horizontal bar for each number, its text beside it; None is "not computed". most: the right
    end of the axis."""
    figure = go.Figure()
    figure.add_bar(
        x=[value or 0 for value in values],
        y=list(range(len(values))),
        orientation="h",
        marker={"color": BAR},
        width=0.6,
        text=list(texts),
        textposition="outside",
        textfont={"size": SIZE},
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )
    ticks = {"tickmode": "array", "tickvals": list(range(len(labels))), "ticktext": list(labels)}
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True, **ticks)
    low = min([0.0, *(value for value in values if value is not None)])
    figure.update_xaxes(range=[1.15 * low, most], showticklabels=False, showgrid=False)
    figure = finish(figure, 56 * len(labels) + 60, right=110)
    figure.update_layout(margin={"t": 20, "b": 20})
    return figure


def guessed_numbers(
    guesses: Sequence[float],
    truth: float | None,
    truth_text: str,
    low: float,
    high: float,
    step: float,
) -> go.Figure:
    """How often numbers were guessed, from low to high in steps: a bar on each of them, or if there
    are more than `MOST_BARS`, even bins; the true number as a line, and the median of the guesses
    as a dashed one."""
    steps = round((high - low) / step)
    if steps < MOST_BARS:
        low, high, bins = low - step / 2, high + step / 2, steps + 1
    else:
        bins = MOST_BARS
    counts, edges = np.histogram(np.asarray(guesses, float), bins, (low, high))
    figure = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=np.diff(edges) * 0.92,
            marker={"color": BAR},
            hovertemplate="%{y} guesses<extra></extra>",
            showlegend=False,
        )
    )
    lines = [(float(np.median(guesses)), "median of the guesses", GREY, "dash")] if guesses else []
    lines += [(truth, f"answer {truth_text}", ACCENT, "solid")] if truth is not None else []
    for value, name, colour, dash in lines:
        figure.add_vline(x=value, line={"color": colour, "width": 3, "dash": dash})
        figure.add_scatter(
            x=[None], y=[None], mode="lines", line={"color": colour, "width": 3, "dash": dash},
            name=name,
        )  # fmt: skip
    figure.update_xaxes(range=[low, high], title="guess", showgrid=False, zeroline=False)
    return _counted(figure)


def guessed_options(
    labels: Sequence[str], counts: Sequence[int], right: Sequence[bool]
) -> go.Figure:
    """How often each option was guessed; the right one in another colour."""
    figure = go.Figure()
    for is_right, name, colour in ((True, "right", ACCENT), (False, "not right", BAR)):
        here = [n for n, each in enumerate(right) if each == is_right]
        figure.add_bar(
            x=here,
            y=[counts[n] for n in here],
            marker={"color": colour},
            width=0.7,
            name=name,
            hovertemplate="%{y} guesses<extra></extra>",
        )
    figure.update_xaxes(
        tickmode="array", tickvals=list(range(len(labels))), ticktext=list(labels), showgrid=False
    )
    return _counted(figure)


def _counted(figure: go.Figure) -> go.Figure:
    highest = max([1, *(count for bar in figure.data if bar.type == "bar" for count in bar.y)])
    step = max(1, -(-highest // 5))
    figure.update_yaxes(title="guesses", range=[0, 1.1 * highest], dtick=step, zeroline=False)
    return finish(figure, 320)
