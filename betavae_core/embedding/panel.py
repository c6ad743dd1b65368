"""The contents of one panel of an embedding, as SVG: the prior's mean, ellipses, paths, points and
names. Files show it unchanged; a page colours its text and lines by their classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from .labels import DOT, HEIGHT, place_names
from .window import Window, ellipse_opacity

TEXT = "currentColor"  # of the page around, or of the file (`TONES`)
# the colour of text in a file of its own, which is drawn on white, or on black if its reader asks
TONES = (
    "<style>.drawn{color:#434a52}@media(prefers-color-scheme:dark){.drawn{color:#c8ced6}}</style>"
)


@dataclass(frozen=True)
class Drawn:
    """Points of one group, in order."""

    group: str
    colour: str
    points: np.ndarray  # (n, 2)
    joined: bool = True
    ellipses: np.ndarray | None = None  # (n, 3): half axes and angle in degrees, around the points


@dataclass(frozen=True)
class Place:
    """The position of a panel in a drawing, and its window."""

    window: Window
    side: float
    left: float = 0.0
    top: float = 0.0

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Points (n, 2) of the plane to the drawing's units, (n, 2)."""
        return self.inside(self.window(points))

    def inside(self, fractions: np.ndarray) -> np.ndarray:
        """Fractions of the panel's side (n, 2) to the drawing's units, (n, 2)."""
        return np.asarray(fractions) * self.side + [self.left, self.top]


def panel_svg(lines: Sequence[Drawn], place: Place, *, letter: float, prior: bool) -> str:
    """The elements in order of drawing, the ellipses lowest; prior: a cross marks (0, 0); letter:
    the height of a name's letters."""
    parts = [_cross(place)] if prior and place.window.holds_origin else []
    parts += _widths(lines, place)
    parts += [_line(line, place(line.points)) for line in lines]
    return "".join([*parts, _names(lines, place, letter)])


def _cross(place: Place) -> str:
    """The prior's mean."""
    ((x, y),) = place(np.zeros((1, 2)))
    return (
        f'<path class="prior" d="M{x:.1f} {place.top}v{place.side}M{place.left} {y:.1f}'
        f'h{place.side}" fill="none" stroke="{TEXT}" stroke-opacity="0.6"/>'
    )


def _widths(lines: Sequence[Drawn], place: Place) -> list[str]:
    """The ellipses, a group for each line."""
    wide = [(line, line.ellipses) for line in lines if line.ellipses is not None]
    if not wide:
        return []
    opacity = ellipse_opacity(
        np.concatenate([line.points for line, _ in wide]), np.concatenate([w for _, w in wide])
    )
    scale = place.window.unit * place.side
    drawn = []
    for line, widths in wide:
        ellipses = "".join(
            f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{long * scale:.2f}" ry="{short * scale:.2f}" '
            f'transform="rotate({-angle:.1f} {x:.1f} {y:.1f})"/>'
            for (x, y), (long, short, angle) in zip(place(line.points), widths, strict=True)
        )
        drawn.append(
            f'<g class="widths" {_of(line)} fill="{line.colour}" fill-opacity="{opacity:.4f}" '
            f'stroke="{line.colour}" stroke-opacity="0.5">{ellipses}</g>'
        )
    return drawn


def _of(line: Drawn) -> str:
    """The attribute that names the group."""
    return f"data-group={quoteattr(line.group)}"


def _line(line: Drawn, places: np.ndarray) -> str:
    """A path, which begins with a larger point, or only points."""
    points = [(f"{x:.1f}", f"{y:.1f}") for x, y in places]
    path = ""
    if line.joined:
        corners = " ".join(",".join(point) for point in points)
        path = (
            f'<polyline points="{corners}" fill="none" stroke="{line.colour}" stroke-width="2" '
            'stroke-linejoin="round"/>'
        )
    first, rest = (6.4, 4) if line.joined else (3.2, 3.2)
    dots = "".join(
        f'<circle class="dot" cx="{x}" cy="{y}" r="{rest if number else first}"/>'
        for number, (x, y) in enumerate(points)
    )
    return f'<g class="points" {_of(line)} fill="{line.colour}">{path}{dots}</g>'


def _names(lines: Sequence[Drawn], place: Place, letter: float) -> str:
    """The names of the groups of joined points, each at an end of its path; other points have
    none."""
    paths: dict[str, list[np.ndarray]] = {}
    for line in lines:
        if line.joined:
            paths.setdefault(line.group, []).append(place.window(line.points))
    of = {line.group: line for line in lines}
    drawn = []
    high = max(HEIGHT, letter / place.side)
    for name in place_names(paths, high) if paths else []:
        (x1, y1), (x2, y2) = place.inside(name.leader)
        ((x, y),) = place.inside(np.array([[name.x, name.y]]))
        colour = of[name.group].colour
        wide, thick = 0.7 * letter, 0.4 * letter  # no dot: those are images
        drawn.append(
            f'<g class="name" {_of(of[name.group])}>'
            f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" '
            f'stroke-dasharray="6 3"/><rect x="{x:.1f}" y="{y - thick / 2:.1f}" '
            f'width="{wide:.1f}" height="{thick:.1f}" rx="3" fill="{colour}"/>'
            f'<text x="{x + DOT * letter:.1f}" y="{y:.1f}" dy="0.35em">{escape(name.group)}</text>'
            "</g>"
        )
    joined = "".join(drawn)
    return f'<g class="names" font-size="{letter:.1f}" fill="{TEXT}">{joined}</g>' if drawn else ""
