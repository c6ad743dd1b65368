"""A chart of what is visible over what is measured: clean factors over a score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from ..beta import beta_text
from ..pictures.colours import beta_colour
from .base import GREY, finish

SYMBOLS = ("circle", "square", "triangle-up", "cross", "star", "hexagon")  # of kinds of models
STEP = 0.17  # between points that would cover one another
NEAR = 0.004  # of the score: closer points would


@dataclass(frozen=True)
class Mark:
    """A run. beta: None for a baseline."""

    run: str
    score: float
    clean: int
    beta: float | None
    kind: str


def clean_over_score(marks: Sequence[Mark], factors: int, high: float) -> go.Figure:
    """A point for each run: its number of clean factors (of `factors`) over its score, in percent;
    colour: β, shape: kind of model, baselines as named diamonds. high: a score, as a line."""
    figure = go.Figure()
    heights = apart(marks)
    plain = [n for n, mark in enumerate(marks) if mark.beta is not None]
    kinds = list(dict.fromkeys(marks[n].kind for n in plain))
    for beta in sorted({mark.beta for mark in marks if mark.beta is not None}):
        mine = [n for n in plain if marks[n].beta == beta]
        figure.add_scatter(
            x=[100 * marks[n].score for n in mine],
            y=[heights[n] for n in mine],
            mode="markers",
            marker={
                "size": 11,
                "color": beta_colour(beta),
                "symbol": [SYMBOLS[kinds.index(marks[n].kind) % len(SYMBOLS)] for n in mine],
                "line": {"width": 1, "color": GREY},
            },
            customdata=[(marks[n].run, marks[n].clean) for n in mine],
            hovertemplate="%{customdata[1]} clean at %{x:.1f} %<br>%{customdata[0]}<extra></extra>",
            showlegend=False,
        )
        _legend(figure, beta_text(beta), {"symbol": "circle", "color": beta_colour(beta)})
    for number, kind in enumerate(kinds if len(kinds) > 1 else []):
        _legend(figure, kind, {"symbol": SYMBOLS[number % len(SYMBOLS)], "color": GREY})
    for kind in dict.fromkeys(mark.kind for mark in marks if mark.beta is None):
        mine = [n for n, mark in enumerate(marks) if mark.beta is None and mark.kind == kind]
        figure.add_scatter(
            x=[100 * marks[n].score for n in mine],
            y=[heights[n] for n in mine],
            mode="markers+text",
            text=[kind, *[""] * (len(mine) - 1)],
            textposition="bottom center" if marks[mine[0]].score < high else "top left",
            marker={"size": 11, "symbol": "diamond-open", "color": GREY, "line": {"width": 2}},
            customdata=[(marks[n].run, marks[n].clean) for n in mine],
            hovertemplate="%{customdata[1]} clean at %{x:.1f} %<br>%{customdata[0]}<extra></extra>",
            showlegend=False,
        )
    figure.add_vline(x=100 * high, line={"color": GREY, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(title="Higgins' metric, four factors, %", zeroline=False)
    figure.update_yaxes(
        title=f"factors with one clean latent, of {factors}",
        range=[-0.9, factors + 1],  # room for names above the highest points
        tickvals=list(range(factors + 1)),
        zeroline=False,
    )
    figure = finish(figure, 480)
    figure.update_layout(margin={"t": 90})
    return figure


def apart(marks: Sequence[Mark]) -> list[float]:
    """The height of each point: its count, moved by steps up and down from others of this count
    that have nearly its score."""
    placed: list[tuple[float, float]] = []
    for mark in marks:
        near = {height for score, height in placed if abs(score - mark.score) < NEAR}
        steps = (mark.clean + STEP * ((n + 1) // 2) * (-1) ** n for n in range(len(marks) + 1))
        free = (h for h in steps if not any(np.isclose(h, other) for other in near))
        placed.append((mark.score, next(free)))
    return [height for _, height in placed]


def _legend(figure: go.Figure, name: str, marker: dict[str, str]) -> None:
    shown = {"size": 12, "line": {"width": 1, "color": GREY}}
    figure.add_scatter(x=[None], y=[None], mode="markers", marker=marker | shown, name=name)
