"""The values that latents go through, chosen."""

import streamlit as st

from betavae_core.datasets import Dataset
from betavae_core.traversal.codes import AGGREGATE, MODES, STEPS, Values
from betavae_core.traversal.pictures import Start
from pages._ui.linked import number, one_of


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
        "Columns",
        modes,
        format_func=MODES.__getitem__,
        key="mode",
        help="Prior quantiles: the same values for every image. Aggregate posterior: where samples "
        f"of q(z|x) of {AGGREGATE:,} of the dataset's images lie, as the hills do. Around the "
        "posterior mean: from where this image lies. Posterior quantiles: only as far as the "
        "encoder is unsure.",
    )
    steps = number(steps_at.slider, "Steps", *STEPS, 9, key="steps")
    if mode == "around":
        reach = number(
            range_at.slider, "± prior standard deviations", 0.5, 4.0, 2.0, step=0.5, key="reach"
        )
        return Values(mode, steps, reach=reach)
    mass = number(range_at.slider, "Central probability", 0.5, 0.99, 0.95, step=0.01, key="mass")
    return Values(mode, steps, mass)
