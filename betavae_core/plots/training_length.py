"""A chart of a score over the length of training."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ..beta import beta_text
from ..pictures.colours import beta_colour
from .base import finish
from .side_labels import name_lines


def score_over_length(
    rows: pd.DataFrame, *, title: str, size: int | None, height: int = 360
) -> go.Figure:
    """A dot for every run over the length of its training, on a logarithmic scale, and for each β a
    line through the medians of the seeds.

    rows: of `tables.training_length.rows_by_length`. size: images in a pass; None: the axis has
    images.
    """
    figure, unit = go.Figure(), size or 1
    named = []
    for key, here in rows.groupby("beta"):
        beta = float(str(key))
        tone, middle = beta_colour(beta), here.groupby("images")["value"].median().sort_index()
        figure.add_scatter(
            x=middle.index / unit,
            y=middle,
            mode="lines",
            line={"color": tone, "width": 2.5},
            name=f"{beta_text(beta)}, median of seeds",
            hoverinfo="skip",
            showlegend=False,
        )
        figure.add_scatter(
            x=here["images"] / unit,
            y=here["value"],
            mode="markers",
            marker={"size": 10, "color": tone},
            customdata=here[["run"]],
            name=beta_text(beta),
            hovertemplate="%{x:.3~g}: %{y:.3f}<br>%{customdata[0]}<extra></extra>",
            showlegend=False,
        )
        named.append((beta_text(beta), float(middle.iloc[-1]), tone))
    low, high = float(rows["value"].min()), float(rows["value"].max())
    room = max(high - low, 0.05)
    name_lines(figure, named, 0.09 * room)
    ticks = sorted({images / unit for images in rows["images"]})
    ends = np.log10([ticks[0], ticks[-1]])
    figure.update_xaxes(
        title="passes over the dataset" if size else "images seen",
        type="log",
        tickvals=ticks,
        ticktext=[f"{tick:,.3g}" if size else f"{tick:,}" for tick in ticks],
        range=[ends[0] - 0.06, ends[1] + 0.06],
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(title=title, range=[low - 0.1 * room, high + 0.1 * room])
    return finish(figure, height, right=90)
