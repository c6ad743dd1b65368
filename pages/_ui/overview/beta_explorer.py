"""One model for every β, in the browser: its reconstructions, the KL of its latents and its
rate–distortion curve follow the slider of β."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from betavae_core.beta import beta_number, beta_text
from betavae_core.datasets import Dataset, dataset_title
from betavae_core.models.browser import UnsupportedLayer, packed
from betavae_core.scoring.elbo import ACTIVE_KL
from betavae_core.scoring.rate_distortion import measured_rate_distortion
from betavae_core.store import Run
from betavae_core.tables.every_beta import separate_betas, separate_rows
from pages._ui.browser_models import ready_model
from pages._ui.component import component
from pages._ui.overview.strips import originals
from pages._ui.style import plain

IMAGES = 8
FIRST = 4.0  # β at the start, if it is in the range


def beta_explorer(run: Run, runs: Sequence[Run], dataset: Dataset) -> None:
    """Draw it; runs: the separate models, of which those with the same images and as many of them
    are dots beside the curve."""
    record = measured_rate_distortion(run)
    assert record is not None, "chosen by run_for_every_beta"
    try:
        ready = ready_model(run.multirate)
    except UnsupportedLayer as problem:
        st.info(f"{problem} The models of single β are below.")
        return
    separate = separate_rows(run, runs)
    low, high = run.multirate.low, run.multirate.high
    settings = {
        "image_shape": list(run.config.shape),
        "value": min(max(FIRST, low), high),
        "marks": separate_betas(run, runs),
        "separate": separate[["beta", "rate", "distortion"]].to_dict("records"),
        "measured": {key: record[key] for key in ("beta", "nll", "kl")},
        "remarks": remarks(record),
    }
    images = originals(f"{dataset.key}/{dataset.shape}", dataset, 0)[:IMAGES].contiguous()
    component(Path(__file__))(key="beta-explorer", data=packed(ready, settings, images=images))
    measured = record["settings"]
    st.caption(
        f"{plain(run.name)}: one model, trained with a β between {beta_number(low)} and "
        f"{beta_number(high)} drawn for each of its {run.config.images:,} images of "
        f"{dataset_title(run.config.dataset)} ({run.config.source}); the reconstructions are "
        "computed in your browser. KL, rate and distortion: means over "
        f"{measured['images']:,} random images at {len(record['beta'])} values of β, interpolated "
        "between them. "
        + (
            f"Circles: {len(separate)} models trained for one β each, on as many images. "
            + comparison(separate)
            if len(separate)
            else "No model for one β was trained on as many images."
        )
    )


def comparison(separate: pd.DataFrame) -> str:
    """How the loss of the one model compares with that of each separate model, in a sentence; empty
    if there is nothing to compare."""
    known = separate[separate["ratio"].notna()]
    pairs = zip(known["ratio"], known["beta"], strict=True)
    said = ", ".join(f"{ratio:.2f} at {beta_text(beta)}" for ratio, beta in pairs)
    if not said:
        return ""
    return f"Its loss divided by that of the separate model: {said} (below 1: it is better)."


def remarks(record: dict[str, Any]) -> list[dict[str, Any]]:
    """What to notice at low, middle and high β, from the measured numbers: for β up to a value, a
    sentence."""
    betas, count = record["beta"], len(record["beta"])
    low, middle, high = 0, count // 2, count - 1

    def at(n: int) -> str:
        active = sum(kl > ACTIVE_KL for kl in record["kl"][n])
        return (
            f"at β = {beta_number(betas[n])}, {active} of {len(record['kl'][n])} latents carry "
            f"{sum(record['kl'][n]):.1f} nats, and a reconstruction costs {record['nll'][n]:.0f} "
            "nats"
        )

    return [
        {
            "up_to": betas[count // 3],
            "text": "Low β: information is cheap, so the reconstructions are sharp. "
            f"Look at the outlines; {at(low)}.",
        },
        {
            "up_to": betas[2 * count // 3],
            "text": "Middle: a nat of information costs about as much as a nat of reconstruction; "
            f"{at(middle)}.",
        },
        {
            "up_to": betas[high] * (1 + 1e-9),
            "text": "High β: information is expensive, so details that cost many nats and change "
            f"few pixels are given up first. Look at shape and orientation; {at(high)}.",
        },
    ]
