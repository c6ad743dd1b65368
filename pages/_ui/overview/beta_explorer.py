"""One model for every β, in the browser: its reconstructions, the KL of its latents and its
rate–distortion curve follow the slider of β."""

from collections.abc import Sequence

import streamlit as st

from betavae_core.browser.component import BETA_EXPLORER
from betavae_core.browser.model import UnsupportedLayer, packed
from betavae_core.datasets import Dataset
from betavae_core.store import Run
from betavae_core.tables.beta_explorer import explorer_caption, explorer_settings
from pages._ui.browser_models import ready_model
from pages._ui.component import shown
from pages._ui.overview.strips import originals
from pages._ui.style import plain

IMAGES = 8


def beta_explorer(run: Run, runs: Sequence[Run], dataset: Dataset) -> None:
    """Draw it; runs: the separate models, of which those with the same images and as many of them
    are dots beside the curve."""
    try:
        ready = ready_model(run.multirate)
    except UnsupportedLayer as problem:
        st.info(f"{problem} The models of single β are below.")
        return
    settings, separate = explorer_settings(run, runs)
    images = originals(f"{dataset.key}/{dataset.shape}", dataset, 0)[:IMAGES].contiguous()
    shown(BETA_EXPLORER)(key="beta-explorer", data=packed(ready, settings, images=images))
    st.caption(explorer_caption(run, separate, plain(run.name)))
