"""Embeddings as an SVG picture that needs no browser: a panel each, one colour per group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

EDGE, HEADING, LEGEND = 30, 44, 190  # pixels: around the points, above a panel, beside them all
TEXT = "#808890"  # legible on white and on near-black


@dataclass(frozen=True)
class Drawn:
    """Points of one group, in order."""

    group: str
    colour: str
    points: np.ndarray  # (n, 2)
    joined: bool = True


def embedding_svg(
    panels: Mapping[str, Sequence[Drawn]],
    *,
    side: int = 480,
    shared: bool = False,
    about: str = "",
) -> str:
    """Panels by their titles, side by side; joined points are linked in order and begin with a
    larger one. shared: one scale for all panels. The groups' names and colours are on the right.
    about: what the picture says of itself, as its description."""
    scales = {title: _scale(lines, side) for title, lines in panels.items()}
    if shared:
        one = min(scale for _, scale in scales.values())
        scales = {title: (centre, one) for title, (centre, _) in scales.items()}
    width = side * len(panels) + LEGEND
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {side + HEADING}" '
        'font-family="sans-serif" font-size="18">'
    ]
    parts += [f"<desc>{escape(about)}</desc>"] if about else []
    for number, (title, lines) in enumerate(panels.items()):
        centre, scale = scales[title]
        left = number * side
        parts.append(f'<text x="{left + EDGE}" y="28" fill="{TEXT}">{escape(title)}</text>')
        origin = np.array([left + side / 2, HEADING + side / 2])
        for line in lines:
            parts += _line(line, (line.points - centre) * scale * [1, -1] + origin)
    colours = {line.group: line.colour for lines in panels.values() for line in lines}
    for number, (name, colour) in enumerate(colours.items()):
        x, y = width - LEGEND + 14, HEADING + 20 + 26 * number
        parts.append(f'<circle cx="{x}" cy="{y - 6}" r="6" fill="{colour}"/>')
        parts.append(f'<text x="{x + 14}" y="{y}" fill="{TEXT}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _scale(lines: Sequence[Drawn], side: int) -> tuple[np.ndarray, float]:
    """The centre of all points, and pixels per unit."""
    points = np.concatenate([line.points for line in lines])
    extent = float(np.ptp(points, axis=0).max())
    return (points.max(0) + points.min(0)) / 2, (side - 2 * EDGE) / max(extent, 1e-9)


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
