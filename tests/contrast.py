"""The contrast of two colours as WCAG defines it, from 1 (none) to 21 (black on white)."""

from collections.abc import Sequence


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """Of two colours (red, green, blue), each 0 to 255."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Sequence[float]) -> float:
    linear = [
        c / 12.92 if (c := v / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for v in colour
    ]
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
