"""The panels of an embedding as the component `embedding_map` takes them: Python draws them as for
files, and the browser adds pointing and clicking."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from ..pictures.files import png
from ..pictures.grids import grid
from .labels import HEIGHT
from .panel import Drawn, Place, panel_svg
from .panels import Line, Morph, Panel, drawn, windows
from .window import Window, scale_bar, window_of

COLUMNS = 20  # of the sprite with all images
SIDE = 456  # of a panel's drawing, in its own units


@dataclass(frozen=True)
class Sprite:
    """Many images as one sprite, in reading order."""

    url: str
    tile: int  # side of an image, in pixels
    columns: int


def sprite_of(images: torch.Tensor) -> Sprite:
    """The sprite of images (N, C, H, W) uint8."""
    columns = -(-len(images) // -(-len(images) // COLUMNS))
    lacking = -len(images) % columns
    blank = images.new_zeros((lacking, *images.shape[1:]))
    sheet = torch.cat([images, blank]).unflatten(0, (-1, columns))
    picture = base64.b64encode(png(grid(sheet, gap=0))).decode()
    return Sprite(f"data:image/png;base64,{picture}", images.shape[-1], columns)


def map_data(
    panels: Sequence[Panel],
    groups: dict[str, str],
    lines: Sequence[Line],
    sprite: Sprite,
    labels: Sequence[str],
    *,
    shared: bool,
    morph: Morph | None = None,
    letter: float = HEIGHT,
) -> dict[str, Any]:
    """All that the component needs but the image that is chosen; `key` marks these images.

    groups: name → colour; sprite: of the N images, and labels: N texts, for pointing; shared: one
    scale for all panels; morph: positions over β, of which the only panel shows one at a time;
    letter: height of the names, as a share of a panel's side.
    """
    seen = windows(panels, shared=shared)
    if morph is not None:
        seen = [window_of(list(morph.points), origin=panels[0].origin)]
    paths = [[line.group, line.points.tolist(), line.joined] for line in lines]
    marked = json.dumps([list(labels), paths]).encode()
    data: dict[str, Any] = {
        "panels": [
            _panel_data(panel, window, drawn(panel, lines, groups), letter)
            for panel, window in zip(panels, seen, strict=True)
        ],
        "groups": [{"name": name, "colour": colour} for name, colour in groups.items()],
        "labels": list(labels),
        "sprite": sprite.url,
        "tile": sprite.tile,
        "columns": sprite.columns,
        "side": SIDE,
        "letter": letter,
        "key": hashlib.sha256(marked).hexdigest()[:12],
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
    return data


def _panel_data(
    panel: Panel, window: Window, lines: Sequence[Drawn], letter: float
) -> dict[str, Any]:
    """A panel's drawing, and the position of each image in it."""
    place = Place(window, SIDE)
    bar = scale_bar(window) if panel.origin else None
    return {
        "title": panel.title,
        "note": panel.note,
        "numbers": panel.numbers,
        "drawing": panel_svg(lines, place, letter=letter * SIDE, prior=panel.origin),
        "places": np.round(place(panel.points), 1).tolist(),
        "bar": None if bar is None else asdict(bar),
    }
