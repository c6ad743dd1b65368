"""Charts of verdicts: the values on both sides of a comparison, and power over seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from ..pictures.colours import ACCENT, BETA_TONES, FACTOR_COLOURS
from .base import GREY, SIZE, finish

TICKS = (2, 3, 5, 10, 20, 50, 100)
SHADES = ("solid", "dash", "dot", "dashdot")


@dataclass(frozen=True)
class Row:
    """One group: the values of its runs (of a change: none), and its statistic with the 95 %
    interval."""

    name: str
    values: tuple[float, ...]
    value: float
    low: float
    high: float


def evidence(
    rows: Sequence[Row], title: str, limit: float | None = None, percent: bool = False
) -> go.Figure:
    """A dot for every run of each group, a bar for the group's statistic, a line for its interval;
    limit: a number that a group is compared with."""
    scale = 100 if percent else 1
    figure = go.Figure()
    for place, row in enumerate(rows):
        tone = BETA_TONES[(2 * place) % len(BETA_TONES)]
        figure.add_scatter(
            x=[scale * value for value in row.values],
            y=[place + 0.2] * len(row.values),
            mode="markers",
            marker={"size": 11, "color": tone, "line": {"width": 1, "color": GREY}},
            name=row.name,
            hovertemplate=f"{row.name}: %{{x:.4~g}}<extra></extra>",
            showlegend=False,
        )
        figure.add_scatter(
            x=[scale * row.value],
            y=[place - 0.15],
            error_x={
                "type": "data",
                "array": [scale * (row.high - row.value)],
                "arrayminus": [scale * (row.value - row.low)],
                "color": ACCENT,
                "thickness": 2,
                "width": 5,
            },
            mode="markers",
            marker={"symbol": "line-ns", "size": 18, "line": {"width": 4, "color": ACCENT}},
            name=f"{row.name}, with its 95 % interval",
            hovertemplate=f"{row.name}: %{{x:.4~g}}<extra></extra>",
            showlegend=False,
        )
    if limit is not None:
        figure.add_vline(x=scale * limit, line={"color": GREY, "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=scale * limit, y=1, yref="paper", text=f"{scale * limit:.4g}", showarrow=False,
            yanchor="bottom", font={"size": SIZE - 1},
        )  # fmt: skip
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(rows))),
        ticktext=[row.name for row in rows],
        range=[len(rows) - 0.4, -0.6],
        showgrid=False,
        zeroline=False,
        automargin=True,
    )
    figure.update_xaxes(title=title, zeroline=False)
    return finish(figure, 110 + 62 * len(rows))


def power_over_seeds(
    curves: Mapping[str, Mapping[int, float]], wanted: float, title: str = "power"
) -> go.Figure:
    """Lines of power over the number of seeds of each β. curves: name → seeds → power in [0, 1];
    wanted: the power that is asked for, as a dotted line."""
    figure = go.Figure()
    for number, (name, curve) in enumerate(curves.items()):
        tone = FACTOR_COLOURS[number % len(FACTOR_COLOURS)]
        figure.add_scatter(
            x=list(curve),
            y=list(curve.values()),
            mode="lines",
            line={"color": tone, "width": 3, "dash": SHADES[number % len(SHADES)]},
            name=name,
            hovertemplate=f"{name}<br>%{{x}} seeds: %{{y:.2f}}<extra></extra>",
        )
    figure.add_hline(y=wanted, line={"color": GREY, "width": 1.5, "dash": "dot"})
    figure.update_xaxes(
        title="seeds of each β", type="log", tickvals=TICKS, ticktext=list(map(str, TICKS)),
        showgrid=False,
    )  # fmt: skip
    figure.update_yaxes(title=title, range=[0, 1.03])
    figure = finish(figure, 460)
    figure.update_layout(margin={"t": 90})
    return figure
