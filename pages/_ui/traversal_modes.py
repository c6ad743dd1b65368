"""The values that latents go through, chosen."""

import streamlit as st

from betavae_core.datasets import Dataset
from betavae_core.traversal_pictures import Start
from betavae_core.traversals import AGGREGATE, MODES, STEPS, Values


def choose_values(dataset: Dataset | None, start: Start) -> Values:
    mode_at, range_at, steps_at = st.columns([3, 2, 2])
    modes = [
        key
        for key in MODES
        if (key == "prior")
        or (key == "aggregate" and dataset is not None)
        or (key in ("around", "posterior") and start.log_var is not None)
    ]
    mode = mode_at.selectbox(
        "Columns",
        modes,
        format_func=MODES.__getitem__,
        key="mode",
        bind="query-params",
        help="Prior quantiles: the same values for every image. Aggregate posterior: where samples "
        f"of q(z|x) of {AGGREGATE:,} of the dataset's images lie, as the hills do. Around the "
        "posterior mean: from where this image lies. Posterior quantiles: only as far as the "
        "encoder is unsure.",
    )
    steps = steps_at.slider("Steps", *STEPS, 9, key="steps", bind="query-params")
    if mode == "around":
        reach = range_at.slider(
            "± prior standard deviations", 0.5, 4.0, 2.0, 0.5, key="reach", bind="query-params"
        )
        return Values(mode, steps, reach=reach)
    mass = range_at.slider(
        "Central probability", 0.5, 0.99, 0.95, 0.01, key="mass", bind="query-params"
    )
    return Values(mode, steps, mass)
