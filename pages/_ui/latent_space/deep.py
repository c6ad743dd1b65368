"""The panels in three dimensions: a chart each, two in a row."""

import streamlit as st

from betavae_core import plots
from betavae_core.embedding.panels import Panel
from betavae_core.embedding.shown import ShownImages
from betavae_core.store import Run
from pages._ui.charts import chart, drawn


def in_three_dimensions(
    panels: list[Panel], runs: list[Run], visited: ShownImages, *, shared: bool, about: str
) -> None:
    """Draw the panels; shared: the same part of space in all."""
    clouds = [
        [panel.points] if panel.held is None else [panel.points, panel.held] for panel in panels
    ]
    together = plots.common_reach([each for cloud in clouds for each in cloud]) if shared else None
    places = st.columns(min(len(panels), 2))
    for number, (panel, run, cloud) in enumerate(zip(panels, runs, clouds, strict=True)):
        own = None if panel.held is None else plots.common_reach(cloud)
        place = places[number % len(places)]
        place.markdown(f"**{panel.title}** :gray[{panel.note}]")
        figure = drawn(
            plots.in_three_dimensions,
            panel.points,
            [(line.group, line.points, line.joined) for line in visited.drawn],
            visited.groups,
            visited.labels,
            ["PC 1, σ", "PC 2, σ", "PC 3, σ"],
            reach=together or own,
        )
        with place:
            of = f"{run.name}: {panel.note}. {about}"
            chart(figure, f"latent-space-{number}", of, says="", alt=panel.title)
            st.caption(panel.numbers)
