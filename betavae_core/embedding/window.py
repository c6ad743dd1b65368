"""The part of the plane that a panel of an embedding shows, and its scale bar. Positions in a panel
are fractions of its side, from the upper left corner, y downwards."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

EDGE = 0.05  # margin around the drawing, of the panel's side
NEAR = 1.25  # the origin is shown if that enlarges the window at most this many times
LONGEST = 0.4  # of a scale bar, of the panel's side


@dataclass(frozen=True)
class Window:
    """A square of the plane; its edges are `EDGE` inside the panel's."""

    left: float
    bottom: float
    size: float

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 2) to positions (N, 2) in the panel, in [0, 1] if visible."""
        across, up = ((np.asarray(points) - [self.left, self.bottom]) / self.size).T
        inner = 1 - 2 * EDGE
        return np.stack([EDGE + inner * across, 1 - EDGE - inner * up], 1)

    @property
    def unit(self) -> float:
        """The length 1 of the plane in the panel."""
        return (1 - 2 * EDGE) / self.size

    @property
    def decimals(self) -> int:
        """The number of decimals for coordinates: rounds by at most a ten-thousandth of the
        window."""
        return 4 - int(np.floor(np.log10(self.size)))

    @property
    def holds_origin(self) -> bool:
        place = self(np.zeros((1, 2)))
        return bool((place > 0).all() and (place < 1).all())


def window_of(
    points: Sequence[np.ndarray],
    ellipses: Sequence[np.ndarray | None] = (),
    *,
    origin: bool = False,
) -> Window:
    """The smallest square around the points (n, 2) of one or more panels and the whole ellipses
    around them (n, 3: half axes, angle in degrees; None: no ellipses); and around the origin if it
    has a meaning and is near."""
    lows, highs = [], []
    for number, each in enumerate(points):
        reach = _reach(ellipses[number] if number < len(ellipses) else None)
        lows.append((each - reach).min(0))
        highs.append((each + reach).max(0))
    low, high = np.min(lows, 0), np.max(highs, 0)
    size = float((high - low).max())
    if origin:
        wide_low, wide_high = np.minimum(low, 0), np.maximum(high, 0)
        wide = float((wide_high - wide_low).max())
        if wide <= NEAR * size:
            low, high, size = wide_low, wide_high, wide
    size = max(size, 1e-9)
    left, bottom = (low + high - size) / 2
    return Window(float(left), float(bottom), size)


def _reach(ellipses: np.ndarray | None) -> np.ndarray:
    """The extent of ellipses (n, 3) from their centres, across and up, (n, 2)."""
    if ellipses is None:
        return np.zeros((1, 2))
    long, short, angle = ellipses[:, 0], ellipses[:, 1], np.radians(ellipses[:, 2])
    across = np.hypot(long * np.cos(angle), short * np.sin(angle))
    return np.stack([across, np.hypot(long * np.sin(angle), short * np.cos(angle))], 1)


def ellipse_opacity(points: np.ndarray, ellipses: np.ndarray) -> float:
    """The opacity of ellipses (n, 3) around points (n, 2) that keeps everything under them visible:
    if they cover their surroundings k times over, all of them together hide about half."""
    reach = _reach(ellipses)
    across, up = (points + reach).max(0) - (points - reach).min(0)
    covered = float((np.pi * ellipses[:, 0] * ellipses[:, 1]).sum()) / max(across * up, 1e-18)
    return min(0.07, 0.7 / max(covered, 1e-9))


@dataclass(frozen=True)
class Bar:
    """A scale bar of a round length."""

    length: float  # in the plane
    share: float  # of the panel's side
    text: str


def scale_bar(window: Window) -> Bar | None:
    """The longest of 1, 2 and 5 times a power of ten that takes at most `LONGEST` of the panel;
    None for a panel with a single point."""
    most = LONGEST / window.unit
    if most < 1e-8:
        return None
    power = 10.0 ** np.floor(np.log10(most))
    length = next(step * power for step in (5, 2, 1) if step * power <= most * (1 + 1e-9))
    text = np.format_float_positional(length, precision=3, fractional=False, trim="-")
    return Bar(float(length), float(length * window.unit), f"{text} σ")
