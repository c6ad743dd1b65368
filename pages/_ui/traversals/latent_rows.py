"""The sliders of the latents of a run, and the choice of one."""

from typing import Any

import streamlit as st

from betavae_core.browser.live import SliderRow
from betavae_core.datasets import Dataset
from betavae_core.store import Run
from betavae_core.traversal import latent_rows as rows
from betavae_core.traversal.pictures import aggregate_rows
from pages._ui.encodings import aggregate_densities
from pages._ui.kept import kept
from pages._ui.linked import one_of
from pages._ui.runs import dataset_of


def latent_rows(run: Run, over_beta: dict[str, Any] | None = None) -> list[SliderRow]:
    """`latent_rows` of the core, with the aggregate posterior as soon as its images are there."""
    dataset, hills = dataset_of(run), None
    if dataset is not None and densities_are_ready(dataset):
        hills = kept(aggregate_densities, run, dataset)
    return rows.latent_rows(run, over_beta, hills)


def densities_are_ready(dataset: Dataset) -> bool:
    """Whether the images for the distribution of the codes are there without a long wait; if not,
    the sliders are shown without it first."""
    return dataset.is_ready(aggregate_rows(dataset))


def choose_latent(rows: list[SliderRow], label: str, key: str) -> int:
    """One of the latents, by default the most informative."""
    latents = [row["latent"] for row in rows]
    return one_of(st.selectbox, label, latents, format_func="z{}".format, key=key, width=240)
