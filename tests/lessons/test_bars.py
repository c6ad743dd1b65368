"""A number that is asked for stands in its place, without a bar."""

import pytest

from betavae_core.errors import InputError
from betavae_core.lessons import Facts, View
from betavae_core.lessons.bars import right_end, shown_numbers
from betavae_core.lessons.header import Header
from betavae_core.lessons.units import COUNT, PERCENT, Number, number
from betavae_core.lessons.views import Named, read_view

FACTS = Facts({"one": number(0.5, PERCENT)}, {})


def read(show: list[str]) -> View:
    header = {"name": "numbers", "show": show, "labels": [f"label of {name}" for name in show]}
    return read_view(Header(header, "here"), Named((), ("one",)))


def test_the_asked_one_has_no_value_and_the_others_unit() -> None:
    asked, known = shown_numbers(read(["?", "one"]), FACTS)
    assert (asked.value, asked.text, asked.unit) == (None, "?", PERCENT)
    assert known is FACTS.numbers["one"]


def test_one_number_at_least_is_known() -> None:
    with pytest.raises(InputError, match='"show" needs a number besides'):
        read(["?", "?"])


def test_the_axis_ends_at_100_percent_or_beyond_the_longest_bar() -> None:
    asked = Number(None, "?", PERCENT)
    assert right_end([number(0.5, PERCENT), asked]) == 100
    points = [number(0.1, PERCENT, difference=True), number(0.04, PERCENT, difference=True), asked]
    assert right_end(points) == pytest.approx(11)
    assert right_end([number(20, COUNT), number(5, COUNT)]) == pytest.approx(22)
    assert right_end([number(0, COUNT)]) == 1
