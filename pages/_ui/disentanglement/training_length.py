"""One score over the length of training, where a dataset has runs of several lengths."""

import pandas as pd
import streamlit as st

from betavae_core import plots
from betavae_core.datasets import dataset_title
from betavae_core.presets import ONE_PASS
from betavae_core.store import Run
from betavae_core.tables.training_length import change_over_length, models_by_length, rows_by_length
from pages._ui.charts import chart, drawn


def score_over_length(rows: pd.DataFrame, runs: list[Run], name: str, dataset: str) -> None:
    """The chart, if there is anything to show; rows: of one score and setting, of runs of all
    lengths; name: of the score."""
    found, size = rows_by_length(rows, runs), ONE_PASS.get(dataset)
    if found.empty:
        return
    st.header("Longer training")
    warmed = found[found["kl_warmup"] > 0]["images"].nunique()
    chart(
        drawn(plots.score_over_length, found, title=name, size=size),
        "over-length",
        f"Each dot is one model on {dataset_title(dataset)} "
        f"({', '.join(sorted(found['source'].unique()))}), architecture {found['model'].iloc[0]}, "
        f"models: {models_by_length(found, size)}; the lines join the medians of the seeds. The "
        "models differ in length, β and seed"
        + ", and those of some lengths had a KL warm-up" * bool(warmed)
        + f". Measured with {'; '.join(sorted(found['versions'].unique()))}.",
        says=change_over_length(found, name, size),
    )
