"""Embeddings as an SVG picture that needs no browser: a panel each, one colour per group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from .labels import DOT, place_names
from .window import Bar, Window, ellipse_opacity, scale_bar, window_of

# pixels: between panels, above and below a panel, beside them all, and of a name's letters
GAP, HEADING, FOOT, LEGEND, LETTER = 24, 44, 72, 190, 20
TEXT = "#808890"  # legible on white and on near-black


@dataclass(frozen=True)
class Drawn:
    """Points of one group, in order."""

    group: str
    colour: str
    points: np.ndarray  # (n, 2)
    joined: bool = True
    ellipses: np.ndarray | None = None  # (n, 3): half axes and angle in degrees, around the points


def embedding_svg(
    panels: Mapping[str, Sequence[Drawn]],
    *,
    side: int = 456,
    shared: bool = False,
    prior: bool = True,
    notes: Mapping[str, str] | None = None,
    below: Mapping[str, str] | None = None,
    about: str = "",
) -> str:
    """Panels by their titles, side by side; joined points are linked in order, begin with a larger
    one and are named. The groups' names and colours are on the right, too.

    side: of a panel, in pixels; shared: all panels show the same part of the plane; prior: (0, 0)
    is the prior's mean and lengths are in its standard deviations, which a cross and a bar show;
    notes and below: by title, what stands beside it and below its panel; about: what the picture
    says of itself, as its description.
    """
    windows = _windows(panels, shared, prior)
    width = (side + GAP) * len(panels) + LEGEND
    height = HEADING + side + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="18">'
    ]
    parts += [f"<desc>{escape(about)}</desc>"] if about else []
    for number, (title, lines) in enumerate(panels.items()):
        left, window = number * (side + GAP) + GAP / 2, windows[title]
        note = f'<tspan dx="8" font-size="16">{escape(notes[title])}</tspan>' if notes else ""
        parts.append(f'<text x="{left}" y="28" fill="{TEXT}">{escape(title)}{note}</text>')
        parts.append(_frame(left, side, window, prior))
        corner = np.array([left, HEADING])
        parts += _widths(lines, window, side, corner)
        for line in lines:
            parts += _line(line, window(line.points) * side + corner)
        parts.append(_names(lines, window, side, corner))
        bar = scale_bar(window) if prior else None
        parts.append(_foot(left, HEADING + side, side, bar, below[title] if below else ""))
    colours = {line.group: line.colour for lines in panels.values() for line in lines}
    for number, (name, colour) in enumerate(colours.items()):
        x, y = width - LEGEND + 14, HEADING + 20 + 26 * number
        parts.append(f'<circle cx="{x}" cy="{y - 6}" r="6" fill="{colour}"/>')
        parts.append(f'<text x="{x + 14}" y="{y}" fill="{TEXT}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _windows(panels: Mapping[str, Sequence[Drawn]], shared: bool, prior: bool) -> dict[str, Window]:
    def around(lines: Sequence[Drawn]) -> Window:
        return window_of([x.points for x in lines], [x.ellipses for x in lines], origin=prior)

    if shared:
        return dict.fromkeys(panels, around([line for lines in panels.values() for line in lines]))
    return {title: around(lines) for title, lines in panels.items()}


def _frame(left: float, side: int, window: Window, prior: bool) -> str:
    """The panel's edge and, where it is inside, the prior's mean."""
    edge = f'<rect x="{left}" y="{HEADING}" width="{side}" height="{side}" rx="8"/>'
    cross = ""
    if prior and window.holds_origin:
        x, y = window(np.zeros((1, 2)))[0] * side + [left, HEADING]
        cross = (
            f'<path class="prior" d="M{x:.1f} {HEADING}v{side}M{left} {y:.1f}h{side}" '
            'stroke-opacity="0.6"/>'
        )
    return f'<g fill="none" stroke="{TEXT}" stroke-opacity="0.5">{edge}{cross}</g>'


def _widths(lines: Sequence[Drawn], window: Window, side: int, corner: np.ndarray) -> list[str]:
    """The ellipses, below everything else."""
    wide = [(line, line.ellipses) for line in lines if line.ellipses is not None]
    if not wide:
        return []
    opacity = ellipse_opacity(
        np.concatenate([line.points for line, _ in wide]), np.concatenate([w for _, w in wide])
    )
    drawn = []
    for line, widths in wide:
        places = window(line.points) * side + corner
        scale = window.unit * side
        drawn += [
            f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{long * scale:.2f}" ry="{short * scale:.2f}" '
            f'transform="rotate({-angle:.1f} {x:.1f} {y:.1f})" fill="{line.colour}" '
            f'fill-opacity="{opacity:.4f}" stroke="{line.colour}" stroke-opacity="0.5"/>'
            for (x, y), (long, short, angle) in zip(places, widths, strict=True)
        ]
    return drawn


def _line(line: Drawn, places: np.ndarray) -> list[str]:
    drawn = []
    if line.joined:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        drawn.append(
            f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="2"/>'
        )
    radius = [6 if line.joined and number == 0 else 3.5 for number in range(len(places))]
    return drawn + [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" fill="{line.colour}"/>'
        for r, (x, y) in zip(radius, places, strict=True)
    ]


def _names(lines: Sequence[Drawn], window: Window, side: int, corner: np.ndarray) -> str:
    """The groups of joined points, each at an end of its path."""
    paths: dict[str, list[np.ndarray]] = {}
    for line in lines:
        if line.joined:
            paths.setdefault(line.group, []).append(window(line.points))
    colours = {line.group: line.colour for line in lines}
    drawn = []
    for name in place_names(paths) if paths else []:
        (x1, y1), (x2, y2) = name.leader * side + corner
        x, y = np.array([name.x, name.y]) * side + corner
        colour = colours[name.group]
        drawn.append(
            f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" '
            f'stroke-dasharray="6 3"/><rect x="{x:.1f}" y="{y - 4:.1f}" width="14" height="8" '
            f'rx="3" fill="{colour}"/><text x="{x + DOT * LETTER:.1f}" y="{y + 7:.1f}">'
            f"{escape(name.group)}</text>"
        )
    return f'<g class="names" font-size="{LETTER}" fill="{TEXT}">{"".join(drawn)}</g>'


def _foot(left: float, top: float, side: int, bar: Bar | None, text: str) -> str:
    """How long a bar is, and a line of text."""
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
