"""Charts of the metric's dependence on its settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ..pictures.colours import ACCENT, FACTOR_COLOURS
from .base import GREY, SIZE, finish
from .side_labels import name_lines


@dataclass(frozen=True)
class LineStyle:
    """The style of one model's line; dash: "solid", "dot" or "dash"."""

    colour: str
    dash: str = "solid"


def score_over_l(
    summary: pd.DataFrame, styles: Mapping[str, LineStyle], chance: float
) -> go.Figure:
    """Score over L, a line per table with its spread over runs or draws.

    summary: columns table, L, median, lowest, highest. An open circle marks a crossing of two lines
    between neighbouring L.
    """
    figure = go.Figure()
    levels = sorted(summary["L"].unique())
    ends: list[tuple[str, float, str]] = []
    medians: dict[str, dict[int, float]] = {}
    for table, group in summary.groupby("table", sort=False):
        group = group.sort_values("L")
        name, x = str(table), [levels.index(value) for value in group["L"]]
        style = styles[name]
        medians[name] = dict(zip(x, group["median"], strict=True))
        figure.add_scatter(
            x=x,
            y=group["median"],
            error_y={
                "type": "data",
                "array": group["highest"] - group["median"],
                "arrayminus": group["median"] - group["lowest"],
                "thickness": 1.2,
                "width": 3,
            },
            mode="lines+markers",
            line={"color": style.colour, "width": 3, "dash": style.dash},
            marker={"size": 9, "color": style.colour},
            name=name,
            hovertemplate=f"{name}: %{{y:.3f}}<extra></extra>",
            showlegend=False,
        )
        ends.append((name, float(group["median"].iloc[-1]), style.colour))
    flips = crossings(medians)
    if flips:
        figure.add_scatter(
            x=[x for x, _, _ in flips],
            y=[y for _, y, _ in flips],
            mode="markers",
            marker={"symbol": "circle-open", "size": 17, "color": ACCENT, "line": {"width": 2}},
            hovertext=[text for _, _, text in flips],
            hoverinfo="text",
            name="order of models changes",
        )
    name_lines(figure, ends, 0.046, top=1.0)
    figure.add_hline(y=chance, line={"color": GREY, "width": 1.5, "dash": "dot"})
    figure.add_annotation(
        x=0, xref="paper", y=chance, text=f"chance {chance:.2f}", showarrow=False,
        xanchor="left", yanchor="bottom", font={"size": SIZE - 1},
    )  # fmt: skip
    figure.update_xaxes(
        title="L, pairs per point",
        tickmode="array",
        tickvals=list(range(len(levels))),
        ticktext=[str(value) for value in levels],
        showgrid=False,
        zeroline=False,
        range=[-0.15, len(levels) - 0.85],
    )
    figure.update_yaxes(title="accuracy", range=[min(chance, summary["lowest"].min()) - 0.03, 1.02])
    return finish(figure, 440, right=150)


def crossings(lines: Mapping[str, Mapping[int, float]]) -> list[tuple[float, float, str]]:
    """The crossings of two lines, each x → y at whole x: (x, y, description)."""
    found = []
    names = list(lines)
    for a, first in enumerate(names):
        for second in names[a + 1 :]:
            one, two = lines[first], lines[second]
            for x in sorted(set(one) & set(two)):
                if x + 1 not in one or x + 1 not in two:
                    continue
                before, after = one[x] - two[x], one[x + 1] - two[x + 1]
                if before * after < 0:
                    share = before / (before - after)
                    y = one[x] + share * (one[x + 1] - one[x])
                    better = second if before > 0 else first
                    found.append((x + share, y, f"{better} overtakes"))
    return found


def rank_table(means: pd.DataFrame, styles: Mapping[str, LineStyle]) -> go.Figure:
    """Ranks (1: best) of tables under several settings; a ring marks a rank that differs from
    the first setting's.

    means: settings (index) × tables (columns), scores.
    """
    ranks = means.rank(axis=1, ascending=False, method="min")
    figure = go.Figure()
    x, ends = list(range(len(ranks))), []
    for name in ranks.columns:
        y, style = ranks[name], styles[name]
        flipped = [value != y.iloc[0] for value in y]
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines+markers",
            line={"color": style.colour, "width": 3, "dash": style.dash},
            marker={
                "size": [18 if f else 11 for f in flipped],
                "color": style.colour,
                "line": {"width": 2.5, "color": [ACCENT if f else style.colour for f in flipped]},
            },
            customdata=means[name],
            hovertemplate=f"{name}: rank %{{y}}, %{{customdata:.3f}}<extra></extra>",
            showlegend=False,
        )
        ends.append((name, float(y.iloc[-1]), style.colour))
    name_lines(figure, ends, 0.0)
    figure.update_xaxes(
        tickmode="array",
        tickvals=x,
        ticktext=list(ranks.index),
        range=[-0.3, len(x) - 0.7],
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(title="rank", range=[len(ranks.columns) + 0.5, 0.5], dtick=1)
    return finish(figure, 360, right=150)


def difference_boxes(z: np.ndarray, labels: np.ndarray, factors: Sequence[str]) -> go.Figure:
    """The input of the classifier: for each latent, the distribution of |z₁ − z₂| of the points
    with each fixed factor. z: (N, D), labels: (N,) numbers of `factors`."""
    figure = go.Figure()
    for k, factor in enumerate(factors):
        held = z[labels == k]
        if not len(held):
            continue
        low, q1, median, q3, high = np.quantile(held, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
        figure.add_box(
            x=[f"z{d}" for d in range(z.shape[1])],
            q1=q1,
            median=median,
            q3=q3,
            lowerfence=low,
            upperfence=high,
            name=factor,
            marker={"color": FACTOR_COLOURS[k % len(FACTOR_COLOURS)]},
            line={"width": 1.5},
        )
    figure.update_layout(boxmode="group", boxgap=0.15, boxgroupgap=0.05)
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(title="|z₁ − z₂|", rangemode="tozero", tickformat=".3~g")
    figure = finish(figure, 380)
    figure.update_layout(legend={"title": {"text": "fixed factor: "}})
    return figure
