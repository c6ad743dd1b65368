"""What does β cost in image quality?"""

import pandas as pd
import streamlit as st

from betavae_core.distances import FEW
from betavae_core.fid import FEATURES, default_features
from betavae_core.reconstruction import comparable, distance_rows, family
from betavae_core.store import Run
from pages._ui.background import background
from pages._ui.choose import choose_runs
from pages._ui.cost_charts import choose_setting, distances, during_training, losses
from pages._ui.runs import (
    all_runs,
    dataset_of,
    left_out,
    same_images,
    show_broken,
    show_no_runs,
    title,
)
from pages._ui.side_by_side import side_by_side
from pages._ui.sigma_panel import sigma_panel
from pages._ui.style import plain_errors

LAPTOP = {"images": FEW, "reference_images": 10_000}  # of the button, where nothing is there yet


def compute_missing(runs: list[Run], rows: pd.DataFrame | None) -> None:
    """The button for what has no distance under the setting that is shown."""
    features = default_features() if rows is None else str(rows["features"].iloc[0])
    setting = (
        LAPTOP
        if rows is None
        else {key: int(rows[key].iloc[0]) for key in ("images", "reference_images")}
    )
    there = set() if rows is None else set(zip(rows["run"], rows["kind"], strict=True))
    missing = [
        run
        for run in runs
        if (found := dataset_of(run)) is not None
        and found.source == run.config.source  # the verb takes no other
        and any((run.name, kind) not in there for kind in ("reconstructions", "samples"))
    ]
    if not missing:
        return
    background(
        f"fid-{runs[0].config.dataset}",
        f"Compute the missing distances of {len(missing)} runs",
        [
            "fid",
            *(str(run.path) for run in missing),
            *("--features", features),
            *("--images", str(setting["images"])),
            *("--reference-images", str(setting["reference_images"])),
        ],
        f"{FEATURES[features].distance} of {setting['images']:,} reconstructions and as many prior "
        "samples of each run; first, once, the features of the dataset's images. What is finished "
        "stays, whenever it stops.",
    )


st.title("What does β cost in image quality?")
with plain_errors():
    everything, broken = all_runs()
    show_broken(broken)
    if not everything:
        show_no_runs()
    shown = choose_runs(everything)
    name = shown[0].config.dataset
    runs = [run for run in everything if run.config.dataset == name]
    shown, others = same_images(shown)
    dataset = dataset_of(shown[0])
    side_by_side(shown, dataset)
    left_out(others, "images of another size or source")

    known, others = family(runs)
    if not known:
        st.info("None of these runs states its β: there is nothing to draw over β.")
        st.stop()
    left_out(others, "another model, likelihood, number of latents or budget, or an unknown β")
    st.subheader("Distance between what is made and what is real")
    groups = comparable(distance_rows(known))
    rows = choose_setting(groups) if groups else None
    if rows is None:
        st.info(f"No distances are computed yet for the runs on {title(name)}.")
    else:
        distances(rows, name)
    compute_missing(known, rows)
    missing = FEATURES["inception"].missing()
    if missing:
        st.caption(f"Features in use: EfficientNet-Lite0, so nothing here is called FID. {missing}")

    st.subheader("Reconstruction loss")
    losses(known, rows)
    st.subheader("As training went")
    during_training(known, rows, name)
    compared = [run for run in shown if run.config.beta is not None]
    if dataset is not None and compared:
        st.subheader("σ² is a β")
        sigma_panel(compared, dataset)
