"""Texts with places for numbers: what is read is what was written, or a sentence says why not."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from betavae_core.errors import InputError
from betavae_core.lessons.header import Header
from betavae_core.lessons.units import PERCENT, SCORE, number
from betavae_core.lessons.words import Slot, check, filled, parts, read_sentences, slots
from tests.oracles import one_sentence

names = some.from_regex(r"[a-z_][a-z_0-9]{0,8}", fullmatch=True)
plain = some.text(some.characters(exclude_characters="{}$`\\", codec="utf-8"), max_size=20)
pieces = some.lists(
    some.one_of(
        plain,
        names.map(Slot),
        some.sampled_from([r"\{", r"\}", "`{code}`", r"$\frac{a}{b}$", "```\n{block}\n```", r"\$"]),
    ),
    max_size=8,
)


@given(pieces)
def test_what_is_written_is_read(written: list[str | Slot]) -> None:
    text = " ".join(map(str, written))
    found = parts(text, "file")
    assert "".join(map(str, found)) == text
    assert [part for part in found if isinstance(part, Slot)] == [
        piece for piece in written if isinstance(piece, Slot)
    ]


@given(some.text(some.sampled_from("{}$`\\ab \n"), max_size=30))
def test_any_text_is_read_whole_or_refused(text: str) -> None:
    try:
        found = parts(text, "file")
    except InputError as error:
        assert str(error).startswith("file: ")  # noqa: PT017
    else:
        assert "".join(map(str, found)) == text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a { b", "no partner"),
        ("a } b", "no partner"),
        ("so {} it is", '"{}" is not the name'),
        ("{two words}", "is not the name"),
        ("{a}}", "no partner"),
    ],
)
def test_other_braces_are_refused(text: str, named: str) -> None:
    with one_sentence("lesson.md", named):
        parts(text, "lesson.md")


def test_unknown_names_are_refused() -> None:
    assert check("{a}, $x_{b}$", ["a"], "lesson.md") == "{a}, $x_{b}$"
    with one_sentence("lesson.md", '"c"', "a, b"):
        check("{c}", ["a", "b"], "lesson.md")


def test_numbers_and_sentences_take_their_places() -> None:
    numbers = {"a": number(0.925, PERCENT), "b": number(0.85, PERCENT), "c": number(None, SCORE)}
    header = Header(
        {
            "more": {"when": "a > b", "then": "{a} beats {b}", "else": "it does not"},
            "less": {"when": "a < b", "then": "{a} is less", "else": "{b} is less"},
            "lost": {"when": "a > c", "then": "yes", "else": "no"},
        },
        "lesson.md",
    )
    sentences = read_sentences(header, list(numbers))
    said = filled(r"{more}; {less}; \{{c}\}; `{a}`; $x_{a}$", numbers, sentences)
    assert said == "92.5 % beats 85.0 %; 85.0 % is less; {not computed}; `{a}`; $x_{a}$"
    assert "not computed" in filled("{lost}", numbers, sentences)
    assert slots("{more} `{less}`", "") == ["more"]


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"when": "a", "then": "x", "else": "y"}, "must compare two numbers"),
        ({"when": "a > d", "then": "x", "else": "y"}, '"d"'),
        ({"when": "a ? b", "then": "x", "else": "y"}, "must compare two numbers"),
        ({"when": "a > b", "then": "{d}", "else": "y"}, '"d"'),
        ({"when": "a > b", "then": "x"}, '"else" is missing'),
        ({"when": "a > b", "then": "x", "else": "y", "or": "z"}, "unknown entries: or"),
    ],
)
def test_other_sentences_are_refused(row: dict[str, str], named: str) -> None:
    with one_sentence("lesson.md, [said]", named):
        read_sentences(Header({"said": row}, "lesson.md"), ["a", "b"])
