"""Charts from tables: plotly figures, which a page shows and a notebook can."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from .figures import ACCENT, FACTOR_COLOURS, beta_colour

GREY = "#808890"  # legible on white and on near-black
MARK = "#5b6670"  # darker: to be seen on a coloured bar, too
SIZE = 15  # of text, in pixels: for the back row


def score_over_beta(
    rows: pd.DataFrame,
    *,
    title: str,
    middle: str = "median",
    lines: Mapping[str, float] | None = None,
    ghosts: Mapping[float, tuple[float, float]] | None = None,
    ghost_label: str = "",
) -> go.Figure:
    """Every run a dot over its β, with the middle of the seeds and their spread.

    rows: of one score (`report.score_rows`), trained VAEs only. middle: "median" (bar: lowest to
    highest) or "mean" (bar: ± standard deviation). lines: horizontal lines by name (baselines,
    chance). ghosts: β → (value, error) of somebody else, drawn hollow and grey.
    """
    figure = go.Figure()
    betas = sorted(set(rows["beta"]) | set(ghosts or {}))
    models = list(rows["model"].value_counts().index)
    symbols = dict(zip(models, ("circle", "square", "triangle-up", "x"), strict=False))
    for place, beta in enumerate(betas):
        here = rows[rows["beta"] == beta]
        for model, group in here.groupby("model"):
            spread = np.linspace(-0.12, 0.12, len(group)) if len(group) > 1 else [0.0]
            shift = 0.22 * models.index(str(model))
            figure.add_scatter(
                x=place + shift + np.asarray(spread),
                y=group["value"],
                mode="markers",
                marker={
                    "size": 12,
                    "symbol": symbols.get(str(model), "circle"),
                    "color": beta_colour(beta),
                    "line": {"width": 1, "color": GREY},
                },
                customdata=group[["run", "seed"]],
                hovertemplate="%{y:.3f}<br>%{customdata[0]}<extra></extra>",
                showlegend=False,
            )
            if len(group) < 2:
                continue
            centre = float(getattr(group["value"], middle)())
            low, high = float(group["value"].min()), float(group["value"].max())
            if middle == "mean":
                low, high = (
                    centre - float(group["value"].std()),
                    centre + float(group["value"].std()),
                )
            figure.add_scatter(
                x=[place + shift],
                y=[centre],
                mode="markers",
                marker={"symbol": "line-ew", "size": 46, "line": {"width": 4, "color": ACCENT}},
                error_y={
                    "type": "data",
                    "array": [high - centre],
                    "arrayminus": [centre - low],
                    "color": ACCENT,
                    "thickness": 1.5,
                    "width": 0,
                },
                hovertemplate=f"{middle} %{{y:.3f}}<extra></extra>",
                showlegend=False,
            )
    for name, symbol in list(symbols.items())[: len(models)] if len(models) > 1 else ():
        marker = {"symbol": symbol, "size": 11, "color": GREY}
        figure.add_scatter(x=[None], y=[None], mode="markers", marker=marker, name=name)
    mark = {"symbol": "line-ew", "size": 16, "line": {"width": 4, "color": ACCENT}}
    figure.add_scatter(x=[None], y=[None], mode="markers", marker=mark, name=f"{middle} of seeds")
    if ghosts:
        figure.add_scatter(
            x=[betas.index(beta) - 0.3 for beta in ghosts],
            y=[value for value, _ in ghosts.values()],
            error_y={
                "type": "data",
                "array": [error for _, error in ghosts.values()],
                "color": GREY,
                "thickness": 1,
                "width": 4,
            },
            mode="markers",
            marker={"symbol": "diamond-open", "size": 13, "color": GREY, "line": {"width": 2}},
            name=ghost_label,
            hovertemplate=ghost_label + " %{y:.3f}<extra></extra>",
        )
    _lines(figure, lines or {}, right=len(betas) - 0.45)
    figure.update_xaxes(
        title="β",
        tickmode="array",
        tickvals=list(range(len(betas))),
        ticktext=[f"{beta:g}" for beta in betas],
        range=[-0.55, len(betas) - 0.45],
        showgrid=False,
        zeroline=False,
    )
    highest = max([1.0, *rows["value"]]) if len(rows) else 1.0
    lowest = min([*rows["value"], *(lines or {}).values(), 1.0])
    bottom = 0 if lowest < 0.3 else lowest - 0.08
    figure.update_yaxes(title=title, range=[bottom, highest + 0.03])
    return _finish(figure, 460, right=170)


def _lines(figure: go.Figure, lines: Mapping[str, float], right: float) -> None:
    """Dashed horizontal lines with their names in the right margin, kept apart."""
    placed: list[float] = []
    gap = 0.045
    for name, value in sorted(lines.items(), key=lambda item: item[1]):
        at = max(value, placed[-1] + gap) if placed else value
        placed.append(at)
        dash = "dot" if name == "chance" else "dash"
        figure.add_hline(y=value, line={"color": GREY, "width": 1.5, "dash": dash}, layer="below")
        figure.add_annotation(
            x=1.01,
            xref="paper",
            y=at,
            text=f"{name} {value:.2f}",
            showarrow=False,
            xanchor="left",
            font={"size": SIZE - 2, "color": GREY},
        )


def score_profile(
    values: Mapping[str, float | None], marks: Mapping[str, Mapping[str, float]], colour: str
) -> go.Figure:
    """The scores of one run as bars, one score a row; None is "not computed".

    marks: name of something to compare with → its value by score, drawn as ticks.
    """
    names = list(values)
    figure = go.Figure()
    figure.add_bar(
        x=[value or 0 for value in values.values()],
        y=names,
        orientation="h",
        marker={"color": colour},
        width=0.55,
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(  # beside the bars, where no mark covers them
        x=[1.03] * len(names),
        y=names,
        mode="text",
        text=["not computed" if v is None else f"{v:.2f}" for v in values.values()],
        textposition="middle right",
        textfont={"size": SIZE},
        hoverinfo="skip",
        showlegend=False,
        cliponaxis=False,
    )
    for (name, scores), symbol in zip(
        marks.items(), ("line-ns", "circle-open", "x-thin"), strict=False
    ):
        there = [score for score in names if score in scores]
        figure.add_scatter(
            x=[scores[score] for score in there],
            y=there,
            mode="markers",
            marker={
                "symbol": symbol,
                "size": 26 if symbol == "line-ns" else 13,  # a tick is higher than the bar
                "color": MARK,
                "line": {"width": 3, "color": MARK},
            },
            name=name,
            hovertemplate=f"{name}: %{{x:.3f}}<extra></extra>",
        )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(range=[0, 1.2], tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure = _finish(figure, 38 * len(names) + 90)
    figure.update_layout(margin={"l": 10})
    figure.update_yaxes(automargin=True)
    return figure


def matrix_cells(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    what: str,
    chosen: tuple[int, int] | None = None,
) -> go.Figure:
    """A matrix (R, C) in [0, 1] as squares that can be clicked, the value in each.

    Drawn as scatter markers: heatmaps do not report which cell was clicked.
    """
    count = values.shape[0]
    y, x = np.mgrid[: values.shape[0], : values.shape[1]]
    flat = values.ravel()
    edge = ["rgba(0,0,0,0)"] * len(flat)
    if chosen is not None:
        edge[chosen[0] * values.shape[1] + chosen[1]] = ACCENT
    figure = go.Figure(
        go.Scatter(
            x=x.ravel(),
            y=y.ravel(),
            mode="markers+text",
            marker={
                "symbol": "square",
                "size": 34,
                "color": flat,
                "colorscale": [[0, "rgba(63,151,211,0.06)"], [1, "rgb(20,92,158)"]],
                "cmin": 0,
                "cmax": max(float(flat.max()), 0.3),
                "line": {"width": 3, "color": edge},
            },
            text=[f"{value:.2f}".lstrip("0") if value >= 0.005 else "" for value in flat],
            textfont={
                "size": 12,
                "color": ["white" if v > 0.45 * max(flat.max(), 0.3) else GREY for v in flat],
            },
            customdata=np.stack([y.ravel(), x.ravel()], 1),
            hovertext=[
                f"{rows[i]} × {columns[j]}: {values[i, j]:.3f}"
                for i, j in zip(y.ravel(), x.ravel(), strict=True)
            ],
            hoverinfo="text",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    )
    figure.update_xaxes(
        tickmode="array",
        tickvals=list(range(len(columns))),
        ticktext=[name.replace(" ", "<br>" if len(columns) < 6 else " ") for name in columns],
        side="top",
        range=[-0.6, len(columns) - 0.4],
        showgrid=False,
        zeroline=False,
        tickfont={"size": 12},
        tickangle=0 if len(columns) < 6 else -40,
        fixedrange=True,
    )
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(count)),
        ticktext=list(rows),
        range=[count - 0.4, -0.6],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    figure.add_annotation(
        x=0, y=-0.01, xref="paper", yref="paper", text=what, showarrow=False, xanchor="left",
        yanchor="top", font={"size": 12, "color": GREY},
    )  # fmt: skip
    top = 52 if len(columns) < 6 else 84
    _finish(figure, 44 * count + 38 + top)
    right = 20 if len(columns) < 6 else 60  # for the last of the slanted names
    figure.update_layout(
        margin={"t": top, "b": 26, "r": right}, dragmode=False, clickmode="event+select"
    )
    return figure


def value_along_factor(
    values: np.ndarray, deviation: np.ndarray | None, *, latent: str, factor: str, colour: str
) -> go.Figure:
    """A latent's posterior mean (N,) along one factor's N values, ± 2 posterior standard
    deviations (N,) where there are any."""
    figure = go.Figure()
    x = np.arange(len(values))
    if deviation is not None:
        band = np.concatenate([values + 2 * deviation, (values - 2 * deviation)[::-1]])
        figure.add_scatter(
            x=np.concatenate([x, x[::-1]]),
            y=band,
            fill="toself",
            mode="none",
            fillcolor=colour,
            opacity=0.25,
            hoverinfo="skip",
            showlegend=False,
        )
    figure.add_scatter(
        x=x,
        y=values,
        mode="lines+markers",
        line={"color": colour, "width": 2.5},
        hovertemplate="position %{x}: %{y:.2f}<extra></extra>",
        showlegend=False,
    )
    figure.update_xaxes(title=f"{factor}, position", showgrid=False)
    figure.update_yaxes(title=latent, zeroline=True)
    return _finish(figure, 260)


def score_over_l(summary: pd.DataFrame, colours: Mapping[str, str], chance: float) -> go.Figure:
    """Score over L, a line per table with its spread over runs or draws.

    summary: columns table, L, median, lowest, highest. Where two lines change places between two
    neighbouring L, an open circle marks the crossing.
    """
    figure = go.Figure()
    levels = sorted(summary["L"].unique())
    ends: list[tuple[str, float]] = []
    medians: dict[str, dict[int, float]] = {}
    for table, group in summary.groupby("table", sort=False):
        group = group.sort_values("L")
        name, x = str(table), [levels.index(value) for value in group["L"]]
        colour = colours[name]
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
            line={"color": colour, "width": 3, "dash": _dash(name)},
            marker={"size": 9, "color": colour},
            name=name,
            hovertemplate=f"{name}: %{{y:.3f}}<extra></extra>",
            showlegend=False,
        )
        ends.append((name, float(group["median"].iloc[-1])))
    flips = crossings(medians)
    if flips:
        figure.add_scatter(
            x=[x for x, _, _ in flips],
            y=[y for _, y, _ in flips],
            mode="markers",
            marker={"symbol": "circle-open", "size": 17, "color": ACCENT, "line": {"width": 2}},
            hovertext=[text for _, _, text in flips],
            hoverinfo="text",
            name="order changes",
        )
    _end_labels(figure, ends, colours)
    figure.add_hline(y=chance, line={"color": GREY, "width": 1.5, "dash": "dot"})
    figure.add_annotation(
        x=0, xref="paper", y=chance, text=f"chance {chance:.2f}", showarrow=False,
        xanchor="left", yanchor="bottom", font={"size": SIZE - 2, "color": GREY},
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
    return _finish(figure, 440, right=150)


def _dash(name: str) -> str:
    """Solid for β-VAEs, dotted for those of another model than usual, dashed for baselines."""
    return "dash" if "β" not in name else "dot" if "," in name else "solid"


def crossings(lines: Mapping[str, Mapping[int, float]]) -> list[tuple[float, float, str]]:
    """Where two lines, each x → y at whole x, change places: (x, y, what happens)."""
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


def _end_labels(
    figure: go.Figure, ends: list[tuple[str, float]], colours: Mapping[str, str]
) -> None:
    """Names at the right end of their lines, kept apart."""
    placed: list[float] = []
    for _, y in sorted(ends, key=lambda end: end[1]):
        at = max(y, placed[-1] + 0.038) if placed else y
        placed.append(at)
    shift = max(0.0, placed[-1] - 1.0) if placed else 0.0
    for (name, _), at in zip(sorted(ends, key=lambda end: end[1]), placed, strict=True):
        figure.add_annotation(
            x=1.01, xref="paper", y=at - shift, text=name, showarrow=False, xanchor="left",
            font={"size": SIZE - 1, "color": colours[name]},
        )  # fmt: skip


def rank_table(means: pd.DataFrame, colours: Mapping[str, str]) -> go.Figure:
    """Ranks (1: best) of tables under several settings; a ring where the rank is another than
    under the first setting.

    means: settings (index) × tables (columns), scores.
    """
    ranks = means.rank(axis=1, ascending=False, method="min")
    figure = go.Figure()
    x = list(range(len(ranks)))
    for name in ranks.columns:
        y = ranks[name]
        flipped = [value != y.iloc[0] for value in y]
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines+markers",
            line={"color": colours[name], "width": 3, "dash": _dash(name)},
            marker={
                "size": [18 if f else 11 for f in flipped],
                "color": colours[name],
                "line": {"width": 2.5, "color": [ACCENT if f else colours[name] for f in flipped]},
            },
            customdata=means[name],
            hovertemplate=f"{name}: rank %{{y}}, %{{customdata:.3f}}<extra></extra>",
            showlegend=False,
        )
        figure.add_annotation(
            x=1.01, xref="paper", y=float(y.iloc[-1]), text=name, showarrow=False, xanchor="left",
            font={"size": SIZE - 1, "color": colours[name]},
        )  # fmt: skip
    figure.update_xaxes(
        tickmode="array",
        tickvals=x,
        ticktext=[text.replace(", ", "<br>") for text in ranks.index],
        range=[-0.3, len(x) - 0.7],
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(title="rank", range=[len(ranks.columns) + 0.5, 0.5], dtick=1)
    return _finish(figure, 360, right=150)


def difference_boxes(z: np.ndarray, labels: np.ndarray, factors: Sequence[str]) -> go.Figure:
    """What the classifier sees: for each latent, the distribution of |z₁ − z₂| of the points with
    each factor held. z: (N, D), labels: (N,) numbers of `factors`."""
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
    figure.update_yaxes(title="|z₁ − z₂|, mean over L", rangemode="tozero", tickformat=".3~g")
    figure = _finish(figure, 380)
    figure.update_layout(legend={"title": {"text": "held:"}})
    return figure


def _finish(figure: go.Figure, height: int, right: int = 20) -> go.Figure:
    layout: dict[str, Any] = {
        "height": height,
        "margin": {"l": 60, "r": right, "t": 36, "b": 56},
        "font": {"size": SIZE},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "hoverlabel": {"font": {"size": SIZE}},
    }
    figure.update_layout(**layout)
    figure.update_xaxes(title_font_size=SIZE, tickfont_size=SIZE - 1)
    figure.update_yaxes(title_font_size=SIZE, tickfont_size=SIZE - 1)
    return figure
