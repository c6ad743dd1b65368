"""Components of the pages that are written in JavaScript."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from pages._ui.bundle import bundle, stylesheets


@functools.cache
def component(module: Path) -> Callable[..., Any]:
    """The component of a module `name.py`, from `name.js` and `name.css` beside it; its root
    element has the class `name`, with hyphens. It is registered on first use, so that importing the
    module does nothing."""
    return st.components.v2.component(
        module.stem,
        html=f'<div class="component {module.stem.replace("_", "-")}"></div>',
        css=stylesheets(module.with_suffix(".css")),
        js=bundle(module.with_suffix(".js")),
    )
