"""Charts of the cost of β in image quality."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ..beta import beta_number, beta_text
from ..pictures.colours import ACCENT, FACTOR_COLOURS, beta_colour
from .base import GREY, add_curve, finish
from .side_labels import name_lines

LINES = {  # kind → colour, symbol, dash
    "reconstructions": (FACTOR_COLOURS[0], "circle", "solid"),
    "samples": (FACTOR_COLOURS[4], "diamond", "dash"),
    "": (GREY, "circle", "solid"),
}
WIDE = 3  # largest over smallest value, above which a logarithmic scale shows more
NAMES = {"reconstructions": "reconstructions", "samples": "prior samples", "": "median of seeds"}


def value_over_beta(
    rows: pd.DataFrame,
    column: str,
    *,
    title: str,
    error: str | None = None,
    ghosts: Mapping[float, float] | None = None,
    ghost_label: str = "",
    curve: Mapping[float, float] | None = None,
    curve_label: str = "",
    height: int = 400,
) -> go.Figure:
    """A column over β: a dot for every run, the medians of the seeds joined, one line per kind.

    rows: with beta, run, the column and, if there are several, kind. error: the column of
    standard errors, drawn at the dots. ghosts: β → another source's value, hollow and grey. curve:
    β → value of a model for every β, a line between the least and the greatest β of the rows,
    placed between them by log β.
    """
    figure = go.Figure()
    betas = sorted(set(rows["beta"]) | set(ghosts or {}))
    place = {beta: number for number, beta in enumerate(betas)}
    kinds = [kind for kind in LINES if kind and kind in set(rows.get("kind", ()))] or [""]
    for kind in kinds:
        colour, symbol, dash = LINES[kind]
        here = rows[rows["kind"] == kind] if kind else rows
        middle = here.groupby("beta")[column].median().sort_index()
        figure.add_scatter(
            x=[place[beta] for beta in middle.index],
            y=middle,
            mode="lines",
            line={"color": colour, "width": 3, "dash": dash},
            name=NAMES[kind],
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=[place[beta] for beta in here["beta"]],
            y=here[column],
            error_y={"type": "data", "array": here[error], "width": 3, "thickness": 1.2}
            if error
            else None,
            mode="markers",
            marker={"size": 11, "symbol": symbol, "color": colour, "line": {"width": 1}},
            customdata=here[["run"]],
            hovertemplate="%{y:.4~g}<br>%{customdata[0]}<extra></extra>",
            showlegend=False,
        )
    if curve:
        add_curve(figure, curve, betas, curve_label)
    if ghosts:
        figure.add_scatter(
            x=[place[beta] for beta in ghosts],
            y=list(ghosts.values()),
            mode="markers",
            marker={"symbol": "diamond-open", "size": 14, "color": GREY, "line": {"width": 2}},
            name=ghost_label,
            hovertemplate=ghost_label + ": %{y}<extra></extra>",
        )
    figure.update_xaxes(
        title="β",
        tickmode="array",
        tickvals=list(place.values()),
        ticktext=[beta_number(beta) for beta in betas],
        range=[-0.3, len(betas) - 0.7],
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(title=title)  # not from 0, to show the differences
    return finish(figure, height)


def against_loss(rows: pd.DataFrame, column: str, *, title: str, height: int = 400) -> go.Figure:
    """A column against the reconstruction loss `nll`, a dot per run in the tone of its β."""
    figure = go.Figure()
    for beta, here in rows.groupby("beta"):
        figure.add_scatter(
            x=here["nll"],
            y=here[column],
            mode="markers",
            marker={
                "size": 14,
                "color": beta_colour(float(str(beta))),
                "line": {"width": 1, "color": GREY},
            },
            customdata=here[["run"]],
            hovertemplate="%{x:.1f} nats, %{y:.4~g}<br>%{customdata[0]}<extra></extra>",
            name=beta_text(float(str(beta))),
        )
    figure.update_xaxes(title="reconstruction loss, nats per image", showgrid=False)
    figure.update_yaxes(title=title)
    return finish(figure, height)


def over_training(
    rows: pd.DataFrame, column: str, *, title: str, markers: bool = False, height: int = 400
) -> go.Figure:
    """A column over the images seen, a line per run in the tone of its β, named at its end; on a
    logarithmic scale if the values span a wide range."""
    figure = go.Figure()
    rows = rows[rows[column].notna()]
    ends: dict[float, list[tuple[float, float]]] = {}
    for (beta, run), here in rows.groupby(["beta", "run"]):
        tone = beta_colour(beta)
        figure.add_scatter(
            x=here["images"],
            y=here[column],
            mode="lines+markers" if markers else "lines",
            line={"color": tone, "width": 2.5},
            marker={"size": 8},
            name=run,
            hovertemplate=f"{run}<br>%{{x:,}} images seen: %{{y:.4~g}}<extra></extra>",
            showlegend=False,
        )
        ends.setdefault(beta, []).append(
            (float(here["images"].iloc[-1]), float(here[column].iloc[-1]))
        )
    low, high = float(rows[column].min()), float(rows[column].max())
    if not markers:  # the first few of many points are far above the others
        high = float(rows[column].quantile(0.97))
    ratio = low > 0 and high > WIDE * low  # else a first fall would leave a flat line

    def place(value: float) -> float:  # in plotly's units for ranges and annotations
        return float(np.log10(value)) if ratio else value

    bottom, top = place(low), place(high)
    if ratio:
        ticks = [d * 10.0**e for e in range(-3, 7) for d in (1, 2, 5)]
        figure.update_yaxes(type="log", tickvals=ticks, ticktext=[f"{tick:,.4g}" for tick in ticks])
    figure.update_yaxes(range=[bottom - 0.05 * (top - bottom), top + 0.05 * (top - bottom)])
    named = [
        (beta_text(beta), place(float(np.median([y for _, y in found]))), beta_colour(beta))
        for beta, found in ends.items()
    ]
    name_lines(figure, named, 0.075 * (top - bottom))
    figure.update_xaxes(title="images seen", showgrid=False, zeroline=False)
    figure.update_yaxes(title=title)
    return finish(figure, height, right=80)


def distance_over_count(rows: pd.DataFrame, *, title: str, height: int = 400) -> go.Figure:
    """The Fréchet distance against 1/N, a line per run and kind through the points `by_count` to
    its extrapolation `limit` at N = ∞."""
    figure = go.Figure()
    counts: set[int] = set()
    named: set[str] = set()
    for _, row in rows.iterrows():
        colour, symbol, dash = LINES[row["kind"]]
        x = [0.0] + [1 / n for n, _ in row["by_count"]]
        counts |= {n for n, _ in row["by_count"]}
        figure.add_scatter(
            x=x,
            y=[row["limit"]] + [value for _, value in row["by_count"]],
            mode="lines+markers",
            line={"color": colour, "width": 1.5, "dash": dash},
            marker={"symbol": [f"{symbol}-open"] + [symbol] * (len(x) - 1), "size": 8},
            name=NAMES[row["kind"]],
            legendgroup=row["kind"],
            showlegend=row["kind"] not in named,
            hovertemplate=f"{row['run']}: %{{y:.4~g}}<extra></extra>",
        )
        named.add(row["kind"])
    figure.update_xaxes(
        title="number of images N (axis: 1/N)",
        tickmode="array",
        tickvals=[0, *(1 / n for n in sorted(counts))],
        ticktext=["∞", *(f"{n:,}" for n in sorted(counts))],
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(title=title)
    return finish(figure, height)


def loss_over_sigma(
    curves: Mapping[str, tuple[np.ndarray, str]],
    sigmas: np.ndarray,
    chosen: float,
    best: Mapping[str, float],
    height: int = 400,
) -> go.Figure:
    """The negative ELBO of a VAE with Gaussian likelihood over its σ, a curve per run.

    curves: run's name for people → loss at each of `sigmas` (S,), and its colour. chosen: the σ of
    the vertical line. best: each run's best σ, marked on its curve.
    """
    figure = go.Figure()
    for name, (loss, colour) in curves.items():
        figure.add_scatter(
            x=sigmas,
            y=loss,
            mode="lines",
            line={"color": colour, "width": 3},
            name=name,
            hovertemplate=f"{name}, σ = %{{x:.3f}}: %{{y:.0f}} nats<extra></extra>",
        )
        figure.add_scatter(
            x=[best[name]],
            y=[float(np.interp(np.log(best[name]), np.log(sigmas), loss))],
            mode="markers",
            marker={"symbol": "circle-open", "size": 12, "color": colour, "line": {"width": 3}},
            hovertemplate=f"{name}: best σ = %{{x:.3f}}<extra></extra>",
            showlegend=False,
        )
    figure.add_vline(x=chosen, line={"color": ACCENT, "width": 2})
    # the window shows every curve from half of its best σ to twice that, without the cliff beyond
    low = min(float(loss.min()) for loss, _ in curves.values())
    high = max(
        float(np.interp(np.log(best[name] * factor), np.log(sigmas), loss))
        for name, (loss, _) in curves.items()
        for factor in (0.5, 2)
    )
    figure.update_xaxes(
        title="σ of the likelihood",
        type="log",
        showgrid=False,
        tickvals=[0.02, 0.05, 0.1, 0.2, 0.5, 1],
    )
    margin = 0.08 * (high - low)
    figure.update_yaxes(title="negative ELBO, nats per image", range=[low - margin, high + margin])
    return finish(figure, height)
