"""Drawings of the story as text."""

from xml.etree import ElementTree

import numpy as np
import pytest

from betavae_core.story.drawing import LETTER, matrix

SVG = "{http://www.w3.org/2000/svg}"
COLUMNS = [f"z{n}" for n in range(8)]


@pytest.mark.parametrize(
    ("rows", "turned"), [(["shape", "scale"], False), (["background color", "shape"], True)]
)
def test_names_of_columns_do_not_touch(rows: list[str], turned: bool) -> None:
    """Where long names of rows leave narrow cells, they are turned."""
    drawing = ElementTree.fromstring(matrix(np.zeros((2, 8)), rows, COLUMNS))
    names = [text for text in drawing.iter(f"{SVG}text") if text.text in COLUMNS]
    apart = float(names[1].attrib["x"]) - float(names[0].attrib["x"])
    assert all(("rotate(-90" in name.attrib.get("transform", "")) == turned for name in names)
    assert apart >= (0.8 * LETTER if turned else 0.56 * LETTER * 2)
    first = min(float(cell.attrib["y"]) for cell in drawing.iter(f"{SVG}rect"))
    height = 0.56 * LETTER * 2 if turned else LETTER
    assert all(float(name.attrib["y"]) + height / 2 <= first for name in names)
