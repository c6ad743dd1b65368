"""Panels of embedded images: pointing at an image shows it in all panels, a click chooses it.

Python draws them as for files; the browser (``embedding_map.js``) adds pointing and clicking, and
reports only clicks to Python.
"""

from collections.abc import Sequence

import streamlit as st

from betavae_core.browser.component import EMBEDDING_MAP
from betavae_core.datasets import Dataset
from betavae_core.embedding.labels import HEIGHT
from betavae_core.embedding.live import Sprite, map_data
from betavae_core.embedding.live import sprite_of as sprite_of_images
from betavae_core.embedding.panels import Line, Morph, Panel
from pages._ui.component import shown
from pages._ui.text_size import text_scale


@st.cache_data(max_entries=40, show_spinner=False)
def sprite_of(key: str, rows: tuple[int, ...], _dataset: Dataset) -> Sprite:
    """The sprite of some images of a dataset, by its key."""
    return sprite_of_images(_dataset.images(rows))


def embedding_map(
    panels: Sequence[Panel],
    groups: dict[str, str],
    lines: Sequence[Line],
    sprite: Sprite,
    labels: Sequence[str],
    *,
    shared: bool,
    key: str,
    start: int | None = None,
    morph: Morph | None = None,
) -> int | None:
    """Draw the panels and return the image that was clicked last, `start` before any click; the
    other arguments are those of `map_data`. A click on images other than these is ignored."""
    letter = HEIGHT * text_scale()
    data = map_data(
        panels, groups, lines, sprite, labels, shared=shared, morph=morph, letter=letter
    )
    marked = data["key"]
    last = (st.session_state.get(key) or {}).get("chosen") or {}
    data["chosen"] = last.get("image") if last.get("of") == marked else start
    result = shown(EMBEDDING_MAP)(key=key, data=data, on_chosen_change=lambda: None)
    now = (result.get("chosen") if result else None) or {}
    picked = now.get("image") if now.get("of") == marked else start
    return picked if isinstance(picked, int) and 0 <= picked < len(labels) else None
