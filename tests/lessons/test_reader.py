"""The reader of lessons' files: what it takes, and what it refuses in one sentence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from betavae_core.errors import InputError
from betavae_core.lessons import OnScale, parse_lesson, read_lesson
from betavae_core.lessons.reader import LARGEST, sections
from tests.lessons.made import LESSON, STEP
from tests.oracles import one_sentence


def test_a_lesson_is_read() -> None:
    lesson = parse_lesson(LESSON, "small.md")
    assert (lesson.key, lesson.title, lesson.minutes) == ("small", "A small lesson", 5)
    assert lesson.about == "About the seeds."
    (step,) = lesson.steps
    assert step.title == "A step"
    assert step.view is not None
    assert (step.view.name, step.view.of) == ("scores", "four")
    assert isinstance(step.predict, OnScale)
    assert (step.why, step.because) == ("Why is that?", "Because.")
    assert lesson.said(step.text, lesson.facts([])) == "The best scores not computed."


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("# A small lesson", "## A small lesson", 'begin with "# Title"'),
        ("minutes = 5", "minutes = five", "not valid TOML"),
        ("minutes = 5", "", '"minutes" is missing'),
        ("minutes = 5", "minutes = 5\nlevel = 3", "unknown entries: level"),
        ("About the seeds.", "", "a sentence about the lesson"),
        ("About the seeds.", "About {best}.", '"best"'),
        ("## A step", "# A step", "line 19: a lesson has one title only"),
        ("## A step", "### A step", "must belong to a step"),
        ('name = "scores"', 'name = "score"', 'step 1 "A step", [view]: There is no name "score"'),
        ('name = "scores"', 'name = "scores"\nsize = 3', "unknown entries: size"),
        ('name = "scores"', 'name = "scores"\nwhat = "fid"', '"fid"'),
        ("The best scores {best}.", "The best scores {beast}.", '"beast"'),
        ("The best scores {best}.", "", 'no text below "A step"'),
        ("### Answer", "### Solution", '"### Solution" is not expected'),
        ("### Answer\n\n{seeds}\n", "", "both a table [predict] and"),
        ("### Why is that?", "### Answer", "is not expected"),
        ("Because.", "See [there](elsewhere).", '"elsewhere"'),
        ("Because.", "See [there](traversals?colour=red).", '"colour"'),
        ("Because.", "See [there](javascript:alert(1)).", "javascript:alert(1"),
        ("Because.", "```\nno end", "has no end"),
        ("About the seeds.", "About.\n\n```toml\na = 1\n```\n", "must follow its heading at once"),
        ("### Answer\n", "### Answer\n\n```toml\na = 1\n```\n", "can have no header"),
        ("# A small lesson", "Hello.\n# A small lesson", "line 1"),
        (LESSON[LESSON.index("## A step") :], "", "has no step"),
        ('kind = "number"', 'kind = "number"\nunit = "points"', "unknown entries: unit"),
    ],
)
def test_other_files_are_refused(old: str, new: str, named: str) -> None:
    assert LESSON.count(old) >= 1
    with one_sentence("small.md", named):
        parse_lesson(LESSON.replace(old, new, 1), "small.md")


def test_links_to_pages_and_elsewhere_are_taken() -> None:
    more = "[a](traversals?run={x}&view=every+latent), [b](https://example.org), [c](sensitivity)"
    (step,) = parse_lesson(LESSON.replace("Because.", more), "small.md").steps
    assert step.because == more


def test_headings_in_code_are_no_steps() -> None:
    more = "```python\n# a comment\n## another\n```"
    (step,) = parse_lesson(LESSON.replace("Because.", more), "small.md").steps
    assert step.because == more


def test_files_that_are_no_lessons(tmp_path: Path) -> None:
    with one_sentence("Small Lesson.md", "small letters"):
        read_lesson(tmp_path / "Small Lesson.md")
    with one_sentence("gone.md", "cannot be read"):
        read_lesson(tmp_path / "gone.md")
    (tmp_path / "bytes.md").write_bytes(b"\xff\xfe")
    with one_sentence("bytes.md", "UTF-8"):
        read_lesson(tmp_path / "bytes.md")
    (tmp_path / "large.md").write_text("a" * (LARGEST + 1))
    with one_sentence("large.md", "too much"):
        read_lesson(tmp_path / "large.md")


lines = some.sampled_from(
    [
        "# T",
        "## S",
        "### Answer",
        "### Why?",
        "text",
        "",
        "```toml",
        "```",
        "```py",
        *STEP.split("\n"),
    ]
)


@given(some.lists(lines, max_size=20))
def test_any_file_is_read_or_refused(text: list[str]) -> None:
    try:
        found = sections("\n".join(text), "any.md")
    except InputError as error:
        assert str(error).startswith("any.md")  # noqa: PT017
    else:
        assert found
    with pytest.raises(InputError, match=r"^any\.md"):  # none of them is a whole lesson
        parse_lesson("\n".join(text), "any.md")
