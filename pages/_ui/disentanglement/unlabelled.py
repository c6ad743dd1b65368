"""A score without labels beside the chosen one."""

import pandas as pd
import streamlit as st

from betavae_core import plots, sentences
from betavae_core.datasets import dataset_title
from betavae_core.store import Run
from betavae_core.tables.unlabelled import rank_correlation, udr_rows
from pages._ui.charts import chart, drawn


def without_labels(rows: pd.DataFrame, runs: list[Run], name: str, dataset: str) -> None:
    """UDR and the chosen score of the same models, if UDR is measured; rows: of one score and
    setting."""
    found = udr_rows(rows, runs)
    scored = found.dropna(subset="value")
    if scored.empty:
        return
    st.header("Without labels (UDR)")
    st.markdown(
        "On photographs no factors are known, and no score above can be computed. UDR asks only "
        "whether models agree: those that find the same latents, up to order, sign and scale, "
        "probably found those of the data. Does it rank the models as the labels do?"
    )
    chart(
        drawn(
            plots.against,
            scored,
            "udr",
            "value",
            x_title="UDR (higher is better)",
            title=f"{name} (higher is better)",
        ),
        "unlabelled",
        f"Each mark is one model on {dataset_title(dataset)}. UDR: the median agreement of a "
        f"model's latents with those of each of the {found['models'].iloc[0] - 1} others here, by "
        f"Lasso regression on {found['images'].iloc[0]:,} images; 0.9 is the highest possible "
        "value, 0 nothing in common (Duan et al. 2020, who compare many seeds of one setting). "
        "Measured with: python -m betavae_core udr RUN RUN ….",
        says=sentences.ranked_without_labels(scored, rank_correlation(scored), name),
    )
