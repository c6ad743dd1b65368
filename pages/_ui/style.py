"""What every page looks like, and how every page says what is wrong."""

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from betavae_core.errors import InputError
from betavae_core.paths import cache_root, checkpoint_roots, data_root
from pages._ui.address import end_page
from pages._ui.mode import close_uploads, read_only

CSS = """
<style>
/* sprites are enlarged pixel by pixel, on a neutral ground */
[data-testid="stImage"] img { image-rendering: pixelated; }
/* pictures with text in them are enlarged already; shrunk pixel by pixel it could not be read */
[class*="st-key-labelled"] [data-testid="stImage"] img { image-rendering: auto; }
/* what only acts takes no place */
[data-testid="stElementContainer"]:has(> [data-testid="stHtml"] > script) { display: none; }
[data-testid="stMainBlockContainer"] { padding-top: 4.5rem; max-width: 1280px; }
h1 { font-size: 2.1rem !important; }
</style>
"""


def without_paths(text: str) -> str:
    """For visitors of a read-only dashboard: a sentence without the places of its folders on the
    server, where what lies in one of them is named from there on."""
    if not read_only():
        return text
    places = {str(root): root.name for root in (*checkpoint_roots(), data_root(), cache_root())}
    places |= {str(Path(place).resolve()): name for place, name in places.items()}
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(place, places[place])
    return text


_app_ran: list[bool] = []  # not empty once app.py was run in this process


def plain(text: str) -> str:
    """Foreign text, such as a folder's name, for a place that reads markdown."""
    return re.sub(r"([\\`*_\[\]()!<>$~|#])", r"\\\1", text)


def apply_style() -> None:
    """Called by app.py alone, around every page."""
    if not _app_ran:
        _app_ran.append(True)
    close_uploads()
    st.html(CSS)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show bad input as its one sentence and end the page there, instead of a traceback.

    A server whose very first visitor follows a link to a page runs that page by itself, because
    there is a folder named pages, and app.py from the next run on: so run again at once.
    """
    if not _app_ran:
        _app_ran.append(True)
        close_uploads()
        PagesManager.uses_pages_directory = False  # what st.navigation in app.py sets
        st.rerun()
    try:
        yield
    except InputError as error:
        st.error(plain(without_paths(str(error))), icon=":material/error:")
        end_page()
    except OSError as error:  # a full disk, a folder that is gone: its message holds the place
        traceback.print_exc()
        reason = error.strerror or type(error).__name__
        st.error(f"Reading or writing a file failed: {plain(reason)}.", icon=":material/error:")
        end_page()
