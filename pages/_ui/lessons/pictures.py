"""The views of a step that are still pictures."""

import streamlit as st

from betavae_core.datasets import Dataset
from betavae_core.datasets.telling import telling_images
from betavae_core.errors import InputError
from betavae_core.lessons.stills import Still, beta_still, picture_rows, still_of
from betavae_core.lessons.views import View
from betavae_core.pictures.files import png
from betavae_core.store import Run
from betavae_core.tables.every_beta import separate_betas
from pages._ui.kept import kept_few
from pages._ui.lessons.presenting import LEAST, PICTURE
from pages._ui.lessons.showing import Shown
from pages._ui.runs import prepare
from pages._ui.style import plain

IN_A_ROW = 8  # images of a model for every β


def drawn_still(
    view: View, runs: list[Run], dataset: Dataset | None, named: bool, letter: float
) -> tuple[Still, bytes]:
    still = still_of(view, runs, dataset, named=named, letter=letter)
    return still, png(still.pixels)


def still_of_every_beta(shown: Shown) -> None:
    """The picture of a model for every β, at the β of the separate models beside it."""
    run = next((each for each in shown.with_weights if each.config.multirate), None)
    dataset = shown.dataset
    if run is None or dataset is None:
        st.info("What this step shows is not computed for the models here.")
        return
    rows = tuple(telling_images(dataset, IN_A_ROW))
    prepare(dataset, rows)
    trained = [each for each in shown.everything if not each.config.baseline]
    betas = separate_betas(run, trained) or [run.multirate.low, run.multirate.high]
    found = kept_few(beta_still, run, tuple(betas), dataset, rows)
    with st.container(key=f"labelled-step-{shown.place}"):
        st.image(png(found.pixels), output_format="PNG", width="stretch", alt=found.caption)
    st.caption(plain(found.caption))


UNNAMED = "The picture of this step; its description would give the answer away."


def still(shown: Shown, *, named: bool = True) -> None:
    """The picture; named: with the names of its rows and its caption, which may be an answer."""
    runs, dataset = shown.with_weights, shown.dataset
    if dataset is not None:
        prepare(dataset, picture_rows(shown.view, dataset))
    try:
        letter = (LEAST + 1) / PICTURE if shown.large else 0.0  # they are drawn in whole pixels
        found, file = kept_few(drawn_still, shown.view, runs, dataset, named, letter)
    except InputError as error:
        st.info(plain(str(error)), icon=":material/image_not_supported:")
        return
    kind = "step" if named else "option"
    with st.container(key=f"labelled-{kind}-{shown.place}"):
        st.image(
            file, output_format="PNG", width="stretch", alt=found.caption if named else UNNAMED
        )
    if named:
        st.caption(plain(found.caption))
