"""The colours of factors and classes: seen on both grounds, and told apart by everyone."""

from itertools import combinations

import numpy as np
import pytest

from betavae_core.pictures.colours import CLASS_COLOURS, FACTOR_COLOURS

GROUNDS = ("#ffffff", "#14171c")  # of the light and the dark theme
PALETTES = {"factors": FACTOR_COLOURS, "classes": CLASS_COLOURS}
# linear RGB as it is seen, at full severity (Machado, Oliveira & Fernandes 2009)
EYES = {
    "typical": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
LEAST_CONTRAST = 2.5
LEAST_DISTANCE = 13.0  # in CIELAB; a just noticeable difference is about 2.3


def linear(colour: str) -> np.ndarray:
    """sRGB "#rrggbb" to linear light (3,)."""
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, two: str) -> float:
    """WCAG's ratio, from 1 to 21."""
    low, high = sorted(float(TO_XYZ[1] @ linear(each)) for each in (one, two))
    return (high + 0.05) / (low + 0.05)


def lab(light: np.ndarray) -> np.ndarray:
    """Linear light (3,) to CIELAB under D65."""
    ratio = TO_XYZ @ light / TO_XYZ.sum(1)
    root = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def test_the_yardsticks() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert lab(linear("#ffffff")) == pytest.approx([100, 0, 0], abs=1e-2)
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    for eye in EYES.values():  # greys stay grey
        assert eye.sum(1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_colour_shows_on_both_grounds(palette: str, ground: str) -> None:
    ratios = {colour: contrast(colour, ground) for colour in PALETTES[palette]}
    assert min(ratios.values()) >= LEAST_CONTRAST, ratios


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("eye", EYES)
def test_any_two_colours_are_told_apart(palette: str, eye: str) -> None:
    seen = {c: lab(np.clip(EYES[eye] @ linear(c), 0, 1)) for c in PALETTES[palette]}
    apart = {pair: np.linalg.norm(seen[pair[0]] - seen[pair[1]]) for pair in combinations(seen, 2)}
    nearest = min(apart, key=lambda pair: apart[pair])
    assert apart[nearest] >= LEAST_DISTANCE, (nearest, apart[nearest])
