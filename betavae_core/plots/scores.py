"""Charts of scores: over β, of one run, latent by factor."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ..beta import beta_number
from ..pictures.colours import ACCENT, beta_colour
from .base import GREY, MARK, SIZE, add_curve, finish
from .side_labels import name_lines

# of a matrix, from 0 to its largest value: the page shows through, so that its text colour, dark on
# a white page and light on a black one, is legible on every cell
SYMBOLS = ("circle", "square", "triangle-up", "x")  # of models, the most frequent first
MARKS = ("line-ns", "circle-open", "x-thin")  # of what a bar is compared with
CELLS = [[0, "rgba(63,151,211,0.06)"], [1, "rgba(63,151,211,0.65)"]]


def score_over_beta(
    rows: pd.DataFrame,
    *,
    title: str,
    middle: str = "median",
    lines: Mapping[str, float] | None = None,
    chance: float | None = None,
    ghosts: Mapping[float, tuple[float, float]] | None = None,
    ghost_label: str = "",
    curve: Mapping[float, float] | None = None,
    curve_error: Mapping[float, float] | None = None,
    curve_label: str = "",
) -> go.Figure:
    """A dot for every run over its β, with the middle of the seeds and their spread.

    rows: of one score (`tables.scores.score_rows`), trained VAEs only. middle: "median" (bar:
    lowest to highest) or "mean" (bar: ± standard deviation). lines: horizontal lines of the
    baselines by name, and that of chance. ghosts: β → another source's (value, error), drawn hollow
    and grey. curve: β → value of a model for every β, and curve_error its bars (`add_curve`).
    """
    figure = go.Figure()
    betas = sorted(set(rows["beta"]) | set(ghosts or {}))
    models = list(rows["model"].value_counts().index)
    symbols = {model: SYMBOLS[n % len(SYMBOLS)] for n, model in enumerate(models)}
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
                hovertemplate=f"{middle} of seeds: %{{y:.3f}}<extra></extra>",
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
            hovertemplate=ghost_label + ": %{y:.3f}<extra></extra>",
        )
    if curve:
        add_curve(figure, curve, betas, curve_label, curve_error)
    _lines(figure, lines or {}, chance)
    figure.update_xaxes(
        title="β",
        tickmode="array",
        tickvals=list(range(len(betas))),
        ticktext=[beta_number(beta) for beta in betas],
        range=[-0.55, len(betas) - 0.45],
        showgrid=False,
        zeroline=False,
    )
    highest = max([1.0, *rows["value"]]) if len(rows) else 1.0
    lowest = min(
        [
            *rows["value"],
            *(curve or {}).values(),
            *(lines or {}).values(),
            *([] if chance is None else [chance]),
            1.0,
        ]
    )
    bottom = 0 if lowest < 0.3 else lowest - 0.08
    figure.update_yaxes(title=title, range=[bottom, highest + 0.03])
    beside = bool(lines) or chance is not None
    return finish(figure, 460, right=170 if beside else 20)


def _lines(figure: go.Figure, lines: Mapping[str, float], chance: float | None) -> None:
    """Dashed horizontal lines, the one of chance dotted, named in the right margin."""
    ends = []
    known = {"chance": chance} if chance is not None else {}
    for name, value in {**lines, **known}.items():
        dash = "dot" if name in known else "dash"
        figure.add_hline(y=value, line={"color": GREY, "width": 1.5, "dash": dash}, layer="below")
        ends.append((f"{name} {value:.2f}", value, ""))
    name_lines(figure, ends, 0.045, size=SIZE - 1)


def score_profile(
    values: Mapping[str, float | None], marks: Mapping[str, Mapping[str, float]], colour: str
) -> go.Figure:
    """The scores of one run as bars, one score per row; None is "not computed".

    marks: name of a reference → its value by score, drawn as ticks.
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
    figure.add_scatter(  # beside the bars, not covered by a mark
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
    for n, (name, scores) in enumerate(marks.items()):
        symbol = MARKS[n % len(MARKS)]
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
    figure = finish(figure, 38 * len(names) + 90)
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
                "colorscale": CELLS,
                "cmin": 0,
                "cmax": max(float(flat.max()), 0.3),
                "line": {"width": 3, "color": edge},
            },
            text=[f"{value:.2f}".lstrip("0") if value >= 0.005 else "" for value in flat],
            textfont={"size": SIZE - 1},
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
        tickfont={"size": SIZE - 1},
        tickangle=None if len(columns) < 6 else -40,
        autotickangles=[0, -40],  # on a phone five names are too long, too
        automargin=True,
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
        xshift=-40, yanchor="top", font={"size": SIZE - 1},
    )  # fmt: skip
    top = 52 if len(columns) < 6 else 84
    finish(figure, 44 * count + 38 + top)
    right = 20 if len(columns) < 6 else 60  # space for the last of the slanted names
    figure.update_layout(
        margin={"t": top, "b": 26, "r": right}, dragmode=False, clickmode="event+select"
    )
    return figure


def value_along_factor(
    values: np.ndarray, deviation: np.ndarray | None, *, latent: str, factor: str, colour: str
) -> go.Figure:
    """A latent's posterior mean (N,) along one factor's N values, ± 2 posterior standard deviations
    (N,) if there are any."""
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
        hovertemplate="value number %{x}: %{y:.2f}<extra></extra>",
        showlegend=False,
    )
    figure.update_xaxes(title=f"{factor} (number of the value)", showgrid=False)
    figure.update_yaxes(title=latent, zeroline=True)
    return finish(figure, 260)
