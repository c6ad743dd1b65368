"""Components of the core on the pages."""

import functools
from collections.abc import Callable
from typing import Any

import streamlit as st

from betavae_core.browser.component import Component


@functools.cache
def shown(component: Component) -> Callable[..., Any]:
    """The component as Streamlit shows it. It is registered on first use, so that importing a
    module does nothing."""
    return st.components.v2.component(
        component.name, html=component.root, css=component.style, js=component.script
    )
