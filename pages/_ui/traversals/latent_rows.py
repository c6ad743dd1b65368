"""The sliders of the latents: their order, the KL of each, and the distribution of its codes."""

from typing import Any

import streamlit as st

from betavae_core.browser.model import SliderRow
from betavae_core.datasets import Dataset
from betavae_core.scoring.elbo import active_latents, latents_by_kl, latest_elbo
from betavae_core.store import Run
from betavae_core.traversal.pictures import aggregate_rows
from pages._ui.encodings import aggregate_densities
from pages._ui.kept import kept
from pages._ui.linked import one_of
from pages._ui.runs import dataset_of

REACH = 3.0  # prior standard deviations to either side on the live sliders


def latent_rows(run: Run, over_beta: dict[str, Any] | None = None) -> list[SliderRow]:
    """One slider per latent, the most informative first; for foreign datasets the KL and the
    aggregate posterior are unknown. over_beta: what was measured over β, for a multi-rate run at
    one β: its latents are in the order of their KL at the lowest, so that the order stays."""
    score = latest_elbo(run)
    latents = latents_by_kl(score, run.config.latents)
    if over_beta is not None:
        latents = latents_by_kl({"kl": over_beta["kl"][0]}, run.config.latents)
    kl = score["kl"] if score else [None] * run.config.latents
    active = active_latents(score) if score else [True] * run.config.latents
    rows: list[SliderRow] = [
        {"latent": d, "kl": kl[d], "active": active[d], "min": -REACH, "max": REACH}
        for d in latents
    ]
    dataset = dataset_of(run)
    if dataset is not None and densities_are_ready(dataset):
        densities = kept(aggregate_densities, run, dataset, -REACH, REACH)
        for row in rows:
            row["density"] = densities[row["latent"]]
    return rows


def densities_are_ready(dataset: Dataset) -> bool:
    """Whether the images for the distribution of the codes are there without a long wait; if not,
    the sliders are shown without it first."""
    return dataset.is_ready(aggregate_rows(dataset))


def choose_latent(rows: list[SliderRow], label: str, key: str) -> int:
    """One of the latents, by default the most informative."""
    latents = [row["latent"] for row in rows]
    return one_of(st.selectbox, label, latents, format_func="z{}".format, key=key, width=240)
