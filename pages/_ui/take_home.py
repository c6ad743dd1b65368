"""A page to take home: one HTML file with models that a page shows, made beside the server."""

from collections.abc import Sequence

import streamlit as st

from betavae_core.export.folder import file_name
from betavae_core.export.handout import made_from
from betavae_core.paths import runs_root
from betavae_core.store import Run
from pages._ui.charts import download
from pages._ui.elsewhere import elsewhere, pool
from pages._ui.kept import key_of

ASKED = "_take_home"  # in the session: the key of the page that the visitor asked for
SECONDS, FOR_EACH = 4.0, 2.0  # of making one
FEW = 12  # pages of megabytes that are kept for all visitors
HELP = (
    "One HTML file with {these}: sliders, start images, the map of latent space and what was "
    "measured. It opens in any browser, without an installation and without a network."
)


def _ask(key: str) -> None:
    st.session_state[ASKED] = key


@st.cache_resource
def _made() -> dict[str, bytes]:
    return {}


def take_home(runs: Sequence[Run]) -> None:
    """A button that makes the page of these runs, and then one that saves it."""
    folders = [(str(run.path), run.snapshot) for run in runs]
    key = key_of("handout", [run.weights_hash for run in runs], folders)
    these = "this model" if len(runs) == 1 else f"these {len(runs)} models"
    if st.session_state.get(ASKED) != key:
        st.button(
            "Page to take home",
            key="start-handout",
            icon=":material/draft:",
            help=HELP.format(these=these),
            on_click=_ask,
            args=(key,),
        )
        return
    page = _made().get(key)
    if page is None:
        seconds = SECONDS + FOR_EACH * len(runs)
        what = f"A page with {these}"
        page = elsewhere(key, what, seconds, made_from, folders, str(runs_root()))
        if page is None:
            return
        pool().forget(key)
        made = _made()
        made[key] = page
        while len(made) > FEW:
            made.pop(next(iter(made)), None)
    file = f"handout-{file_name(runs[0])}.html"
    label = f"Save the page to take home ({len(page) / 1e6:.1f} MB)"
    download(label, page, file, "text/html", help=HELP.format(these=these))
