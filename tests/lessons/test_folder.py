"""The lessons that are there: those of the lab, and one's own."""

from pathlib import Path

import pytest

from betavae_core.lessons import BrokenLesson, Lesson, lesson_files, list_lessons
from betavae_core.lessons.folder import VARIABLE
from tests.lessons.made import LESSON


def test_own_lessons_are_added_and_replace_those_of_the_same_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = [each for each in list_lessons() if isinstance(each, Lesson)]
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    (tmp_path / "mine.md").write_text(LESSON.replace("minutes = 5", "minutes = 5\norder = 2.5"))
    (tmp_path / f"{ours[0].key}.md").write_text(LESSON)
    (tmp_path / "broken.md").write_text("nothing")
    (tmp_path / "notes.txt").write_text("no lesson")
    found = list_lessons()
    assert [each.key for each in found if isinstance(each, Lesson)] == [
        ours[1].key, "mine", *(each.key for each in ours[2:]), ours[0].key
    ]  # fmt: skip
    assert found[-2].title == "A small lesson"  # type: ignore[union-attr]
    assert isinstance(found[-1], BrokenLesson)
    assert "broken.md" in found[-1].reason
    assert len(lesson_files()) == len(ours) + 2


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    for title in ("One", "Another"):
        path.write_text(LESSON.replace("A small lesson", title))
        (lesson,) = list_lessons([path])
        assert isinstance(lesson, Lesson)
        assert lesson.title == title


def test_a_missing_folder_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/nowhere")
    assert all(isinstance(each, Lesson) for each in list_lessons())
