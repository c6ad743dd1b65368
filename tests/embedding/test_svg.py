"""Embeddings as SVG: every point, every name, one scale where asked."""

import io
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from betavae_core.embedding.svg import Drawn, embedding_svg


def parsed(panels: dict[str, list[Drawn]], **options: Any) -> ElementTree.Element:
    return ElementTree.parse(io.StringIO(embedding_svg(panels, **options))).getroot()


def nodes(root: ElementTree.Element, tag: str) -> list[ElementTree.Element]:
    return [node for node in root.iter() if node.tag.endswith(tag)]


def test_names_are_written_as_they_are() -> None:
    root = parsed({"a < b": [Drawn("R&D <x>", "#123456", np.zeros((2, 2)))]})
    assert [node.text for node in nodes(root, "text")] == ["a < b", *["R&D <x>"] * 2]
    assert {node.get("data-group") for node in inner(root, "g", "points")} == {"R&D <x>"}


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


def inner(root: ElementTree.Element, tag: str, kind: str = "") -> list[ElementTree.Element]:
    """At any depth, of a class."""
    found = [node for node in root.iter() if node.tag.endswith(tag)]
    return [node for node in found if node.get("class", "") == kind]


def test_the_prior_and_the_scale_are_shown_where_they_mean_something() -> None:
    lines = {"x": [Drawn("g", "red", np.array([[-1.0, 0.0], [1.0, 1.0]]))]}
    with_them, without = parsed(lines), parsed(lines, prior=False)
    assert len(inner(with_them, "path", "prior")) == len(inner(with_them, "path", "scale")) == 1
    assert inner(without, "path", "prior") == inner(without, "path", "scale") == []
    (bar,) = inner(with_them, "path", "scale")
    length = float(bar.get("d", "").split("h")[1].split("v")[0])
    (line,) = nodes(with_them, "polyline")
    x = [float(pair.split(",")[0]) for pair in line.get("points", "").split()]
    said = next(node.text for node in inner(with_them, "text") if (node.text or "").endswith(" σ"))
    assert length / (max(x) - min(x)) == pytest.approx(float(said.split()[0]) / 2, rel=1e-2)
    far = parsed({"x": [Drawn("g", "red", np.array([[8.0, 8.0], [9.0, 9.0]]))]})
    assert inner(far, "path", "prior") == []


def test_shared_panels_show_the_same_part_of_the_plane() -> None:
    square = np.array([[0.0, 0.0], [1.0, 1.0]])
    panels = {"here": [Drawn("g", "red", square)], "there": [Drawn("g", "red", square + 3)]}
    lines = nodes(parsed(panels, shared=True), "polyline")
    first, second = (
        [float(number) for number in line.get("points", "").split()[0].split(",")] for line in lines
    )
    crosses = [node.get("d", "") for node in inner(parsed(panels, shared=True), "path", "prior")]
    assert len(crosses) == 2  # at the same place of both
    assert first[1] > second[1]  # the second lies above


def test_ellipses_are_inside_and_below_the_points() -> None:
    points, widths = np.array([[0.0, 0.0], [0.1, 0.0]]), np.array([[1.0, 0.5, 90.0]] * 2)
    root = parsed({"x": [Drawn("g", "red", points, ellipses=widths)]}, side=400)
    order = [node.tag.rsplit("}")[-1] for node in root.iter()]
    assert order.index("polyline") > max(n for n, tag in enumerate(order) if tag == "ellipse")
    ellipses = nodes(root, "ellipse")
    (frame,) = (node for node in inner(root, "rect") if node.get("rx") == "8")
    top, side = float(frame.get("y", "")), float(frame.get("height", ""))
    for node in ellipses:  # upright: the long half axis is turned by 90 degrees
        assert float(node.get("cy", "")) - float(node.get("rx", "")) >= top
        assert float(node.get("cy", "")) + float(node.get("rx", "")) <= top + side
        assert "rotate(-90.0" in node.get("transform", "")


def test_what_stands_beside_a_title_and_below_a_panel() -> None:
    lines = {"β = 4": [Drawn("g", "red", np.eye(2))]}
    root = parsed(lines, notes={"β = 4": "PC 1 47%"}, below={"β = 4": "spread < 1"})
    assert [node.text for node in inner(root, "tspan")] == ["PC 1 47%"]
    assert "spread < 1" in [node.text for node in inner(root, "text")]


def test_groups_are_named_once_in_every_panel() -> None:
    lines = [Drawn("R&D", "red", np.eye(2)), Drawn("R&D", "red", np.eye(2) + 1)]
    loose = Drawn("loose", "blue", np.eye(2), joined=False)
    names = inner(parsed({"a": [*lines, loose], "b": lines}), "g", "names")
    assert [[node.text for node in inner(name, "text")] for name in names] == [["R&D"], ["R&D"]]
