"""The views of a step that are still pictures."""

import streamlit as st

from betavae_core.datasets import Dataset
from betavae_core.errors import InputError
from betavae_core.lessons.stills import Still, picture_rows, still_of
from betavae_core.lessons.views import View
from betavae_core.pictures.files import png
from betavae_core.store import Run
from pages._ui.kept import kept_few
from pages._ui.lessons.presenting import LEAST, PICTURE
from pages._ui.lessons.showing import Shown
from pages._ui.runs import prepare
from pages._ui.style import plain


def drawn_still(
    view: View, runs: list[Run], dataset: Dataset | None, named: bool, letter: float
) -> tuple[Still, bytes]:
    still = still_of(view, runs, dataset, named=named, letter=letter)
    return still, png(still.pixels)


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
    with st.container(key=f"labelled-{shown.place}"):
        st.image(
            file, output_format="PNG", width="stretch", alt=found.caption if named else UNNAMED
        )
    if named:
        st.caption(plain(found.caption))
