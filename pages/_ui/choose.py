"""Choosing a run, and a code to start from: shared by the pages that show one run."""

from dataclasses import dataclass

import streamlit as st
import torch

from betavae_core.datasets.base import to_float
from betavae_core.rng import generator
from betavae_core.store import Run
from pages._ui.factors import factor_sliders, value_text
from pages._ui.runs import dataset_of

STARTS = {"image": "dataset image", "prior": "prior sample", "zero": "zero"}


@dataclass(frozen=True)
class Start:
    """Where the sliders begin: a code, its posterior's log-variance where it has one, its name."""

    z: torch.Tensor  # (D,)
    log_var: torch.Tensor | None  # (D,)
    label: str
    image: torch.Tensor | None = None  # (C, H, W) uint8, what was encoded


def choose_run(runs: list[Run]) -> Run:
    names = [run.name for run in runs]
    # a name in the link that is not here gets a sentence, not silently another run
    asked = st.query_params.get("run")
    if asked and asked not in names and "run" not in st.session_state:
        st.warning(f'There is no run "{asked}" here; showing {names[0]} instead.')
        del st.query_params["run"]
    name = st.selectbox(
        "Run",
        names,
        key="run",
        bind="query-params",
        help="β weights the KL term; every run is a folder in trained_models/",
    )
    return runs[names.index(name)]


def choose_start(run: Run) -> Start:
    dataset = dataset_of(run)
    choices = [key for key in STARTS if dataset is not None or key != "image"]
    chosen = st.segmented_control(
        "Start from",
        choices,
        default=choices[0],
        required=True,
        format_func=STARTS.__getitem__,
        key="start",
        bind="query-params",
    )
    if chosen == "image" and dataset is not None:
        space = dataset.space
        if space is None:
            index = int(st.number_input("image", 0, len(dataset) - 1, key="image"))
            label = f"image {index:,}"
        else:
            with st.expander("Choose the image by its factors", expanded=False):
                base = factor_sliders(dataset.name, space)
            index = int(space.index(base[None])[0])
            values = (value_text(space, i, int(v)) for i, v in enumerate(base))
            label = ", ".join(f"{n} {v}" for n, v in zip(space.names, values, strict=True))
        image = dataset.images([index])
        with torch.no_grad():
            mean, log_var = run.model.encode(to_float(image))
        return Start(mean[0], log_var[0], f"{label} ({dataset.source})", image[0])
    if chosen == "prior":
        seed = int(st.number_input("Sample number", 0, 9999, key="sample", bind="query-params"))
        z = torch.randn(run.config.latents, generator=generator(seed, "start"))
        return Start(z, None, f"prior sample {seed}")
    return Start(torch.zeros(run.config.latents), None, "zero, the prior's mean")
