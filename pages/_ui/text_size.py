"""The switch for large text, for a projector or the back row: part of the address of every page."""

import streamlit as st

from pages._ui.address import visit
from pages._ui.linked import flag

KEY = "large"
LARGE = 1.25  # times the usual size

CSS = """
<style>
/* in the page's header, which has nothing at its right end */
[data-testid="stLayoutWrapper"]:has(> .st-key-large-text) {
  position: fixed; z-index: 999991; top: 1.125rem; right: 1.25rem; width: auto;
}
[data-testid="stHeader"]:has([data-testid="stTopNavLink"]) { padding-right: 9rem; }
</style>
"""


def large_text() -> None:
    """Draw the switch, and set the size of the page's text; called around every page."""
    with st.container(key="large-text"):
        on = flag(st.toggle, "Large text", key=KEY)
    if not on:  # what is usual on every machine need not be in the links of files
        visit().noted.pop(KEY, None)
    size = LARGE * st.get_option("theme.baseFontSize")
    st.html(CSS + f"<style>html:root {{ font-size: {size:g}px; }}</style>" * on)


def text_scale() -> float:
    """How many times the usual size the text of pictures and charts has."""
    return LARGE if st.session_state.get(KEY) else 1.0


def letters(pixels: int) -> int:
    """A height of letters in pixels, or a width that is meant for text, at the chosen size."""
    return round(pixels * text_scale())
