"""The guesses of a class as bars."""

import pytest

from betavae_core.plots import guessed_numbers


def test_whole_numbers_have_a_bar_each() -> None:
    figure = guessed_numbers([0.0, 1.0, 1.0, 10.0], 4.0, "4", 0.0, 10.0, 1.0)
    bars = figure.data[0]
    assert list(bars.x) == pytest.approx(range(11))
    assert list(bars.y) == [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert list(figure.layout.xaxis.range) == [-0.5, 10.5], "the outer ones are whole"
    assert [shape.x0 for shape in figure.layout.shapes] == [1.0, 4.0]  # median and answer


def test_a_fine_scale_has_twenty_bins() -> None:
    bars = guessed_numbers([3.0, 52.0, 100.0], None, "", 0.0, 100.0, 1.0).data[0]
    assert len(bars.x) == 20
    assert sum(bars.y) == 3
    assert (bars.x[0], bars.x[-1]) == pytest.approx((2.5, 97.5))
