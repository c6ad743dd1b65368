"""The values that latents go through: chosen, and in words."""

from collections.abc import Callable

import streamlit as st
import torch

from betavae_core import traversals
from betavae_core.datasets import Dataset
from betavae_core.store import Run
from pages._ui.choose import Start
from pages._ui.encoded import AGGREGATE, aggregate_codes

MODES = {
    "prior": "prior quantiles",
    "aggregate": "aggregate-posterior quantiles",
    "around": "around the posterior mean",
    "posterior": "posterior quantiles",
}
# a run and the posterior mean and log-variance (D,) of its start → values (D, S)
Values = Callable[[Run, torch.Tensor, torch.Tensor | None], torch.Tensor]


def choose_values(run: Run, dataset: Dataset | None, start: Start) -> tuple[Values, str]:
    """The values that latents go through, as a function of a run and its own posterior, and what
    they are in words."""
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
        help="Prior quantiles: the same values for every image. Aggregate posterior: where the "
        "dataset's codes lie. Around the posterior mean: from where this image lies. Posterior "
        "quantiles: only as far as the encoder is unsure.",
    )
    steps = steps_at.slider("Steps", 3, 15, 9, 2, key="steps", bind="query-params")
    if mode == "around":
        reach = range_at.slider(
            "± prior standard deviations", 0.5, 4.0, 2.0, 0.5, key="reach", bind="query-params"
        )
        return (
            lambda each, mean, log_var: traversals.around_mean(mean, steps, reach),
            f"posterior mean ± {reach:g}",
        )
    mass = range_at.slider(
        "Central probability", 0.5, 0.99, 0.95, 0.01, key="mass", bind="query-params"
    )
    if mode == "posterior":

        def own(each: Run, mean: torch.Tensor, log_var: torch.Tensor | None) -> torch.Tensor:
            assert log_var is not None, "offered only for what was encoded"
            return traversals.posterior_quantiles(mean, log_var, steps, mass)

        return own, f"central {mass:.0%} of its posterior"
    if mode == "aggregate" and dataset is not None:
        return (
            lambda each, mean, log_var: traversals.aggregate_quantiles(
                torch.from_numpy(aggregate_codes(each, dataset)).float(), steps, mass
            ),
            f"central {mass:.0%} of the codes of {AGGREGATE:,} images",
        )
    one = traversals.prior_quantiles(steps, mass)
    span = f"central {mass:.0%} of the prior, {one[0]:.2f} … {one[-1]:.2f}"
    return lambda each, mean, log_var: one.expand(len(mean), -1), span
