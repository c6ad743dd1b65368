"""What β does to a VAE, in pictures: a row of reconstructions per model, the table of the models,
and the way to the other pages."""

from functools import partial

import streamlit as st

from betavae_core.beta import beta_text
from betavae_core.datasets import dataset_title
from betavae_core.models import MODELS
from betavae_core.provenance import facts
from betavae_core.store import Run
from pages._ui.charts import picture_file, save_picture
from pages._ui.choose_runs import choose_runs
from pages._ui.every_beta import every_beta
from pages._ui.followed import leading_to
from pages._ui.overview.beta_explorer import beta_explorer
from pages._ui.overview.rows import Rows, copy_rows, draw_row
from pages._ui.overview.run_table import run_table
from pages._ui.overview.strips import all_strips, drawn, one_row, originals, strip
from pages._ui.runs import dataset_of, prepare, same_images

NEXT = [
    ("pages/traversals.py", "**Drag a latent** and see what it does"),
    ("pages/latent_space.py", "**Follow the factors** through latent space"),
    ("pages/disentanglement.py", "**Compare the scores** with the pictures"),
    ("pages/sensitivity.py", "**Change the metric's settings** and watch the score"),
    ("pages/reconstruction.py", "**See what β costs** in image quality"),
    ("pages/datasets.py", "**Explore the factors** that generate the images"),
]


def story(runs: list[Run]) -> None:
    """All of the page Overview below its first words."""
    shown, pictured, rows = None, choose_runs(runs), Rows()
    images_of_all = dataset_of(pictured[0])
    first = pictured[0].config
    of_all = every_beta(first.dataset, first.shape)
    if of_all is not None and images_of_all is not None:
        prepare(images_of_all, drawn(images_of_all, 0))
        beta_explorer(of_all, runs, images_of_all)
        st.subheader("Models trained for one β each")
    unseen = [run for run in pictured if dataset_of(run) is None]
    for run in pictured:
        dataset = dataset_of(run)
        prepare(dataset, None if dataset is None else drawn(dataset, 0))
        key = None if dataset is None else f"{dataset.key}/{dataset.shape}"
        images = None if dataset is None or key is None else originals(key, dataset, 0)
        if run.config.dataset != shown and images is not None:
            label = f"**original**  \n:gray[{dataset_title(run.config.dataset)}]"
            rows.append((label, picture_file(partial(one_row, images))))
            draw_row(*rows[-1])
        shown = run.config.dataset
        what = "prior samples" if images is None else "reconstructions"
        model = MODELS[run.config.model].title
        who = "imported" if run.config.origin else f"{model}, seed {run.config.seed}"
        label = f"**{beta_text(run.config.beta)}** :gray[{what}  \n{who}]"
        rows.append((label, strip(run.weights_hash, key, run, images, 0)))
        draw_row(*rows[-1])
    copy_rows(rows)
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
