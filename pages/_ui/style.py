"""What every page looks like, and how every page says what is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from betavae_core.errors import InputError

CSS = """
<style>
/* sprites are enlarged pixel by pixel, on a neutral ground */
[data-testid="stImage"] img { image-rendering: pixelated; }
[data-testid="stMainBlockContainer"] { padding-top: 4.5rem; max-width: 1280px; }
h1 { font-size: 2.1rem !important; }
</style>
"""


def apply_style() -> None:
    st.html(CSS)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show bad input as its one sentence and end the page there, instead of a traceback."""
    try:
        yield
    except InputError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()
