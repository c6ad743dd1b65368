"""What does β cost in image quality?"""

import streamlit as st

from betavae_core.datasets import dataset_title
from betavae_core.fid import FEATURES
from betavae_core.store import Run
from betavae_core.tables.distances import comparable, distance_rows
from betavae_core.tables.families import family
from betavae_core.tables.lengths import length_of, of_length
from pages._ui.address import addressed, end_page
from pages._ui.choose_runs import choose_runs
from pages._ui.kept import kept
from pages._ui.reconstruction.cost_charts import (
    DISTANCES,
    LOSS,
    choose_setting,
    distances,
    during_training,
    losses,
)
from pages._ui.reconstruction.offered import offer_distances
from pages._ui.reconstruction.side_by_side import choose_pictures, side_by_side
from pages._ui.reconstruction.sigma_panel import sigma_panel
from pages._ui.runs import (
    all_runs,
    dataset_of,
    left_out,
    left_out_steered,
    prepare,
    same_images,
    show_broken,
    show_no_runs,
)
from pages._ui.style import plain_errors

OPENING = "cifar10"  # photographs: what β costs is seen best, and the paper measured FID on them


def name_left_out(shown: list[Run], unlike: list[Run]) -> None:
    """The models that are not among the pictures; unlike: those of other images."""
    left_out([run for run in shown if not run.has_weights], "weights not kept")
    left_out(unlike, "images of another size or source")


st.title("What does β cost in image quality?")
with addressed("reconstruction"), plain_errors():
    everything, broken = all_runs()
    show_broken(broken)
    if not everything:
        show_no_runs()
    shown = choose_runs(everything, opening=OPENING)
    name = shown[0].config.dataset
    runs = [run for run in everything if run.config.dataset == name]
    runs, _ = of_length(runs, length_of(shown[0]))
    shown, unlike = same_images(shown)
    dataset = dataset_of(shown[0])
    pictured = [run for run in shown if run.has_weights]

    known, others = family(runs)
    if not known:
        if pictured:
            side_by_side(choose_pictures(pictured, dataset))
        name_left_out(shown, unlike)
        st.info("None of these models states its β, so nothing can be shown over β.")
        end_page()
    left_out(
        others,
        "another architecture, objective, likelihood, number of latents or training length, or "
        "unknown β",
    )
    finished = [run for run in known if run.status in ("finished", "imported")]
    left_out([run for run in known if run not in finished], "training not finished")
    left_out_steered(name)
    st.header("How realistic are the images? (FD, KD)", help=DISTANCES)
    groups = comparable(kept(distance_rows, finished))
    rows = choose_setting(groups) if groups else None
    if rows is None:
        st.info(f"No distances are computed yet for the models trained on {dataset_title(name)}.")
    else:
        distances(rows, name, grey=known[0].config.channels == 1)
    if dataset is not None and finished:
        offer_distances([run for run in finished if run.has_weights], dataset, rows)
    if FEATURES["inception"].missing():
        st.caption(
            "These distances use features of EfficientNet-Lite0 and are therefore not called FID. "
            "FID needs the published weights of Inception: `python -m betavae_core fid --fetch` "
            "downloads them (95 MB)."
        )

    choice = None
    if pictured:
        st.header("The same images at several β")
        choice = choose_pictures(pictured, dataset)
    name_left_out(shown, unlike)

    st.header("Reconstruction loss", help=LOSS)
    losses(finished, rows, name)
    st.header("During training")
    during_training(known, rows, name)
    if choice is not None:
        side_by_side(choice)
    compared = [run for run in pictured if run.config.beta is not None]
    if dataset is not None and compared:
        st.header("The variance σ² of a Gaussian likelihood acts as β")
        prepare(dataset)
        sigma_panel(compared, dataset)
