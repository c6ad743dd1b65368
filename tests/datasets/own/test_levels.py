"""Which value is white, and numbers as grey levels."""

import numpy as np
import pytest

from betavae_core.datasets.own.levels import common_white, misfit, to_levels


@pytest.mark.parametrize(
    ("high", "whole", "white"),
    [
        ([200], True, 255),
        ([255, 3], True, 255),
        ([256, 3], True, 65_535),
        ([65_535], True, 65_535),
        ([0, 0], True, 255),
        ([0.7, 1.0], False, 1),
        ([1.009], False, 1),
        ([0.0], False, 1),
        ([16.0, 0.5], False, 255),
        ([256.0], False, 255),
        ([300.0, 0.5], False, 65_535),
    ],
)
def test_white_is_the_least_usual_one_that_nothing_exceeds(
    high: list[float], whole: bool, white: float
) -> None:
    """One for all images: the dark ones stay dark."""
    found, fits = common_white(np.zeros(len(high)), np.array(high), whole=whole)
    assert found == white
    assert fits.all()


@pytest.mark.parametrize(
    ("low", "high", "whole"),
    [
        (-1, 1, False),
        (-1, 100, True),
        (0, 65_536, True),
        (0, 70_000.0, False),
        (0, 1.5, False),
        (np.nan, np.nan, False),
        (0, np.inf, False),
        (-np.inf, 1, False),
    ],
)
def test_what_does_not_fit_takes_no_other_with_it(low: float, high: float, whole: bool) -> None:
    other = 100.0 if whole else 1.0
    white, fits = common_white(np.array([0, low]), np.array([other, high]), whole=whole)
    assert white == (255 if whole else 1)
    assert fits.tolist() == [True, False]
    said = misfit(low, high, whole=whole)
    assert ("expected" in said) == bool(np.isfinite([low, high]).all())


def test_no_image_at_all() -> None:
    for whole in (True, False):
        white, fits = common_white(np.array([]), np.array([]), whole=whole)
        assert (white, len(fits)) == (255 if whole else 1, 0)


def test_levels_are_rounded_and_overshoot_is_clipped() -> None:
    values = np.array([-0.01, 0.0, 0.5, 1.0, 1.01])
    assert to_levels(values, 1.0).tolist() == [0, 0, 128, 255, 255]
    every = np.arange(256)
    for dtype in (np.uint16, ">u2", np.int32, np.float64, np.float16):
        white, step = (1.0, 1 / 255) if np.dtype(dtype).kind == "f" else (65_535.0, 257)
        assert (to_levels((every * step).astype(dtype), white) == every).all()
    assert to_levels(np.array([True, False]), 1.0).tolist() == [255, 0]
