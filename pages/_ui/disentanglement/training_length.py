"""One score over the length of training, where a dataset has runs of several lengths."""

import pandas as pd
import streamlit as st

from betavae_core import plots, sentences
from betavae_core.datasets import dataset_title
from betavae_core.presets import ONE_PASS
from betavae_core.store import Run
from betavae_core.tables.lengths import Length
from betavae_core.tables.training_length import models_by_length, rows_by_length
from pages._ui.charts import chart, drawn


def score_over_length(rows: pd.DataFrame, runs: list[Run], name: str, dataset: str) -> None:
    """The chart, if there is anything to show; rows: of one score and setting, of runs of all
    lengths; name: of the score."""
    found, size = rows_by_length(rows, runs), ONE_PASS.get(dataset)
    if found.empty:
        return
    st.header("Longer training")
    titles = {int(images): Length(int(images)).title(size) for images in set(found["images"])}
    warmed = bool((found["kl_warmup"] > 0).any())
    versions = "; ".join(sorted(found["versions"].unique()))
    chart(
        drawn(plots.score_over_length, found, title=name, size=size),
        "over-length",
        f"Each dot is one model on {dataset_title(dataset)} "
        f"({', '.join(sorted(found['source'].unique()))}), architecture {found['model'].iloc[0]}, "
        f"models: {models_by_length(found, size)}; the lines join the medians of the seeds. The "
        "models differ in length, β and seed"
        + ", and those of some lengths had a KL warm-up"
        * warmed
        + ". A change counts if it is larger than the differences between seeds let expect (Tukey "
        f"and Kramer's test at 95 %). Measured with {versions}.",
        says=sentences.score_over_length(found, name, titles),
    )
