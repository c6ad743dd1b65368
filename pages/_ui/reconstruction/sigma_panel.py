"""σ² and β: the runs evaluated with Gaussian likelihoods of other widths."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
import torch

from betavae_core import plots, sentences
from betavae_core.datasets import Dataset
from betavae_core.datasets.base import to_float
from betavae_core.objective import equivalent_beta
from betavae_core.pictures.colours import beta_colour
from betavae_core.pictures.grids import labelled_grid
from betavae_core.pictures.reconstructions import COLUMNS, random_images
from betavae_core.provenance import facts
from betavae_core.rng import generator, random_rows
from betavae_core.scoring.sigma import best_sigma, gaussian_loss, squares_and_kl
from betavae_core.store import Run
from betavae_core.store.labels import run_labels
from pages._ui.charts import chart, drawn, picture_file, save_picture
from pages._ui.linked import one_of
from pages._ui.text_size import letters

IMAGES = 512
SIGMAS = np.geomspace(0.02, 1, 60)


@st.cache_data(max_entries=500, show_spinner="Measuring …")
def terms(weights: str, key: str, _run: Run, _dataset: Dataset) -> tuple[float, float]:
    """`squares_and_kl` of a run, keyed by the weights' hash and the dataset's key."""
    rows = random_rows(len(_dataset), min(IMAGES, len(_dataset)), generator(0, "sigma"))
    return squares_and_kl(_run.vae, _dataset.images(rows))


def two_rows(
    run: Run, dataset: Dataset, rows: list[int], label: str, height: int = 18
) -> np.ndarray:
    """Images and the run's reconstructions of them, with their labels; height: of their letters, in
    pixels."""
    x = to_float(dataset.images(rows))
    with torch.no_grad():
        both = torch.stack([x, run.vae.decode(run.vae.encode(x)[0])])
    return labelled_grid(both, ["original", label], scale=2, size=height)


def sigma_panel(runs: list[Run], dataset: Dataset) -> None:
    """A slider for σ: the equivalent β, each run's loss terms, and the run with the lowest loss."""
    st.markdown(
        "With a Gaussian likelihood N(x̂, σ² I) the loss of a plain VAE is "
        "‖x − x̂‖² / 2σ² + KL + a constant. Multiplied by σ², this is ½ ‖x − x̂‖² + **σ²** · KL: "
        "the loss of a β-VAE with squared error and β = σ² (equations 8–10 of the paper)."
    )
    sigma = one_of(
        st.select_slider,
        "σ, standard deviation of the likelihood (pixels in [0, 1])",
        [float(f"{value:.3g}") for value in SIGMAS],
        default=float(f"{SIGMAS[24]:.3g}"),
        key="sigma",
        help="A small σ corresponds to a small β: every pixel must be matched. With a large σ the "
        "KL dominates.",
    )
    labels = run_labels(runs)
    found = {
        label: terms(run.weights_hash, dataset.key, run, dataset)
        for label, run in zip(labels, runs, strict=True)
    }
    pixels = runs[0].config.pixels
    losses = {
        label: np.array([gaussian_loss(squares, pixels, s) + kl for s in SIGMAS])
        for label, (squares, kl) in found.items()
    }
    now = {
        label: gaussian_loss(squares, pixels, sigma) + kl for label, (squares, kl) in found.items()
    }
    chosen = min(now, key=now.__getitem__)
    beta_at, run_at = st.columns(2)
    beta_at.metric("Equivalent β = σ²", f"{equivalent_beta(sigma):.3g}")
    run_at.metric("Model with the lowest loss at this σ", chosen)
    left, right = st.columns([3, 2], gap="large")
    judged = (
        f"Nats per image on {min(IMAGES, len(dataset))} images of {dataset.title} "
        f"({dataset.source_and_part}), one posterior sample each. Circles: the best σ for "
        "each model, which is its root mean squared error and what σ-VAE would use (Rybkin et al. "
        "2021). The trained models stay the same; only the likelihood that evaluates them changes."
    )
    figure = drawn(
        plots.loss_over_sigma,
        {
            label: (losses[label], beta_colour(run.config.beta or 1.0))
            for label, run in zip(labels, runs, strict=True)
        },
        SIGMAS,
        sigma,
        {label: best_sigma(squares, pixels) for label, (squares, _) in found.items()},
    )
    betas = {
        label: 1.0 if run.config.beta is None else run.config.beta
        for label, run in zip(labels, runs, strict=True)
    }
    says = sentences.lowest_over_sigma(losses, SIGMAS, betas)
    with left:
        chart(figure, "over-sigma", judged, says=says)
    with right:
        run = runs[labels.index(chosen)]
        rows = random_images(len(dataset), 0)[: COLUMNS // 2]
        both = partial(two_rows, run, dataset, rows, chosen, letters(18))
        st.container(key="labelled-sigma").image(
            picture_file(both),
            output_format="PNG",
            width="content",
            alt=f"Images and their reconstructions by {chosen}",
        )
        about = facts(run, dataset) | {"sigma": sigma, "images": rows}
        save_picture(
            both,
            about,
            f"lowest-loss-at-sigma-{run.name}.png",
        )
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Model": label,
                    "Reconstruction loss": gaussian_loss(squares, pixels, sigma),
                    "KL": kl,
                    "Total loss": now[label],
                    "Best σ": best_sigma(squares, pixels),
                }
                for label, (squares, kl) in found.items()
            ]
        ),
        hide_index=True,
        column_config={
            **{
                name: st.column_config.NumberColumn(name, format="%.1f")
                for name in ("Reconstruction loss", "KL", "Total loss")
            },
            "Best σ": st.column_config.NumberColumn(format="%.3f"),
        },
        alt="The loss terms of each model at this σ",
    )
