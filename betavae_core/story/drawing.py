"""The drawings of the story, as square SVG pictures whose text is as large as its units say."""

import base64
from collections.abc import Sequence
from xml.sax.saxutils import escape

import numpy as np
import torch

from ..embedding.panel import TEXT, TONES, Drawn, Place, panel_svg
from ..embedding.window import window_of
from ..pictures.colours import ACCENT
from ..pictures.files import png
from ..pictures.grids import grid

SIDE = 264  # of a picture, in pixels
LETTER = 15  # height of its text, in pixels
FAINT = 0.04  # opacity of a cell for 0, so that the cell is visible


def image_rows(images: torch.Tensor, labels: Sequence[str], letter: float = LETTER) -> str:
    """Images (R, S, C, H, W) as rows, each with a label to its left; a row is as high as it can
    be."""
    rows, columns = images.shape[:2]
    left = _margin(labels, letter)
    cell = min((SIDE - left) / columns, SIDE / rows)
    pixels = base64.b64encode(png(grid(images, gap=2))).decode()
    texts = [_text(left - 8, (row + 0.5) * cell, label, "end") for row, label in enumerate(labels)]
    picture = (
        f'<image x="{left:.1f}" width="{cell * columns:.1f}" height="{cell * rows:.1f}" '
        'preserveAspectRatio="none" image-rendering="pixelated" '
        f'href="data:image/png;base64,{pixels}"/>'
    )
    return _svg("".join([*texts, picture]), cell * rows, letter)


def paths(lines: Sequence[Drawn], letter: float = LETTER) -> str:
    """The paths of factors in a plane, with their names; a cross marks the prior's mean."""
    place = Place(window_of([line.points for line in lines], origin=True), SIDE)
    return _svg(panel_svg(lines, place, letter=letter, prior=True), SIDE, letter)


def matrix(
    values: np.ndarray, rows: Sequence[str], columns: Sequence[str], letter: float = LETTER
) -> str:
    """Values (R, C) in [0, 1] as cells, the darker the larger, with the names of rows and
    columns; those of columns are turned by 90° where they are wider than a cell."""
    left = _margin(rows, letter)
    wide = (SIDE - left) / len(columns)
    turned = _margin(columns, letter) - 8 > wide
    top = _margin(columns, letter) if turned else 1.6 * letter
    high = (SIDE - top) / len(rows)
    parts = [
        _text(left + (n + 0.5) * wide, top / 2, name, "middle", turned=turned)
        for n, name in enumerate(columns)
    ]
    for k, name in enumerate(rows):
        y = top + k * high
        parts.append(_text(left - 8, y + high / 2, name, "end"))
        parts += [
            f'<rect x="{left + n * wide + 1:.1f}" y="{y + 1:.1f}" width="{wide - 2:.1f}" '
            f'height="{high - 2:.1f}" rx="2" fill="{ACCENT}" '
            f'fill-opacity="{FAINT + (1 - FAINT) * value:.3f}"/>'
            for n, value in enumerate(np.clip(values[k], 0, 1))
        ]
    return _svg("".join(parts), SIDE, letter)


def _margin(labels: Sequence[str], letter: float) -> float:
    """The width of the longest label, by the average width of a sans-serif letter."""
    return 0.56 * letter * max(map(len, labels)) + 10


def _text(x: float, y: float, words: str, anchor: str, *, turned: bool = False) -> str:
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" dy="0.35em" text-anchor="{anchor}"{turn}>'
        f"{escape(words)}</text>"
    )


def _svg(drawing: str, height: float, letter: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{height:.0f}" '
        f'viewBox="0 0 {SIDE} {height:.1f}" font-family="sans-serif" font-size="{letter:g}" '
        f'class="drawn" color="#434a52" fill="{TEXT}">{TONES}{drawing}</svg>'
    )
