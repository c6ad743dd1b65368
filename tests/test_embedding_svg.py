"""Embeddings as SVG: every point, every name, one scale where asked."""

import io
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from betavae_core.embedding_svg import Drawn, embedding_svg


def parsed(panels: dict[str, list[Drawn]], **options: Any) -> ElementTree.Element:
    return ElementTree.parse(io.StringIO(embedding_svg(panels, **options))).getroot()


def nodes(root: ElementTree.Element, tag: str) -> list[ElementTree.Element]:
    return [node for node in root if node.tag.endswith(tag)]


def test_names_are_written_as_they_are() -> None:
    root = parsed({"a < b": [Drawn("R&D <x>", "#123456", np.zeros((2, 2)))]})
    assert [node.text for node in nodes(root, "text")] == ["a < b", "R&D <x>"]


def test_a_picture_says_what_it_is_of() -> None:
    lines = {"x": [Drawn("g", "red", np.zeros((1, 2)))]}
    (node,) = nodes(parsed(lines, about="β < 4 & more"), "desc")
    assert node.text == "β < 4 & more"
    assert nodes(parsed(lines), "desc") == []


@pytest.mark.parametrize("points", [np.zeros((1, 2)), np.array([[0.0, 0.0], [1.0, 0.0]])])
def test_one_point_and_a_line(points: np.ndarray) -> None:
    (line,) = nodes(parsed({"x": [Drawn("x", "red", points)]}), "polyline")
    assert len(line.get("points", "").split()) == len(points)


def test_points_that_are_not_joined_have_no_line() -> None:
    root = parsed({"x": [Drawn("x", "red", np.eye(2), joined=False)]})
    assert nodes(root, "polyline") == []
    assert len(nodes(root, "circle")) == 2 + 1  # and the legend's


@pytest.mark.parametrize(("shared", "ratio"), [(False, 1.0), (True, 0.5)])
def test_panels_have_a_scale_each_or_one_for_all(shared: bool, ratio: float) -> None:
    square = np.array([[0.0, 0.0], [1.0, 1.0]])
    panels = {"small": [Drawn("g", "red", square)], "large": [Drawn("g", "red", 2 * square)]}
    lines = nodes(parsed(panels, shared=shared), "polyline")
    widths = []
    for line in lines:
        x = [float(pair.split(",")[0]) for pair in line.get("points", "").split()]
        widths.append(max(x) - min(x))
    assert widths[0] / widths[1] == pytest.approx(ratio, rel=1e-3)


def test_up_is_up() -> None:
    (line,) = nodes(
        parsed({"x": [Drawn("g", "red", np.array([[0.0, 0.0], [0.0, 1.0]]))]}), "polyline"
    )
    first, last = (float(pair.split(",")[1]) for pair in line.get("points", "").split())
    assert last < first  # y grows downwards in SVG
