"""The link that shows a page again as it is now."""

from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.query_params import _coerce_value_for_query_url as as_text

from betavae_core.links import Choices, link

SETTLED = "_settled"  # in the session: the page and what it shows without asking


def page_link() -> str:
    """Page and choices, relative to the dashboard: "traversals?run=…&view=…". Also what stands at
    its default: that depends on which runs are there, and a link is followed elsewhere, too."""
    page = urlsplit(st.context.url or "").path.rsplit("/", 1)[-1]
    linked = {key: st.query_params.get_all(key) for key in st.query_params}
    return link(page, {**linked, **_settled(), **chosen()})


def settled(choices: Choices) -> None:
    """What this page shows without asking, because there is nothing to choose from here: links name
    it all the same. Replaces what was said before."""
    st.session_state[SETTLED] = _page(), dict(choices)


def _settled() -> Choices:
    page, choices = st.session_state.get(SETTLED, (None, {}))
    return choices if page == _page() else {}


def _page() -> str:
    context = get_script_run_ctx()
    return context.page_script_hash if context else ""


def chosen() -> dict[str, list[str]]:
    """Key → value of every widget above that is bound to the link, as the link spells it.

    Streamlit leaves defaults out of the address and has no public way to spell them: this asks the
    widgets themselves, as it does when it writes an address."""
    context = get_script_run_ctx()
    if context is None:
        return {}
    state = context.session_state._state
    found = {}
    for bound in list(state.query_params._bindings_by_widget.values()):
        if bound.widget_id not in context.shared.widget_ids_this_run:  # of another page or view
            continue
        value = st.session_state.get(bound.param_key)
        if value is None:
            continue
        widget = state._new_widget_state.widget_metadata[bound.widget_id]
        text = as_text(widget.serializer(value), bound.value_type)
        found[bound.param_key] = [text] if isinstance(text, str) else text or [""]
    return found
