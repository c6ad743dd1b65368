"""A number over β as SVG: a dot for every run, the median of its seeds, lines of baselines."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from ...beta import beta_number
from ...pictures.colours import ACCENT, beta_colour

WIDTH, HEIGHT = 540, 300
LEFT, RIGHT, TOP, FOOT = 52, 190, 14, 44  # around the axes; the baselines are named to the right
TICKS = 5
LETTER = 15


@dataclass(frozen=True)
class Dot:
    """A run's value at its β."""

    beta: float
    value: float
    run: str


def over_beta(dots: Sequence[Dot], lines: Mapping[str, float], title: str) -> str:
    """The chart, which takes the colour of its text from the page; lines: name → value. Its values
    stand in the titles of the dots, which browsers show where one points."""
    betas = sorted({dot.beta for dot in dots})
    values = [dot.value for dot in dots] + list(lines.values())
    low, high = _reach(min(values), max(values))

    def y(value: float) -> float:
        return HEIGHT - FOOT - (value - low) / (high - low) * (HEIGHT - FOOT - TOP)

    inner = WIDTH - LEFT - RIGHT
    middle = {beta: LEFT + inner * (n + 0.5) / len(betas) for n, beta in enumerate(betas)}
    parts = [_axis(value, y(value)) for value in _round_numbers(low, high)]
    parts += [_text(middle[beta], HEIGHT - FOOT + 20, beta_number(beta)) for beta in betas]
    parts.append(_text(LEFT + inner / 2, HEIGHT - 6, "β"))
    parts += _named(lines, y)
    for beta in betas:
        here = sorted((dot for dot in dots if dot.beta == beta), key=lambda dot: dot.run)
        if len(here) > 1:
            centre = y(float(np.median([dot.value for dot in here])))
            parts.append(
                f'<line x1="{middle[beta] - 22:.1f}" x2="{middle[beta] + 22:.1f}" '
                f'y1="{centre:.1f}" y2="{centre:.1f}" stroke="{ACCENT}" stroke-width="4"/>'
            )
        spread = np.linspace(-12, 12, len(here)) if len(here) > 1 else [0.0]
        parts += [
            _dot(dot, middle[beta] + x, y(dot.value)) for dot, x in zip(here, spread, strict=True)
        ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)} over β" '
        f'font-size="{LETTER}" fill="currentColor">{"".join(parts)}</svg>'
    )


def _reach(low: float, high: float) -> tuple[float, float]:
    """The ends of the axis: from 0 if that leaves the differences visible."""
    if low >= 0 and low < 0.5 * high:
        return 0.0, 1.05 * high
    margin = 0.12 * (high - low) or 0.1 * abs(high) or 1.0
    return low - margin, high + margin


def _round_numbers(low: float, high: float) -> list[float]:
    rough = (high - low) / TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(n * power for n in (1, 2, 5, 10) if n * power >= rough * (1 - 1e-9))
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _axis(value: float, y: float) -> str:
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
        f'stroke="currentColor" stroke-opacity="0.15"/>'
        + _text(LEFT - 8, y + 5, f"{value:.6g}", "end")
    )


def _dot(dot: Dot, x: float, y: float) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{beta_colour(dot.beta)}" '
        f'stroke="currentColor" stroke-width="1"><title>{escape(dot.run)}: {dot.value:.4g}</title>'
        "</circle>"
    )


def _named(lines: Mapping[str, float], y: Callable[[float], float]) -> list[str]:
    """Dashed lines, with their names to the right, one below the other where lines are close."""
    parts, last = [], -math.inf
    for name, value in sorted(lines.items(), key=lambda line: -line[1]):
        at = y(value)
        last = max(at, last + LETTER + 2)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" '
            'stroke="currentColor" stroke-opacity="0.6" stroke-dasharray="6 4"/>'
            + _text(WIDTH - RIGHT + 6, last + 5, f"{name} {value:.2f}", "start")
        )
    return parts


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
