"""Embeddings as an SVG picture, made without a browser: a panel each, one colour per group."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import numpy as np

from .panel import TEXT, TONES, Drawn, Place, panel_svg
from .window import Bar, Window, scale_bar, window_of

# pixels: between panels, above and below a panel, beside all panels, height of a name's letters
GAP, HEADING, FOOT, LEGEND, LETTER = 24, 44, 72, 190, 20


def embedding_svg(
    panels: Mapping[str, Sequence[Drawn]],
    *,
    side: int = 456,
    shared: bool = False,
    prior: bool = True,
    notes: Mapping[str, str] | None = None,
    below: Mapping[str, str] | None = None,
    held: Mapping[str, np.ndarray] | None = None,
    about: str = "",
) -> str:
    """Panels by their titles, side by side; joined points are linked in order, begin with a larger
    point and have a name. The groups' names and colours are also on the right.

    side: of a panel, in pixels; shared: all panels show the same part of the plane; prior: (0, 0)
    is the prior's mean and lengths are in its standard deviations, which a cross and a bar show;
    notes and below: by title, the text beside the title and below the panel; held: by title, more
    points (M, 2) that the panel's axes hold; about: the picture's
    metadata, stored as its description.
    """
    windows = _windows(panels, held or {}, shared, prior)
    width = (side + GAP) * len(panels) + LEGEND
    height = HEADING + side + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" class="drawn" '
        f'color="#434a52" font-family="sans-serif" font-size="18">{TONES}'
    ]
    parts += [f"<desc>{escape(about)}</desc>"] if about else []
    for number, (title, lines) in enumerate(panels.items()):
        left, window = number * (side + GAP) + GAP / 2, windows[title]
        note = f'<tspan dx="8" font-size="16">{escape(notes[title])}</tspan>' if notes else ""
        parts.append(f'<text x="{left}" y="28" fill="{TEXT}">{escape(title)}{note}</text>')
        parts.append(
            f'<rect x="{left}" y="{HEADING}" width="{side}" height="{side}" rx="8" fill="none" '
            f'stroke="{TEXT}" stroke-opacity="0.5"/>'
        )
        place = Place(window, side, left, HEADING)
        parts.append(panel_svg(lines, place, letter=LETTER, prior=prior))
        bar = scale_bar(window) if prior else None
        parts.append(_foot(left, HEADING + side, side, bar, below[title] if below else ""))
    colours = {line.group: line.colour for lines in panels.values() for line in lines}
    for number, (name, colour) in enumerate(colours.items()):
        x, y = width - LEGEND + 14, HEADING + 20 + 26 * number
        parts.append(f'<circle cx="{x}" cy="{y - 6}" r="6" fill="{colour}"/>')
        parts.append(f'<text x="{x + 14}" y="{y}" fill="{TEXT}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _windows(
    panels: Mapping[str, Sequence[Drawn]],
    held: Mapping[str, np.ndarray],
    shared: bool,
    prior: bool,
) -> dict[str, Window]:
    def around(*titles: str) -> Window:
        lines = [line for title in titles for line in panels[title]]
        more = [held[title] for title in titles if title in held]
        widths = [line.ellipses for line in lines]
        return window_of([*(line.points for line in lines), *more], widths, origin=prior)

    if shared:
        return dict.fromkeys(panels, around(*panels))
    return {title: around(title) for title in panels}


def _foot(left: float, top: float, side: int, bar: Bar | None, text: str) -> str:
    """A scale bar with its length, and a line of text."""
    drawn = ""
    if bar is not None:
        length = bar.share * side
        drawn = (
            f'<path class="scale" d="M{left} {top + 14}v8h{length:.1f}v-8" fill="none" '
            f'stroke="{TEXT}" stroke-width="2"/>'
            f'<text x="{left + length + 10:.1f}" y="{top + 26}">{bar.text}</text>'
        )
    line = f'<text x="{left}" y="{top + 54}" font-size="15">{escape(text)}</text>' if text else ""
    return f'<g class="foot" fill="{TEXT}">{drawn}{line}</g>'
