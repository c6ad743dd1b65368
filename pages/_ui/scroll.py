"""A part of the page that is brought into view."""

import streamlit as st

SCRIPT = """
<script>
// press number {press}: an unchanged script would not run again
const part = document.querySelector(".st-key-{key}");
part?.scrollIntoView();
part?.querySelector("h2, h3")?.focus();
</script>
"""


def scroll_to(key: str, press: int) -> None:
    """Bring the container of this key to the top of the window, and the keyboard's focus to its
    heading; press: a number that differs from the last time."""
    st.html(SCRIPT.format(key=key, press=press), unsafe_allow_javascript=True)
