"""Charts of runs with several objectives: one column against another."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from ..penalties import OBJECTIVES
from ..pictures.colours import FACTOR_COLOURS, beta_colour
from .base import GREY, finish

SYMBOLS = dict(
    zip(
        OBJECTIVES,
        ("circle", "square", "diamond", "triangle-up", "cross", "star"),
        strict=True,
    )
)
COLOURS = {name: FACTOR_COLOURS[n % len(FACTOR_COLOURS)] for n, name in enumerate(OBJECTIVES)}


def against(
    rows: pd.DataFrame,
    x: str,
    y: str,
    *,
    x_title: str,
    title: str,
    published: Sequence[tuple[str, float, float]] = (),
    height: int = 380,
) -> go.Figure:
    """A column against another, a mark per run: β-VAEs as circles in the tone of their β, every
    other objective with its own symbol.

    rows: with run, objective, label (for the legend), beta (NaN for another objective) and both
    columns. published: (name, x, y) of other projects' models, hollow and grey.
    """
    figure = go.Figure()
    for (objective, label), here in rows.groupby(["objective", "label"], sort=False):
        beta = float(here["beta"].iloc[0])
        figure.add_scatter(
            x=here[x],
            y=here[y],
            mode="markers",
            marker={
                "size": 15,
                "symbol": SYMBOLS[str(objective)],
                "color": beta_colour(beta) if beta == beta else COLOURS[str(objective)],
                "line": {"width": 1, "color": GREY},
            },
            customdata=here[["run"]],
            name=str(label),
            hovertemplate="%{x:.4~g}, %{y:.4~g}<br>%{customdata[0]}<extra></extra>",
        )
    if published:
        names, theirs_x, theirs_y = zip(*published, strict=True)
        figure.add_scatter(
            x=theirs_x,
            y=theirs_y,
            mode="markers",
            marker={"size": 13, "symbol": "diamond-open", "color": GREY, "line": {"width": 2}},
            customdata=[[name] for name in names],
            name="disentangling-vae",
            hovertemplate="%{customdata[0]}: %{x:.4~g}, %{y:.4~g}<extra></extra>",
        )
    figure.update_xaxes(title=x_title, showgrid=False)
    figure.update_yaxes(title=title)
    return finish(figure, height)
