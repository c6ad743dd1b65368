"""What is here, and what does β do?"""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
import torch

from betavae_core.datasets import Dataset
from betavae_core.datasets.base import to_float
from betavae_core.describe import facts, run_labels
from betavae_core.evaluation import active_latents, latest_elbo
from betavae_core.figures import grid, labelled_grid, png
from betavae_core.models import MODELS
from betavae_core.rng import generator
from betavae_core.store import Run
from pages._ui.charts import save_picture
from pages._ui.choose import choose_runs
from pages._ui.runs import (
    all_runs,
    beta_text,
    dataset_of,
    same_images,
    show_broken,
    show_no_runs,
    title,
)
from pages._ui.style import plain_errors

STRIP = 12  # images per strip
NEXT = [
    ("pages/traversals.py", "**Drag a latent** and see what it does"),
    ("pages/latent_space.py", "**Follow the factors** through latent space"),
    ("pages/disentanglement.py", "**Compare the scores** with the pictures"),
    ("pages/sensitivity.py", "**Turn the metric's knobs** and watch the score"),
    ("pages/reconstruction.py", "**Look at what β costs** in image quality"),
    ("pages/datasets.py", "**See the factors** that made the images"),
]


def drawn(dataset: Dataset, seed: int) -> torch.Tensor:
    """Indices (STRIP,) of the same few random images for all runs."""
    return torch.randint(len(dataset), (STRIP,), generator=generator(seed, "strip"))


@st.cache_data(max_entries=200)
def originals(key: str, _images: Dataset, seed: int) -> torch.Tensor:
    """The images (STRIP, C, H, W) of the dataset with this key."""
    return _images.images(drawn(_images, seed))


def redrawn(run: Run, images: torch.Tensor | None, seed: int) -> torch.Tensor:
    """Images (STRIP, C, H, W) that a run makes: reconstructions at the posterior mean, or prior
    samples where the dataset is not here."""
    with torch.no_grad():
        if images is None:
            z = torch.randn(STRIP, run.config.latents, generator=generator(seed, "prior"))
        else:
            z, _ = run.vae.encode(to_float(images))
        return run.vae.decode(z)


@st.cache_data(max_entries=200)
def strip(
    weights: str, key: str | None, _run: Run, _images: torch.Tensor | None, seed: int
) -> bytes:
    """`redrawn` as one row of PNG, keyed by the weights' hash and the dataset's key."""
    return png(grid(redrawn(_run, _images, seed)[None]))


def all_strips(runs: list[Run], dataset: Dataset | None) -> np.ndarray:
    """The originals, where they are here, and what each run makes of them, a labelled row each."""
    images = None if dataset is None else dataset.images(drawn(dataset, 0))
    rows = [] if images is None else [to_float(images)]
    rows += [redrawn(run, images, 0) for run in runs]
    labels = ["original"] * (images is not None) + run_labels(runs)
    return labelled_grid(torch.stack(rows), labels, 2, 20)


def table(runs: list[Run]) -> pd.DataFrame:
    rows = []
    for run in runs:
        config, score = run.config, latest_elbo(run)
        rows.append(
            {
                "run": run.name,
                "β": config.beta,
                "normalised β": config.beta_normalised,
                "seed": config.seed,
                "status": run.status,
                "reconstruction": score["nll"] if score else None,
                "KL": sum(score["kl"]) if score else None,
                "active latents": f"{sum(active_latents(score))} of {config.latents}"
                if score
                else "not computed",
                "images seen": run.images_seen,
                "dataset": config.dataset,
                "trained on": config.source,
            }
        )
    return pd.DataFrame(rows)


st.title("What does β do to a VAE?")
with plain_errors():
    runs, broken = all_runs()
    show_broken(broken)
    if not runs:
        show_no_runs()

    st.markdown(
        "A VAE squeezes an image into a few **latents** and draws it again from them. "
        "**β** is the price of a nat of information in the latents: a low β buys sharp pictures, a "
        "high β leaves few latents in use, in the hope that each stands for one factor."
    )
    st.latex(
        r"\underbrace{\mathbb{E}_{q(z|x)}[\log p(x|z)]}_{\text{reconstruction}}-"
        r"\textcolor{#d55e00}{\boldsymbol{\beta}}\,"
        r"\underbrace{\mathrm{KL}(q(z|x)\|\mathcal{N}(0,I))}_{\text{what the latents carry}}"
    )

    shown, pictured = None, choose_runs(runs)
    for run in pictured:
        dataset = dataset_of(run)
        key = None if dataset is None else f"{dataset.key}/{dataset.shape}"
        images = None if dataset is None or key is None else originals(key, dataset, 0)
        label, picture = st.columns([1, 5], vertical_alignment="center", gap="small")
        if run.config.dataset != shown and images is not None:
            label.markdown(f"**original**  \n:gray[{title(run.config.dataset)}]")
            picture.image(png(grid(to_float(images)[None])), width="stretch", output_format="PNG")
            label, picture = st.columns([1, 5], vertical_alignment="center", gap="small")
        shown = run.config.dataset
        what = "prior samples" if images is None else "redrawn"
        model = MODELS[run.config.model].title
        who = "imported" if run.config.origin else f"{model}, seed {run.config.seed}"
        label.markdown(f"**β = {beta_text(run.config)}** :gray[{what}  \n{who}]")
        picture.image(
            strip(run.weights_hash, key, run, images, 0), width="stretch", output_format="PNG"
        )
    caption = (
        "Each row redraws the originals above it, twelve random images, from the mean of the "
        "posterior. A run of a dataset that is not here shows samples from the prior."
    )
    says, save = st.columns([6, 1], vertical_alignment="center")
    says.caption(caption)
    alike, dataset = same_images(pictured)[0], dataset_of(pictured[0])
    about = {
        "runs": {run.name: facts(run, dataset) for run in alike},
        "images": None if dataset is None else drawn(dataset, 0).tolist(),
        "caption": caption,
    }
    file = f"runs-{alike[0].config.dataset}.png"
    save_picture(partial(all_strips, alike, dataset), about, file, place=save)

    st.subheader("The runs that are here")
    number = st.column_config.NumberColumn
    st.dataframe(
        table(runs),
        hide_index=True,
        placeholder="not computed",
        column_config={
            "β": number(format="%g", help="weight of the KL term; empty: not stated"),
            "normalised β": number(format="%.5f", help="β · latents / pixels"),
            "seed": number(format="%d"),
            "images seen": number(format="localized"),
            "reconstruction": number(
                format="%.2f", help="−log p(x|z) in nats per image, lower is better"
            ),
            "KL": number(format="%.2f", help="in nats per image, all latents together"),
            "active latents": st.column_config.TextColumn(
                help="latents whose KL is above 0.1 nats"
            ),
        },
    )
    measured = [score["settings"] for run in runs if (score := run.score("elbo"))]
    if measured:
        sources = sorted({f"{m['dataset']} ({m['source']})" for m in measured})
        st.caption(
            f"Reconstruction and KL: one posterior sample each of {measured[0]['images']:,} "
            f"uniform random images of {', '.join(sources)}, the run's likelihood, sampling seed "
            f"{measured[0]['seed']}. Unfinished runs: the mean over their last training interval."
        )

    st.subheader("Where to go next")
    places = st.container(horizontal=True)
    for page, text in NEXT:
        places.page_link(page, label=text, width=350)
