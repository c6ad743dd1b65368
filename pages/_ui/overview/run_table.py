"""All runs as a table, and the images behind its numbers."""

import pandas as pd
import streamlit as st

from betavae_core.datasets import DATASETS, dataset_title
from betavae_core.penalties import BETA_VAE
from betavae_core.scoring.elbo import active_latents, latest_elbo, measured_elbo
from betavae_core.store import Run
from betavae_core.tables.parts import PARTS
from pages._ui.kept import kept

PART = {part.name: part.of for part in PARTS}


def table(runs: list[Run]) -> pd.DataFrame:
    """A row for every run: datasets in their usual order, the longest training first, then by
    model, β and seed."""
    rows = []
    for run in sorted(runs, key=_place):
        config, score = run.config, latest_elbo(run)
        rows.append(
            {
                "Dataset": dataset_title(config.dataset),
                "Model": _model(run),
                "β": config.beta,
                "Training length": PART["length"](run),
                "Random seed": config.seed,
                "Reconstruction loss": score["nll"] if score else None,
                "KL": sum(score["kl"]) if score else None,
                "Active latents": f"{sum(active_latents(score))} of {config.latents}"
                if score
                else "not computed",
                "Images seen": run.images_seen,
                "Status": run.status,
                "Source of the data": config.source,
                "Normalised β": config.beta_normalised,
                "Folder": run.name,
            }
        )
    return pd.DataFrame(rows)


def _model(run: Run) -> str:
    """With the weight of its objective, where that is not β."""
    title = PART["model"](run)
    return title if run.config.objective == BETA_VAE else f"{title} ({PART['beta'](run)})"


def _place(run: Run) -> tuple[object, ...]:
    config, known = run.config, list(DATASETS)
    dataset = known.index(config.dataset) if config.dataset in known else len(known)
    usual = config.objective == BETA_VAE and not config.origin
    beta = float("inf") if config.beta is None else config.beta
    return dataset, config.dataset, not usual, -config.images, config.model, beta, config.seed


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
