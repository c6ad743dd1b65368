"""β-VAEs beside runs with other objectives, of the same network and as many images."""

import pandas as pd
import streamlit as st

from betavae_core import plots, sentences
from betavae_core.datasets import dataset_title
from betavae_core.penalties import OBJECTIVES
from betavae_core.presets import ONE_PASS
from betavae_core.store import Run
from betavae_core.tables.lengths import Length
from betavae_core.tables.objectives import SOURCE, PublishedCurve, by_objective, published_after
from pages._ui.charts import chart, drawn

DISTORTION = "reconstruction loss, nats per image"


def other_objectives(rows: pd.DataFrame, runs: list[Run], name: str, dataset: str) -> None:
    """The charts, if a run has another objective; rows: of one score and setting, of runs of all
    lengths; name: of the score."""
    found = by_objective(rows, runs)
    if found.empty:
        return
    st.header("Objectives other than the β-VAE's")
    st.markdown(
        "A β-VAE weighs the whole KL. Other objectives weigh only the part that ties the latents "
        "to each other (β-TCVAE, FactorVAE) or their covariance (DIP-VAE), or hold the KL at a "
        "capacity."
    )
    images, size = int(found["images"].iloc[0]), ONE_PASS.get(dataset)
    length = Length(images).title(size)
    theirs = published_after(images / size) if size and dataset == "2dshapes" else []
    config = next(run.config for run in runs if run.name == found["run"].iloc[0])
    about = (
        f"Each mark is one model on {dataset_title(dataset)} ({config.source}): architecture "
        f"{config.model}, {config.latents} latents, {length}, batches of {config.batch_size}, "
        f"{config.optimizer} at {config.learning_rate:g}; seeds "
        f"{', '.join(map(str, sorted(set(found['seed']))))}."
    )
    losses = "; ".join(
        f"{OBJECTIVES[each].title}: {OBJECTIVES[each].loss} ({OBJECTIVES[each].source})"
        for each in dict.fromkeys(found["objective"])
    )
    scored = found.dropna(subset=["value", "nll"])
    if scored.empty:
        st.info(f"{name} is not computed yet for these models.")
    elif scored["label"].nunique() == 1:
        st.markdown(f"**{sentences.score_by_objective(found, name)}**")
    else:
        chart(
            drawn(
                plots.against,
                scored,
                "nll",
                "value",
                x_title=DISTORTION,
                title=f"{name} (higher is better)",
            ),
            "objectives-score",
            f"{about} Losses: {losses}. Scores measured with "
            f"{'; '.join(sorted(set(scored['versions'])))}.",
            says=sentences.score_by_objective(found, name),
        )
    _rate(found.dropna(subset=["nll"]), about, length, theirs)


def _rate(
    rows: pd.DataFrame,
    about: str,
    length: str,
    theirs: list[tuple[PublishedCurve, float, float]],
) -> None:
    """KL against reconstruction loss, with another project's models after as many passes."""
    if rows.empty:
        return
    published = "; ".join(
        f"{curve.objective} ({curve.settings}): {nll:.1f} and {kl:.1f}" for curve, nll, kl in theirs
    )
    chart(
        drawn(
            plots.against,
            rows,
            "nll",
            "kl",
            x_title=DISTORTION,
            title="KL, nats per image",
            published=[(curve.objective, nll, kl) for curve, nll, kl in theirs],
        ),
        "objectives-rate",
        f"{about} "
        + (
            f"Hollow marks: reconstruction and KL of the same objectives after {length} over "
            f"official dSprites, as means over that pass ({SOURCE}): {published}."
            if theirs
            else ""
        ),
        says=sentences.rate_by_objective(rows),
    )
