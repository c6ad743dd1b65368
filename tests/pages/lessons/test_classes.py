"""Classes: who may do what, what is kept, and what a lecturer and the students see."""

import time
from pathlib import Path

import pytest

from betavae_core.lessons import Lesson, list_lessons
from pages._ui.lessons import classes as store
from pages._ui.lessons.classes import LONGEST_GUESS, MOST_CLASSES, Classes, is_lecturer
from pages._ui.lessons.classroom import classes, join_address, qr_code
from pages._ui.mode import VARIABLE
from tests.oracles import one_sentence
from tests.pages.lessons.attending import address, button, guess, open_lesson, press, said

TRUST = "can-you-trust-one-seed"
LESSON = next(each for each in list_lessons() if isinstance(each, Lesson) and each.key == TRUST)


def test_a_guess_replaces_the_one_before_and_comes_before_the_answer() -> None:
    every = Classes()
    found = every.open(TRUST)
    assert every.find(found.code) is found
    assert every.guess(found.code, 1, "ada", "10")
    assert every.guess(found.code, 1, "ada", "12")
    assert every.guess(found.code, 1, "bob", "12")
    assert found.counted(1) == {"12": 2}
    assert not every.guess(found.code, 1, "eve", "1" * (LONGEST_GUESS + 1))
    every.move(found.code, 1, {1})
    assert not every.guess(found.code, 1, "eve", "3")
    every.clear(found.code, 1)
    assert found.counted(1) == {}
    assert every.guess(found.code, 1, "eve", "3")
    every.close(found.code)
    assert every.find(found.code) is None
    assert not every.guess(found.code, 1, "eve", "3")


def test_only_the_token_makes_a_lecturer() -> None:
    found = Classes().open(TRUST)
    assert is_lecturer(found, found.token)
    assert not any(is_lecturer(found, text) for text in (None, "", "ü", found.code))
    assert not is_lecturer(None, found.token)
    assert found.token not in join_address(found, "http://example.org")
    assert found.code in join_address(found, "http://example.org")


def test_classes_and_visitors_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    every = Classes()
    codes = [every.open(TRUST).code for _ in range(MOST_CLASSES)]
    assert len(set(codes)) == MOST_CLASSES
    with one_sentence(str(MOST_CLASSES)):
        every.open(TRUST)
    every.close(codes[0])
    assert every.open(TRUST)
    monkeypatch.setattr(store, "MOST_VISITORS", 2)
    taken = [every.guess(codes[1], 1, visitor, "1") for visitor in ("a", "b", "c", "a")]
    assert taken == [True, True, False, True]


def test_a_forgotten_class_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    every = Classes()
    old = [every.open(TRUST) for _ in range(MOST_CLASSES)]
    later = time.monotonic() + store.IDLE_SECONDS + 1
    monkeypatch.setattr(store.time, "monotonic", lambda: later)
    every.open(TRUST)
    assert every.find(old[0].code) is None


def test_a_qr_code_is_a_picture_of_the_address() -> None:
    one, other = qr_code("http://example.org/lessons?class=abcde"), qr_code("http://example.org")
    assert one.startswith(b"<svg")
    assert one != other


@pytest.mark.parametrize("read_only", [False, True])
def test_a_lecture(shipped: Path, monkeypatch: pytest.MonkeyPatch, read_only: bool) -> None:
    """A lecturer and two students, from the join link to the end of the class."""
    if read_only:
        monkeypatch.setenv(VARIABLE, "1")
    lecturer = press(open_lesson(TRUST, step="3"), "class")
    (code,), (token,) = address(lecturer, "class"), address(lecturer, "lecturer")
    assert f"/lessons?class={code}" in said(lecturer)
    assert "tell" in [each.key.removeprefix("go-") for each in lecturer.button]
    guesses = [each.key for each in lecturer.segmented_control if each.key.startswith("said")]
    assert guesses == []  # who lectures does not guess
    students = [open_lesson("", **{"class": code}) for _ in range(2)]
    for student, text in zip(students, ("B", "D"), strict=True):
        assert student.title[0].value == LESSON.steps[2].title
        assert address(student, "lecturer") == []
        assert "go-tell" not in [each.key for each in student.button]
        assert button(student, "send").disabled
        guess(student, LESSON, 3, text)
        press(student, "send")
        assert "Your guess is with the class" in said(student)
    found = classes().find(code)
    assert found is not None
    assert found.counted(3) == {"B": 1, "D": 1}
    assert "is right" not in said(students[0])
    lecturer.run()
    assert "**2** guesses" in said(lecturer)
    press(lecturer, "tell")
    assert "The class made 2 guesses." in said(lecturer)
    students[0].run()
    assert "You said B; it is **A**" in said(students[0])
    assert "The class made 2 guesses." in said(students[0])
    press(lecturer, "clear")
    assert found.counted(3) == {}
    press(lecturer, "next")
    assert students[1].run().title[0].value == LESSON.steps[3].title
    intruder = open_lesson("", **{"class": code, "lecturer": token[::-1]})
    assert button(intruder, "send")  # a student
    press(lecturer, "close")
    students[0].run()
    assert "has ended" in students[0].warning[0].value
    assert address(lecturer, "class") == []


def test_a_student_may_go_on_alone(shipped: Path) -> None:
    lecturer = press(open_lesson(TRUST, step="2"), "class")
    (code,) = address(lecturer, "class")
    student = press(open_lesson("", **{"class": code}), "leave")
    assert student.title[0].value == LESSON.steps[1].title
    assert address(student, "lesson") == [TRUST]
    press(student, "next")
    assert address(student, "step") == ["3"]


def test_a_full_server_says_so(shipped: Path) -> None:
    for _ in range(MOST_CLASSES):
        classes().open(TRUST)
    app = open_lesson(TRUST)
    button(app, "class").click().run()
    assert not app.exception
    assert f"{MOST_CLASSES} classes" in said(app)


def test_links_in_files_have_no_token(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pages._ui import charts

    links: list[str] = []
    real = charts.page_link
    monkeypatch.setattr(charts, "page_link", lambda: links.append(real()) or links[-1])
    lecturer = press(open_lesson(TRUST, **{f"told-{TRUST}": "1"}), "class")
    (token,) = address(lecturer, "lecturer")
    assert links
    assert not any(token in link or "lecturer" in link for link in links)
