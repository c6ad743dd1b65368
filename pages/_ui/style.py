"""The style of every page, and its error messages."""

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from betavae_core.beta import unbroken
from betavae_core.errors import InputError
from betavae_core.paths import cache_root, checkpoint_roots, data_root
from pages._ui.address import end_page
from pages._ui.mode import close_uploads, read_only
from pages._ui.text_size import large_text

CSS = """
<style>
/* sprites are enlarged pixel by pixel, on a neutral ground */
[data-testid="stImage"] img { image-rendering: pixelated; }
/* pictures with text are already enlarged; shrunk pixel by pixel, the text would be unreadable */
[class*="st-key-labelled"] [data-testid="stImage"] img { image-rendering: auto; }
/* on a phone those with small text keep a readable size; a finger moves them sideways */
@media (max-width: 640px) {
  :is(.st-key-labelled-traversal, .st-key-labelled-side-by-side, .st-key-labelled-sigma,
    .st-key-labelled-findings, [class*="st-key-labelled-step"])
  { overflow-x: auto; & [data-testid="stImage"] img
    { width: max-content !important; min-width: 100%; max-width: none !important; zoom: 0.65; } }
}
/* a script takes no space */
[data-testid="stElementContainer"]:has(> [data-testid="stHtml"] > script) { display: none; }
[data-testid="stMainBlockContainer"] { padding-top: 4.5rem; max-width: 1280px; }
h1 { font-size: 2.1rem !important; padding: 0.25rem 0 0.5rem !important; }
[data-testid="stHeading"] h2 { font-size: 1.7rem; }
[data-testid="stMarkdown"] h3 { font-size: 1.35rem; }
/* Streamlit's captions are too pale to be read (WCAG AA asks for a contrast of 4.5) */
[data-testid="stCaptionContainer"] { color: inherit !important; opacity: 0.8; }
[class*="st-key-measured-"] summary { opacity: 0.8; }
/* so is the text of charts, which plotly colours; a coloured dot before a name keeps its colour */
.js-plotly-plot .main-svg > g:not(.hoverlayer) text { fill: currentColor !important; }
/* the dark theme's primary colour is light, and Streamlit writes on it in white */
[data-testid="stMultiSelect"] [data-tag], [data-testid="stMultiSelect"] [data-tag] *,
[data-testid="stBaseButton-primary"]:not(:disabled) {
  color: light-dark(#ffffff, #14171c) !important;
}
/* new data make a new chart, which is empty until it is drawn: until then the former one, which
   Streamlit hides, stands in its place */
[data-testid="stVerticalBlock"]:has(> * [data-testid="stPlotlyChart"]) { position: relative; }
[data-testid="stElementContainer"]:has([data-testid="stPlotlyChart"]):not(:has(.main-svg)):has(
  + [data-stale="true"] .main-svg) { position: absolute; width: 100%; visibility: hidden; }
[data-testid="stElementContainer"]:has([data-testid="stPlotlyChart"]):not(:has(.main-svg))
  + [data-stale="true"]:has(.main-svg) { display: block !important; }
/* "How measured" and the download stand on one line, also while it is open */
[class*="st-key-said-"] [data-testid="stHorizontalBlock"] { align-items: first baseline; }
/* Streamlit marks the focus of links, switches and toolbars by a tint that few can see */
:is(a, button, summary):focus-visible,
label:has(input:is([type="checkbox"], [type="radio"]):focus-visible)
  { outline: 2px solid light-dark(#0072b2, #56b4e9) !important; outline-offset: 2px !important; }
/* a toolbar that shows itself to a mouse shows itself to the keyboard, too */
[data-testid="stElementToolbar"]:focus-within { opacity: 1; }
/* a formula that is wider than its line scrolls, which the keyboard cannot do: it fits a phone */
.katex-display { padding: 0.4em 4px; font-size: 0.9em; }
/* where all names of pages fit beside each other only without icons: a projector */
@media (max-width: 1480px) {
  [data-testid="stTopNavLink"] > span:has([data-testid="stIconMaterial"]) { display: none; }
}
@media print {
  /* paper cannot be unfolded */
  [class*="st-key-measured-"] details::details-content { content-visibility: visible; }
  [class*="st-key-measured-"] [data-testid="stExpanderDetails"] { height: auto !important; }
}
</style>
"""


def without_paths(text: str) -> str:
    """A text for visitors of a read-only dashboard, without the server's paths: a file in one of
    its folders is named by its relative path, one elsewhere by its name."""
    if not read_only():
        return text
    places = {str(root): root.name for root in (*checkpoint_roots(), data_root(), cache_root())}
    places |= {str(Path(place).resolve()): name for place, name in places.items()}
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(place, places[place])
    return _ELSEWHERE.sub("", text)


_ELSEWHERE = re.compile(r"(?<![\w/:.-])/(?:[^\s/\"']+/)+")  # the folders of an absolute path
EXPECTED = (InputError, OSError)  # the errors that `tell` tells
_app_ran: list[bool] = []  # not empty after app.py has run in this process


def plain(text: str) -> str:
    """Foreign text, such as a folder's name, escaped for markdown; "β = 4" stays on one line."""
    return re.sub(r"([\\`*_\[\]()!<>$~|#])", r"\\\1", unbroken(text))


def spoken(markdown: str) -> str:
    """Markdown without its marks, as the name of a picture for screen readers."""
    words = re.sub(r":[a-z]+\[|(?<!\\)[*\]]", " ", markdown)
    return " ".join(re.sub(r"\\([^\w\s]|_)", r"\1", words).split())


def apply_style() -> None:
    """Called only by app.py, around every page."""
    if not _app_ran:
        _app_ran.append(True)
    close_uploads()
    st.html(CSS)


@contextmanager
def plain_errors() -> Iterator[None]:
    """What surrounds the contents of every page: the switch for large text, and bad input as its
    one sentence instead of a traceback, which ends the page there.

    If a server's very first visitor follows a link to a page, Streamlit runs that page alone
    (because there is a folder named pages), and app.py only from the next time on: so run again.
    """
    if not _app_ran:
        _app_ran.append(True)
        close_uploads()
        PagesManager.uses_pages_directory = False  # set by st.navigation in app.py
        st.rerun()
    large_text()
    try:
        yield
    except EXPECTED as error:
        tell(error)
        end_page()


def tell(error: InputError | OSError) -> None:
    """One sentence in the place of what failed."""
    if isinstance(error, InputError):
        says = plain(without_paths(str(error)))
    else:  # such as a full disk; its own message has the path
        traceback.print_exception(error)
        says = f"Reading or writing a file failed: {plain(error.strerror or type(error).__name__)}."
    st.error(says, icon=":material/error:")
