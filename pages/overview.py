"""What does β do to a VAE?"""

from functools import partial

import streamlit as st

from betavae_core.beta import beta_text
from betavae_core.datasets import dataset_title
from betavae_core.datasets.base import to_float
from betavae_core.models import MODELS
from betavae_core.pictures.files import png
from betavae_core.pictures.grids import grid
from betavae_core.provenance import facts
from pages._ui.address import addressed
from pages._ui.charts import save_picture
from pages._ui.choose_runs import choose_runs
from pages._ui.followed import leading_to
from pages._ui.overview.run_table import run_table
from pages._ui.overview.strips import all_strips, drawn, originals, strip
from pages._ui.runs import all_runs, dataset_of, same_images, show_broken, show_no_runs
from pages._ui.style import plain_errors

NEXT = [
    ("pages/traversals.py", "**Drag a latent** and see what it does"),
    ("pages/latent_space.py", "**Follow the factors** through latent space"),
    ("pages/disentanglement.py", "**Compare the scores** with the pictures"),
    ("pages/sensitivity.py", "**Change the metric's settings** and watch the score"),
    ("pages/reconstruction.py", "**See what β costs** in image quality"),
    ("pages/datasets.py", "**Explore the factors** that generate the images"),
]


st.title("What does β do to a VAE?")
with addressed("overview"), plain_errors():
    runs, broken = all_runs()
    show_broken(broken)
    if not runs:
        show_no_runs()

    st.markdown(
        "A VAE compresses an image into a few numbers, its **latents**, and reconstructs the image "
        "from them. **β** is the price of a nat of information in the latents: a low β gives sharp "
        "reconstructions; a high β leaves few latents in use, in the hope that each stands for one "
        "factor of variation."
    )
    st.latex(
        r"\underbrace{\mathbb{E}_{q(z|x)}[\log p(x|z)]}_{\text{reconstruction}}-"
        r"\textcolor{#d55e00}{\boldsymbol{\beta}}\,"
        r"\underbrace{\mathrm{KL}(q(z|x)\|\mathcal{N}(0,I))}_{\text{information in the latents}}"
    )

    shown, pictured = None, choose_runs(runs)
    unseen = [run for run in pictured if dataset_of(run) is None]
    for run in pictured:
        dataset = dataset_of(run)
        key = None if dataset is None else f"{dataset.key}/{dataset.shape}"
        images = None if dataset is None or key is None else originals(key, dataset, 0)
        label, picture = st.columns([1, 5], vertical_alignment="center", gap="small")
        if run.config.dataset != shown and images is not None:
            label.markdown(f"**original**  \n:gray[{dataset_title(run.config.dataset)}]")
            picture.image(png(grid(to_float(images)[None])), width="stretch", output_format="PNG")
            label, picture = st.columns([1, 5], vertical_alignment="center", gap="small")
        shown = run.config.dataset
        what = "prior samples" if images is None else "reconstructions"
        model = MODELS[run.config.model].title
        who = "imported" if run.config.origin else f"{model}, seed {run.config.seed}"
        label.markdown(f"**{beta_text(run.config.beta)}** :gray[{what}  \n{who}]")
        picture.image(
            strip(run.weights_hash, key, run, images, 0), width="stretch", output_format="PNG"
        )
    alike, dataset = same_images(pictured)[0], dataset_of(pictured[0])
    caption = (
        "Each row shows one model's reconstructions of the originals above: twelve random images, "
        "encoded and decoded from the posterior mean."
        + " A model whose dataset is not on this machine shows prior samples instead."
        * bool(unseen)
        if len(unseen) < len(pictured)
        else f"The images of {dataset_title(pictured[0].config.dataset)} are not on this machine, "
        "so "
        "nothing can be reconstructed: each row shows twelve prior samples."
    )
    says, save = st.columns([6, 1], vertical_alignment="center")
    says.caption(caption)
    about = {
        "runs": {run.name: facts(run, dataset) for run in alike},
        "images": None if dataset is None else drawn(dataset, 0).tolist(),
        "caption": caption,
    }
    file = f"runs-{alike[0].config.dataset}.png"
    save_picture(partial(all_strips, alike, dataset), about, file, place=save)

    st.subheader("Trained models")
    run_table(runs)

    st.subheader("Where to go next")
    places = st.container(horizontal=True)
    for page, text in NEXT:
        leads = leading_to(page.split("/")[-1].removesuffix(".py"), runs)
        places.page_link(page, label=text, width=350, query_params=leads)
