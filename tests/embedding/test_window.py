"""What an embedding's panel shows: its window, whole ellipses, the prior's mean, and the scale."""

import numpy as np
import pytest

from betavae_core.embedding.window import (
    EDGE,
    LONGEST,
    Window,
    ellipse_opacity,
    scale_bar,
    window_of,
)

RNG = np.random.default_rng(0)


def test_all_points_lie_inside_and_the_longer_side_fills_the_panel() -> None:
    points = RNG.normal(size=(50, 2)) * [3, 1] + [7, -2]
    places = window_of([points])(points)
    assert places.min() == pytest.approx(EDGE)
    assert places.max() == pytest.approx(1 - EDGE)
    assert np.ptp(places[:, 1]) < 1 - 2 * EDGE
    assert places[:, 0] == pytest.approx(EDGE + (points[:, 0] - points[:, 0].min()) * 0.9
                                         / np.ptp(points[:, 0]))  # fmt: skip
    upper, lower = window_of([points])(np.array([[7.0, 1.0], [7.0, -1.0]]))
    assert upper[1] < lower[1]  # y grows downwards


def test_one_window_for_all_holds_the_points_of_all() -> None:
    small, large = RNG.normal(size=(9, 2)), 10 * RNG.normal(size=(9, 2)) + 5
    window = window_of([small, large])
    for points in (small, large):
        places = window(points)
        assert places.min() >= EDGE - 1e-9
        assert places.max() <= 1 - EDGE + 1e-9
    assert window.size >= window_of([large]).size


def test_ellipses_are_shown_whole() -> None:
    """Against their outlines, point by point."""
    centres = RNG.normal(size=(20, 2)) * 0.01
    widths = np.stack(
        [RNG.uniform(0.5, 1, 20), RNG.uniform(0, 0.5, 20), RNG.uniform(0, 180, 20)], 1
    )
    turn = np.linspace(0, 2 * np.pi, 721)
    angle = np.radians(widths[:, 2:])
    along, beside = widths[:, :1] * np.cos(turn), widths[:, 1:2] * np.sin(turn)
    outline = centres[:, None] + np.stack(
        [along * np.cos(angle) - beside * np.sin(angle),
         along * np.sin(angle) + beside * np.cos(angle)], 2
    )  # fmt: skip
    window = window_of([centres], [widths])
    places = window(outline.reshape(-1, 2))
    assert places.min() == pytest.approx(EDGE, abs=1e-3)
    assert places.max() == pytest.approx(1 - EDGE, abs=1e-3)
    assert window_of([centres], [None]) == window_of([centres])


def test_the_origin_is_shown_where_it_is_near() -> None:
    square = np.array([[0.2, -0.5], [1.2, 0.5]])
    assert not window_of([square]).holds_origin
    near = window_of([square], origin=True)
    assert near.holds_origin
    assert near.size == pytest.approx(1.2)
    far = window_of([square + [5, 0]], origin=True)
    assert not far.holds_origin
    assert far.size == pytest.approx(1)


@pytest.mark.parametrize("size", [1e-6, 0.0028, 0.1, 1.0, 7.3, 4e4])
def test_a_bar_has_an_easy_length_that_fits(size: float) -> None:
    window = Window(3.0, 3.0, size)
    bar = scale_bar(window)
    assert bar is not None
    assert LONGEST / 2.5 <= bar.share <= LONGEST + 1e-9
    assert f"{bar.length:.6e}"[0] in "125"
    assert float(f"{bar.length:.0e}") == pytest.approx(bar.length)
    number, unit = bar.text.split()
    assert unit == "σ"
    assert float(number) == pytest.approx(bar.length)
    assert "e" not in number
    ends = window(np.array([[3.0, 3.0], [3.0 + bar.length, 3.0]]))
    assert ends[1, 0] - ends[0, 0] == pytest.approx(bar.share)


def test_a_single_point_has_no_scale() -> None:
    window = window_of([np.full((3, 2), 0.7)])
    assert scale_bar(window) is None
    assert window(np.full((1, 2), 0.7)) == pytest.approx(0.5)


@pytest.mark.parametrize("size", [1e-6, 0.0028, 1.0, 300.0])
def test_rounded_points_stay_where_they_are(size: float) -> None:
    points = 0.3 + RNG.uniform(size=(94, 2)) * size
    window = window_of([points])
    rounded = np.round(points, window.decimals)
    assert len(np.unique(rounded, axis=0)) == 94
    assert window(rounded) == pytest.approx(window(points), abs=1e-4)


def test_many_ellipses_in_one_place_do_not_hide_what_is_under_them() -> None:
    apart = np.tile([0.01, 0.01, 0.0], (20, 1))
    assert ellipse_opacity(RNG.uniform(size=(20, 2)), apart) == 0.07
    for size in (0.5, 1e-4):
        together = np.tile([size, size, 0.0], (100, 1))
        hidden = 1 - (1 - ellipse_opacity(np.zeros((100, 2)), together)) ** 100
        assert 0.4 < hidden < 0.75
