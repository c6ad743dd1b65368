"""A number that is asked for stands in its place, without a bar."""

import pytest

from betavae_core.errors import InputError
from betavae_core.lessons import Facts, View
from betavae_core.lessons.bars import shown_numbers
from betavae_core.lessons.header import Header
from betavae_core.lessons.units import PERCENT, number
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
