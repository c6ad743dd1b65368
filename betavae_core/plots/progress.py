"""Charts of trainings under way, of one or several beside one another."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ..pictures.colours import CLASS_COLOURS, FACTOR_COLOURS
from .base import GREY, finish
from .side_labels import name_lines

RUN_COLOURS = ("#3a6bc4", "#d55e00", "#009e73", "#cc79a7")  # of runs side by side
USED = 0.1  # nats: a latent whose KL is above is in use
Histories = Mapping[str, Sequence[Mapping[str, Any]]]  # a run's label → the records of its history


TICKS = [base * 10**power for power in range(5) for base in (1, 2, 5)]  # nats


def terms(history: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The records with the terms of the loss."""
    return [record for record in history if "nll" in record]


def over_images(runs: Histories, height: int = 280) -> go.Figure:
    """Loss (thin) and reconstruction (thick) over the images seen, in nats per image, a colour for
    each run; a dotted line marks a change of β or of the learning rate."""
    figure = go.Figure()
    for n, (label, history) in enumerate(runs.items()):
        colour = RUN_COLOURS[n % len(RUN_COLOURS)]
        for term, name, width in (("loss", "loss", 1.2), ("nll", "reconstruction", 3)):
            found = [record for record in terms(history) if term in record]
            figure.add_scatter(
                x=[record["images"] for record in found],
                y=[record[term] for record in found],
                mode="lines",
                line={"color": colour, "width": width},
                name=f"{label}, {name}" if len(runs) > 1 else name,
                hovertemplate="%{x:,} images: %{y:.4~g} nats<extra>" + name + "</extra>",
            )
        for record in history:
            if record.get("event") in ("steered", "forked", "inherited"):
                figure.add_vline(record["images"], line={"color": colour, "dash": "dot"})
    _images_axis(figure, runs)
    figure.update_yaxes(title="nats per image", type="log", tickvals=TICKS)
    return finish(figure, height)


def kl_stack(
    history: Sequence[Mapping[str, Any]], last: int, highest: float, height: int = 260
) -> go.Figure:
    """The KL of each latent over the images seen, stacked, in nats; last and highest: the ends of
    the axes, the same for runs side by side."""
    figure, found = go.Figure(), terms(history)
    for latent in range(len(found[0]["kl"]) if found else 0):
        figure.add_scatter(
            x=[record["images"] for record in found],
            y=[record["kl"][latent] for record in found],
            mode="lines",
            stackgroup="kl",
            line={"width": 0.5, "color": CLASS_COLOURS[latent % len(CLASS_COLOURS)]},
            name=f"z{latent}",
            hovertemplate="%{y:.3~g} nats<extra>z" + str(latent) + "</extra>",
            showlegend=False,
        )
    figure.update_xaxes(title="images seen", range=[0, 1.02 * last + 1])
    figure.update_yaxes(title="KL in nats, by latent", range=[0, highest])
    name_lines(figure, _middles(found[-1]["kl"] if found else []), 0.085 * highest)
    return finish(figure, height, right=56)


def _middles(kl: Sequence[float]) -> list[tuple[str, float, str]]:
    """The name of each latent that is in use, the middle of its layer, and its colour."""
    ends = np.cumsum(kl)
    return [
        (f"z{latent}", float(end - own / 2), CLASS_COLOURS[latent % len(CLASS_COLOURS)])
        for latent, (own, end) in enumerate(zip(kl, ends, strict=True))
        if own > USED
    ]


def highest_kl(runs: Histories) -> float:
    """The upper end of an axis for the total KL of all runs, at least of one nat."""
    totals = [sum(record["kl"]) for history in runs.values() for record in terms(history)]
    return 1.1 * max([1.0, *totals])


def quick_scores(runs: Histories, height: int = 280) -> go.Figure:
    """Higgins' metric (discs) and MIG (diamonds) at doubling numbers of images, each with its 95 %
    interval."""
    figure = go.Figure()
    for n, (label, history) in enumerate(runs.items()):
        colour = RUN_COLOURS[n % len(RUN_COLOURS)]
        found = [record for record in history if "quick_scores" in record]
        for score, name, symbol in (("higgins", "Higgins", "circle"), ("mig", "MIG", "diamond")):
            values = [record["quick_scores"][score] for record in found]
            figure.add_scatter(
                x=[record["images"] for record in found],
                y=[each["value"] for each in values],
                error_y={
                    "type": "data",
                    "array": [each["half_interval"] for each in values],
                    "thickness": 1,
                },
                mode="lines+markers",
                line={"color": colour, "width": 1.5},
                marker={"symbol": symbol, "size": 9},
                name=f"{label}, {name}" if len(runs) > 1 else name,
                hovertemplate="%{x:,} images: %{y:.3f}<extra>" + name + "</extra>",
            )
    _images_axis(figure, runs)
    figure.update_yaxes(title="score", range=[0, 1.05])
    return finish(figure, height)


def star_panel(star: Mapping[str, Any], reach: float, height: int = 340) -> go.Figure:
    """The codes along every factor on their two principal axes, in standard deviations of the
    prior, from −reach to reach; the grey cross is the mean of the prior."""
    figure = go.Figure()
    for number, (factor, points) in enumerate(zip(star["factors"], star["points"], strict=True)):
        x, y = np.array(points).T
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines+markers",
            line={"color": FACTOR_COLOURS[number % len(FACTOR_COLOURS)], "width": 2},
            marker={"size": 6},
            name=factor,
            hovertemplate=f"{factor}: value %{{pointNumber}}<extra></extra>",
        )
    figure.add_scatter(
        x=[0], y=[0], mode="markers", marker={"symbol": "cross-thin", "size": 14, "line": {
            "width": 1.5, "color": GREY}}, showlegend=False, hoverinfo="skip"
    )  # fmt: skip
    figure.update_xaxes(title="axis 1 (σ of the prior)", range=[-reach, reach], zeroline=False)
    figure.update_yaxes(
        title="axis 2", range=[-reach, reach], zeroline=False, scaleanchor="x", constrain="domain"
    )
    return finish(figure, height)


def star_reach(stars: Sequence[Mapping[str, Any]]) -> float:
    """The reach that shows all stars, at least two standard deviations of the prior."""
    every = [np.abs(np.array(points)).max() for star in stars for points in star["points"]]
    return max(2.0, 1.1 * max(every, default=0.0))


def last_image(runs: Histories) -> int:
    """The largest number of images that a run has seen."""
    return max([0, *(record["images"] for history in runs.values() for record in history)])


def _images_axis(figure: go.Figure, runs: Histories) -> None:
    figure.update_xaxes(title="images seen", range=[0, 1.02 * last_image(runs) + 1])
