"""Panels of embedded images: pointing at an image shows it in all panels, a click chooses it.

Python draws them as for files; the browser (``embedding_map.js``) adds pointing and clicking, and
reports only clicks to Python.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import streamlit as st
import torch

from betavae_core.browser.component import EMBEDDING_MAP
from betavae_core.datasets import Dataset
from betavae_core.embedding.labels import HEIGHT
from betavae_core.embedding.panel import Drawn, Place, panel_svg
from betavae_core.embedding.window import Window, scale_bar, window_of
from betavae_core.pictures.files import png
from betavae_core.pictures.grids import grid
from pages._ui.component import shown

COLUMNS = 20  # of the sprite with all images
SIDE = 456  # of a panel's drawing, in its own units


@dataclass(frozen=True)
class Panel:
    """One run's embedding of all images."""

    title: str
    note: str
    points: np.ndarray  # (N, 2)
    ellipses: np.ndarray | None = None  # (N, 3): half axes and angle in degrees, 1 σ
    numbers: str = ""  # measurements, below the picture
    origin: bool = True  # whether (0, 0) is the prior's mean and lengths are in its σ


@dataclass(frozen=True)
class Morph:
    """The positions of all images over β."""

    betas: list[float]  # ascending
    points: np.ndarray  # (B, N, 2)
    marks: list[float]  # below the slider: β of the separate models
    value: float  # β at first


@dataclass(frozen=True)
class Line:
    """Images that belong together, in order."""

    group: str  # name of its group
    points: np.ndarray  # (n,) positions of the images
    joined: bool = True


def drawn(panel: Panel, lines: Sequence[Line], colours: Mapping[str, str]) -> list[Drawn]:
    """The lines of images in a panel; colours: of the groups, by name."""
    points, widths = panel.points, panel.ellipses
    return [
        Drawn(
            line.group,
            colours[line.group],
            points[line.points],
            line.joined,
            None if widths is None else widths[line.points],
        )
        for line in lines
    ]


def windows(panels: Sequence[Panel], *, shared: bool) -> list[Window]:
    """The window of each panel; shared: the same for all."""
    if shared:
        points, widths = [panel.points for panel in panels], [panel.ellipses for panel in panels]
        origin = all(panel.origin for panel in panels)
        return [window_of(points, widths, origin=origin)] * len(panels)
    return [window_of([p.points], [p.ellipses], origin=p.origin) for p in panels]


def ellipses(axes: np.ndarray, log_var: np.ndarray) -> np.ndarray:
    """The 1-σ ellipses of diagonal posteriors under a linear map: axes (2, D), log_var (N, D) to
    (N, 3), the half axes, the long one first, and the angle in degrees."""
    spread = np.einsum("ad,nd,bd->nab", axes, np.exp(log_var), axes)  # (N, 2, 2) covariances
    values, vectors = np.linalg.eigh(spread)
    half = np.sqrt(values.clip(0))
    angle = np.degrees(np.arctan2(vectors[:, 1, 1], vectors[:, 0, 1]))
    return np.stack([half[:, 1], half[:, 0], angle], 1)


@dataclass(frozen=True)
class Sprite:
    """Many images as one sprite, in reading order."""

    url: str
    tile: int  # side of an image, in pixels
    columns: int


@st.cache_data(max_entries=40, show_spinner=False)
def sprite_of(key: str, rows: tuple[int, ...], _dataset: Dataset) -> Sprite:
    """The sprite of some images of a dataset, by its key."""
    images = _dataset.images(rows)
    columns = -(-len(images) // -(-len(images) // COLUMNS))
    lacking = -len(images) % columns
    blank = images.new_zeros((lacking, *images.shape[1:]))
    sheet = torch.cat([images, blank]).unflatten(0, (-1, columns))
    picture = base64.b64encode(png(grid(sheet, gap=0))).decode()
    return Sprite(f"data:image/png;base64,{picture}", images.shape[-1], columns)


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
    """Draw the panels and return the image that was clicked last, `start` before any click.

    groups: name → colour; sprite: of the N images, and labels: N texts, for pointing; shared: one
    scale for all panels; morph: positions over β, of which the only panel shows one at a time.
    """
    seen = windows(panels, shared=shared)
    if morph is not None:
        seen = [window_of(list(morph.points), origin=panels[0].origin)]
    data: dict[str, Any] = {
        "panels": [
            _for_browser(panel, window, drawn(panel, lines, groups))
            for panel, window in zip(panels, seen, strict=True)
        ],
        "groups": [{"name": name, "colour": colour} for name, colour in groups.items()],
        "labels": list(labels),
        "sprite": sprite.url,
        "tile": sprite.tile,
        "columns": sprite.columns,
        "side": SIDE,
        "letter": HEIGHT,
    }
    if morph is not None:
        place = Place(seen[0], SIDE)
        data["morph"] = {
            "betas": morph.betas,
            "marks": morph.marks,
            "value": morph.value,
            "places": [np.round(place(points), 1).tolist() for points in morph.points],
            "lines": [line.points.tolist() for line in lines],
        }
    # ignore a click on images other than these
    paths = [[line.group, line.points.tolist(), line.joined] for line in lines]
    marked = hashlib.sha256(json.dumps([data["labels"], paths]).encode()).hexdigest()[:12]
    last = (st.session_state.get(key) or {}).get("chosen") or {}
    chosen = last.get("image") if last.get("of") == marked else start
    data |= {"key": marked, "chosen": chosen}
    result = shown(EMBEDDING_MAP)(key=key, data=data, on_chosen_change=lambda: None)
    now = (result.get("chosen") if result else None) or {}
    picked = now.get("image") if now.get("of") == marked else start
    return picked if isinstance(picked, int) and 0 <= picked < len(labels) else None


def _for_browser(panel: Panel, window: Window, lines: Sequence[Drawn]) -> dict[str, Any]:
    """A panel's drawing, and the position of each image in it."""
    place = Place(window, SIDE)
    bar = scale_bar(window) if panel.origin else None
    return {
        "title": panel.title,
        "note": panel.note,
        "numbers": panel.numbers,
        "drawing": panel_svg(lines, place, letter=HEIGHT * SIDE, prior=panel.origin),
        "places": np.round(place(panel.points), 1).tolist(),
        "bar": None if bar is None else asdict(bar),
    }
