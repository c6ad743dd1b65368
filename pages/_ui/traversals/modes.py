"""The choice of the values that a latent takes."""

from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core.datasets import Dataset
from betavae_core.traversal.codes import AGGREGATE, MODES, STEPS, Values
from betavae_core.traversal.pictures import Start
from pages._ui.linked import number, one_of

DISTRIBUTIONS = {"prior": "prior", "aggregate": "aggregate posterior", "posterior": "posterior"}


def choose_values(dataset: Dataset | None, start: Start) -> Values:
    mode_at, range_at, steps_at = st.columns([3, 2, 2])
    modes = [
        key
        for key in MODES
        if (key == "prior")
        or (key == "aggregate" and dataset is not None)
        or (key in ("around", "posterior") and start.log_var is not None)
    ]
    mode = one_of(
        mode_at.selectbox,
        "Values of the latent",
        modes,
        format_func=MODES.__getitem__,
        key="mode",
        help="Prior quantiles: the same values for every image. Aggregate-posterior quantiles: "
        f"the values that samples of q(z|x) take over {AGGREGATE:,} randomly drawn images of the "
        "dataset, blue at the sliders. Around the posterior mean: equal steps to both sides of the "
        "starting code. Posterior quantiles: only as far as the encoder is uncertain about the "
        "starting image.",
    )
    steps = number(steps_at.slider, "Number of steps", *STEPS, 9, key="steps")
    if mode == "around":
        label = "Range: posterior mean ± {:g} σ of the prior"
        slider = partial(_range_slider, range_at, 1)
        reach = number(slider, label, 0.5, 4.0, 2.0, step=0.5, key="reach")
        return Values(mode, steps, reach=reach)
    label = f"Range: middle {{:.0f}} % of the {DISTRIBUTIONS[mode]}"
    slider = partial(_range_slider, range_at, 100)
    mass = number(slider, label, 0.5, 0.99, 0.95, step=0.01, key="mass")
    return Values(mode, steps, mass)


def _range_slider(
    place: DeltaGenerator, scale: float, label: str, low: float, high: float, **how: Any
) -> None:
    """A slider whose label states the range for its value; scale: the factor of that number."""
    place.slider(label.format(scale * st.session_state[how["key"]]), low, high, **how)
