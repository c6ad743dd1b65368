"""The choice of the sliders' starting code."""

import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from betavae_core.addresses import STARTS
from betavae_core.factors import values_text
from betavae_core.rng import generator
from betavae_core.store import Run
from betavae_core.traversal.pictures import Start, image_start
from pages._ui.factors import factor_sliders
from pages._ui.kept import kept
from pages._ui.linked import number, one_of
from pages._ui.runs import dataset_of, prepare


def choose_start(run: Run, place: DeltaGenerator) -> Start:
    """The start of the sliders, chosen in a popover; place: a row of controls."""
    with place.popover("Start", icon=":material/flag:", help="The code at which the sliders start"):
        return _start(run)


def _start(run: Run) -> Start:
    dataset = dataset_of(run)
    choices = [key for key in STARTS if dataset is not None or key != "image"]
    chosen = one_of(
        st.segmented_control,
        "Start from",
        choices,
        required=True,
        format_func=STARTS.__getitem__,
        key="start",
    )
    if chosen == "image" and dataset is not None:
        space = dataset.space
        if space is None:
            last = len(dataset) - 1
            index = number(st.number_input, "Image number", 0, last, 0, key="image")
            label = f"image {index:,}"
        else:
            st.markdown("The image by its factors")
            base = factor_sliders(dataset.name, space)
            index = int(space.index(base[None])[0])
            label = values_text(space, base)
        prepare(dataset, [index])
        return kept(image_start, run, dataset, index, label)
    if chosen == "prior":
        seed = number(st.number_input, "Prior sample number", 0, 9999, 0, key="sample")
        z = torch.randn(run.config.latents, generator=generator(seed, "start"))
        return Start(z, None, f"prior sample {seed}")
    return Start(torch.zeros(run.config.latents), None, "zero code (the prior's mean)")
