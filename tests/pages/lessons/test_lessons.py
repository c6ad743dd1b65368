"""The page Lessons: every step of every lesson, as a visitor takes it."""

from pathlib import Path

import pytest

from betavae_core.lessons import Lesson, list_lessons
from betavae_core.lessons.predictions import truth
from betavae_core.store import Run, list_runs
from tests.lessons.made import LESSON
from tests.pages.driving import open_page
from tests.pages.lessons.attending import address, button, guess, open_lesson, press, said, wrong

LESSONS = {each.key: each for each in list_lessons() if isinstance(each, Lesson)}
TRUST = "can-you-trust-one-seed"
LATENT = "what-a-latent-does"


@pytest.fixture(scope="module")
def runs_of() -> list[Run]:
    root = Path(__file__).resolve().parents[3] / "trained_models"
    return [run for run in list_runs(root) if isinstance(run, Run)]


def test_the_list_offers_every_lesson(shipped: Path) -> None:
    app = open_page("lessons")
    assert app.title[0].value.endswith("?")
    begins = [each for each in app.button if each.label.startswith("Begin lesson")]
    ordered = sorted(LESSONS.values(), key=lambda lesson: lesson.order)
    assert [each.key.removeprefix("go-") for each in begins] == [each.key for each in ordered]
    begins[0].click().run()
    assert not app.exception
    assert app.title[0].value == LESSONS[LATENT].steps[0].title
    assert address(app, "lesson") == [LATENT]
    press(app, "all")
    assert "lesson" not in app.query_params


@pytest.mark.parametrize("key", list(LESSONS))
def test_every_step_asks_and_answers(key: str, shipped: Path, runs_of: list[Run]) -> None:
    """From the first step to the last: a wrong guess, the gap, the answer, why."""
    lesson = LESSONS[key]
    facts = lesson.facts(runs_of)
    app = open_lesson(key)
    for number, step in enumerate(lesson.steps, 1):
        asked = step.predict
        assert asked is not None
        true = asked.answer(facts)
        assert true is not None
        assert app.title[0].value == step.title
        before = said(app)
        assert lesson.said(step.text, facts) in before
        assert lesson.said(step.answer, facts) not in before
        guessed = wrong(asked, true)
        guess(app, lesson, number, guessed)
        press(app, "tell")
        after = said(app)
        assert asked.gap(guessed, facts) in after
        assert lesson.said(step.answer, facts) in after
        assert lesson.said(step.because, facts) in after
        assert step.why in [each.label for each in app.expander]
        assert "not computed" not in after
        if number < len(lesson.steps):
            press(app, "next")
    assert button(app, "next").disabled
    assert address(app, f"told-{key}") == [str(n + 1) for n in range(len(lesson.steps))]


def test_an_answer_needs_a_guess(shipped: Path) -> None:
    app = open_lesson(TRUST, step="3")
    assert button(app, "tell").disabled
    guess(app, LESSONS[TRUST], 3, "B")
    assert not button(app, "tell").disabled
    assert address(app, f"said-{TRUST}-3") == ["B"]


def test_a_link_restores_step_guesses_and_answers(shipped: Path) -> None:
    link = {"step": "3", f"said-{TRUST}-3": "D", f"told-{TRUST}": "3", f"said-{TRUST}-1": "12"}
    app = open_lesson(TRUST, **link)
    assert app.title[0].value == LESSONS[TRUST].steps[2].title
    assert "You said D" in said(app)
    assert app.segmented_control(key=f"said-{TRUST}-3").disabled
    assert address(app, f"said-{TRUST}-1") == ["12"]  # of a step that is not shown
    press(app, "back")
    press(app, "back")
    assert app.slider(key=f"said-{TRUST}-1").value == 12
    press(app, "again")
    assert not any(name.startswith(("said", "told", "step")) for name in app.query_params)


def test_a_link_to_what_is_not_there_says_so(shipped: Path) -> None:
    app = open_lesson("how-to-fly")
    assert 'no lesson "how-to-fly"' in app.warning[0].value
    assert app.title[0].value == "Where do you want to begin?"
    app = open_lesson(TRUST, step="40")
    assert 'no step "40"' in app.warning[0].value
    app = open_lesson(TRUST, step="3", **{f"said-{TRUST}-3": "Z"})
    assert 'no guess "Z"' in app.warning[0].value


def test_one_s_own_lesson_and_a_file_that_is_none(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BETAVAE_LESSONS", str(tmp_path))
    (tmp_path / "mine.md").write_text(LESSON)
    (tmp_path / "broken.md").write_text("# Only a title")
    app = open_page("lessons")
    assert "A small lesson" in said(app)
    assert [warning.value for warning in app.warning if "broken.md" in warning.value]
    press(app, "mine")
    press(app, "tell")
    assert "They agree." in said(app)  # one long run with β = 4


@pytest.mark.slow
def test_without_runs_a_lesson_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BETAVAE_RUNS", str(tmp_path / "nothing"))
    for key, lesson in LESSONS.items():
        for step in range(1, len(lesson.steps) + 1):
            app = open_lesson(key, step=str(step), **{f"told-{key}": str(step)})
            assert "not" in said(app)


def test_presenter_mode_and_paper(shipped: Path) -> None:
    app = open_lesson(TRUST)
    press(app, "present")
    assert address(app, "present") == ["true"]
    assert [each.key for each in app.button] == ["go-close-present", "go-back", "go-next"]
    assert button(app, "next").label == "Answer"
    press(app, "next")  # the answer first
    assert "Each dot in the chart is one seed" in said(app)
    press(app, "next")
    assert app.title[0].value == LESSONS[TRUST].steps[1].title
    for link in ({"present": ""}, {"present": "true"}):
        app = open_lesson(TRUST, **link)
        assert "go-all" not in [each.key for each in app.button]
    press(app, "close-present")
    assert "go-all" in [each.key for each in app.button]
    press(app, "print")
    texts = said(app)
    for step in LESSONS[TRUST].steps:
        assert step.title in [each.value.partition(". ")[2] for each in app.header]
        assert step.why in texts
    press(app, "lesson")
    assert "go-all" in [each.key for each in app.button]


@pytest.mark.parametrize("key", list(LESSONS))
def test_a_projector_tells_the_truth_without_a_guess_and_the_reason(
    key: str, shipped: Path, runs_of: list[Run]
) -> None:
    """A class guesses aloud: the answer names what was right, and a button the reason."""
    lesson = LESSONS[key]
    facts = lesson.facts(runs_of)
    for number, step in enumerate(lesson.steps, 1):
        assert step.predict is not None
        told = {f"told-{key}": str(number)}
        app = open_lesson(key, present="true", step=str(number), **told)
        assert truth(step.predict, facts) in said(app)
        assert button(app, "why").label == step.why
        assert lesson.said(step.because, facts) not in said(app)
    press(app, "why")
    assert address(app, "why") == ["true"]
    assert lesson.said(step.because, facts) in said(app)
    assert truth(step.predict, facts) not in said(app)
    press(app, "back")
    assert "why" not in app.query_params


def test_the_models_of_an_answer_can_be_taken_home(shipped: Path) -> None:
    """Not before it: their names would give it away."""
    key = "what-a-latent-does"
    asked = open_lesson(key, step="2")
    assert "start-handout" not in {button.key for button in asked.button}
    told = open_lesson(key, step="2", **{f"told-{key}": "2"})
    assert "start-handout" in {button.key for button in told.button}
