"""All runs as a table, and the images behind its numbers."""

import pandas as pd
import streamlit as st

from betavae_core.datasets import dataset_title
from betavae_core.scoring.elbo import active_latents, latest_elbo, measured_elbo
from betavae_core.store import Run
from pages._ui.kept import kept


def table(runs: list[Run]) -> pd.DataFrame:
    rows = []
    for run in runs:
        config, score = run.config, latest_elbo(run)
        rows.append(
            {
                "Model": run.name,
                "β": config.beta,
                "Normalised β": config.beta_normalised,
                "Objective": config.objective_words,
                "Random seed": config.seed,
                "Status": run.status,
                "Reconstruction loss": score["nll"] if score else None,
                "KL": sum(score["kl"]) if score else None,
                "Active latents": f"{sum(active_latents(score))} of {config.latents}"
                if score
                else "not computed",
                "Images seen": run.images_seen,
                "Dataset": dataset_title(config.dataset),
                "Source of the data": config.source,
            }
        )
    several = len({row["Objective"] for row in rows}) > 1
    return pd.DataFrame(rows).drop(columns=[] if several or not rows else ["Objective"])


def run_table(runs: list[Run]) -> None:
    """A row for every run; below, the images behind reconstruction loss and KL."""
    number = st.column_config.NumberColumn
    st.dataframe(
        kept(table, runs),
        hide_index=True,
        placeholder="–",
        alt="All trained models, one row each",
        column_config={
            "β": number(
                format="%g",
                help="weight of the KL term; none if unknown, and for other objectives",
            ),
            "Normalised β": number(format="%.5f", help="β × number of latents / number of pixels"),
            "Random seed": number(format="%d"),
            "Images seen": number(
                format="localized", help="images used in training, repeats counted"
            ),
            "Reconstruction loss": number(
                format="%.2f", help="−log p(x|z) in nats per image; lower is better"
            ),
            "KL": number(format="%.2f", help="nats per image, summed over all latents"),
            "Active latents": st.column_config.TextColumn(help="latents with a KL above 0.1 nats"),
        },
    )
    measured = [score["settings"] for run in runs if (score := measured_elbo(run))]
    if measured:
        sources = sorted({f"{dataset_title(m['dataset'])} ({m['source']})" for m in measured})
        st.caption(
            f"Reconstruction loss and KL are means over {measured[0]['images']:,} random images of "
            f"{', '.join(sources)}, with one posterior sample per image, each model's own "
            f"likelihood and sampling seed {measured[0]['seed']}. For models that are still being "
            "trained they are means over the last training interval. –: not computed, or unknown; "
            "models with other objectives have no β."
        )
