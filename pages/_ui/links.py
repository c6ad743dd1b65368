"""The link that shows a page again as it is now."""

from urllib.parse import urlencode, urlsplit

import streamlit as st


def page_link() -> str:
    """Page and choices, relative to the dashboard: "traversals?run=…&view=…"."""
    page = urlsplit(st.context.url or "").path.rsplit("/", 1)[-1]
    chosen = [(key, value) for key in st.query_params for value in st.query_params.get_all(key)]
    return f"{page}?{urlencode(chosen)}" if chosen else page
