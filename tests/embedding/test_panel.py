"""What is inside a panel: where Python says it is, and in a form that a page may take as it is."""

from xml.etree import ElementTree

import numpy as np
import pytest

from betavae_core.embedding.panel import Drawn, Place, panel_svg
from betavae_core.embedding.window import window_of

HOSTILE = 'a"b\'<script>&amp;</g onload="x">'


def parsed(lines: list[Drawn], place: Place, prior: bool = True) -> ElementTree.Element:
    return ElementTree.fromstring(f"<svg>{panel_svg(lines, place, letter=20, prior=prior)}</svg>")


def test_points_are_where_the_place_says() -> None:
    points = np.array([[-1.0, -1.0], [0.5, 1.0], [1.0, 0.0]])
    place = Place(window_of([points]), 100, left=7, top=30)
    root = parsed([Drawn("g", "red", points)], place)
    dots = [[float(dot.get(at, "")) for at in ("cx", "cy")] for dot in root.iter("circle")]
    assert np.array(dots) == pytest.approx(place(points), abs=0.051)
    assert dots[0] == [pytest.approx(7 + 5), pytest.approx(30 + 95)]  # lower left, in the edge
    (cross,) = (node for node in root if node.get("class") == "prior")
    assert cross.get("d") == "M57.0 30v100M7 80.0h100"
    assert not any(node.get("class") == "prior" for node in parsed([], place, prior=False))


def test_a_group_can_be_called_anything() -> None:
    points = np.array([[0.0, 0.0], [1.0, 1.0]])
    lines = [Drawn(HOSTILE, "red", points, ellipses=np.full((2, 3), 0.1))]
    root = parsed(lines, Place(window_of([points]), 100))
    assert {node.tag for node in root.iter()} == {
        *("svg", "g", "path", "ellipse", "polyline", "circle", "rect", "text")
    }
    assert {node.get("data-group") for node in root.iter("g")} == {HOSTILE, None}
    assert [node.text for node in root.iter("text")] == [HOSTILE]
    assert not any(key.startswith("on") for node in root.iter() for key in node.attrib)


def test_every_part_of_a_group_says_so() -> None:
    points = np.array([[0.0, 0.0], [1.0, 1.0]])
    lines = [Drawn(name, "red", points, ellipses=np.full((2, 3), 0.1)) for name in "ab"]
    root = parsed(lines, Place(window_of([points]), 100))
    for kind in ("widths", "points", "name"):
        marked = [node.get("data-group") for node in root.iter("g") if node.get("class") == kind]
        assert marked == ["a", "b"]
