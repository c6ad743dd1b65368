"""What does β cost in image quality?"""

import pandas as pd
import streamlit as st

from betavae_core.datasets import Dataset, dataset_title
from betavae_core.fid import FEATURES, default_features
from betavae_core.scoring.distances import FEW, IMAGE_KINDS, images_mark
from betavae_core.store import Run
from betavae_core.tables.distances import comparable, distance_rows
from betavae_core.tables.families import family
from betavae_core.tables.lengths import length_of, of_length
from pages._ui.address import addressed, end_page
from pages._ui.background import background
from pages._ui.choose_runs import choose_runs
from pages._ui.kept import kept
from pages._ui.reconstruction.cost_charts import (
    choose_setting,
    distances,
    during_training,
    is_current,
    losses,
)
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
LAPTOP = {"images": FEW, "reference-images": 10_000}  # for the button, if nothing is stored yet


def offer_distances(runs: list[Run], dataset: Dataset, rows: pd.DataFrame | None) -> None:
    """The buttons for missing distances: with the setting that is shown, if it still applies to
    these images, and with the available features if none is shown with them."""
    current = (
        rows is not None
        and is_current(rows.iloc[0])
        and rows["of"].iloc[0] == str(images_mark(dataset))
    )
    if rows is not None and current:
        first = rows.iloc[0]
        there = set(zip(rows["run"], rows["kind"], strict=True))
        compute(
            [run for run in runs if any((run.name, kind) not in there for kind in IMAGE_KINDS)],
            first["features"],
            {"images": first["images"], "reference-images": first["reference_images"]}
            | ({"seed": first["draw"]} if first["draw"] else {}),
        )
    features = default_features()
    measured = comparable(kept(distance_rows, runs))
    if not any(
        group["features"].iloc[0] == features
        and is_current(group.iloc[0])
        and group["of"].iloc[0] == str(images_mark(dataset))
        for group in measured
    ):
        compute(runs, features, LAPTOP)


def compute(runs: list[Run], features: str, setting: dict[str, int]) -> None:
    """A button that measures these runs in the background."""
    measurable = [
        run
        for run in runs
        if (found := dataset_of(run)) is not None
        and found.source == run.config.source  # the verb accepts no other
    ]
    if not measurable:
        return
    entry = FEATURES[features]
    several = f"{len(measurable)} model" + "s" * (len(measurable) > 1)
    background(
        f"fid-{measurable[0].config.dataset}-{features}",
        f"Compute the missing distances of {several}: {entry.distance}",
        [
            "fid",
            *(str(run.path) for run in measurable),
            *("--features", features),
            *(word for key, value in setting.items() for word in (f"--{key}", str(value))),
        ],
        f"{entry.distance} and {entry.kernel} of {setting['images']:,} reconstructions and as many "
        "prior samples of each model. The features of the dataset's images are computed first, "
        "only once. Finished distances are kept, even if you cancel.",
    )


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
    st.header("How realistic are the images? (FD, KD)")
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

    st.header("Reconstruction loss")
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
