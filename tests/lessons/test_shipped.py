"""The lessons of the lab, on the runs that come with it: everything that they name is there."""

from pathlib import Path

import pytest

from betavae_core.lessons import InOrder, Lesson, OneOf, OnScale, View, list_lessons
from betavae_core.lessons.words import slots
from betavae_core.store import Run, list_runs

ROOT = Path(__file__).resolve().parents[2]
LESSONS = [each for each in list_lessons() if isinstance(each, Lesson)]
WITH_WEIGHTS = ("sliders", "beta slider", "map", "traversal", "reconstructions")


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return [run for run in list_runs(ROOT / "trained_models") if isinstance(run, Run)]


def views(lesson: Lesson) -> list[View]:
    found = [view for step in lesson.steps for view in (step.view, step.shown) if view]
    for step in lesson.steps:
        if isinstance(step.predict, OneOf):
            found += [option.view for option in step.predict.options if option.view]
    return found


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)
def test_every_step_opens_on_a_figure_that_does_not_tell_its_answer(lesson: Lesson) -> None:
    for step in lesson.steps:
        asked = step.predict
        options = asked.options if isinstance(asked, OneOf) else []
        assert step.view or all(option.view for option in options), step.title
        if step.view is None or step.view.name != "numbers":
            continue
        shown = set(step.view.settings["show"])
        if isinstance(asked, OnScale):
            assert asked.truth not in shown, step.title
        elif isinstance(asked, OneOf | InOrder):
            assert not shown & {option.number for option in asked.options}, step.title


def test_all_six_are_lessons_in_their_order() -> None:
    assert [type(each) for each in list_lessons()] == [Lesson] * 6
    assert [lesson.title for lesson in LESSONS] == [
        "What a latent does", "Turning β up", "A perfect score for an entangled code",
        "How to get 99 %", "The price in pictures", "Can you trust one seed?",
    ]  # fmt: skip


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)
def test_every_number_and_answer_is_there(lesson: Lesson, runs: list[Run]) -> None:
    facts = lesson.facts(runs)
    assert [name for name, number in facts.numbers.items() if not number.known] == []
    assert [name for name, found in facts.runs.items() if not found] == []
    for step in lesson.steps:
        assert step.predict is not None
        answer = step.predict.answer(facts)
        assert answer is not None, step.title
        assert step.predict.guess(answer, facts) is not None, step.title  # it can be guessed
        if isinstance(step.predict, OnScale):
            value = facts.numbers[step.predict.truth].value
            assert value is not None
            low, high = step.predict.low, step.predict.high
            assert low <= value <= high, step.title
            opening = step.predict.opening(facts)  # no guess yet, and no hint
            assert abs(value - opening) > (high - low) / 10, step.title
        for text in (step.text, step.answer, step.because, step.predict.ask):
            assert "not computed" not in lesson.said(text, facts)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)
def test_every_view_has_runs_that_it_can_show(lesson: Lesson, runs: list[Run]) -> None:
    facts = lesson.facts(runs)
    for view in views(lesson):
        there = facts.runs.get(view.of, [])
        betas = view.settings.get("beta", ())
        if view.name in WITH_WEIGHTS:
            there = [run for run in there if run.has_weights]
        shown = [run for run in there if not betas or run.config.beta in betas]
        assert shown or view.name == "numbers", (lesson.key, view)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)
def test_a_lesson_has_its_form(lesson: Lesson) -> None:
    assert 5 <= len(lesson.steps) <= 9
    for step in lesson.steps:
        assert step.why
        assert step.shown or step.view
        sentences = step.text.replace("\n", " ").split(". ")
        assert 1 <= len(sentences) <= 5, step.title


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)
def test_every_definition_is_used(lesson: Lesson) -> None:
    """A number that nobody reads is a mistake in the text."""
    texts = [lesson.about]
    asked: set[str] = set()
    for step in lesson.steps:
        texts += [step.text, step.answer, step.because]
        if step.predict is not None:
            texts.append(step.predict.ask)
            asked.add(getattr(step.predict, "truth", ""))
            asked |= {option.number for option in getattr(step.predict, "options", ())}
    for sentence in lesson.sentences.values():
        texts += [sentence.then, sentence.otherwise]
        asked |= {sentence.left, sentence.right}
    for view in views(lesson):
        asked |= set(view.settings.get("show", ())) if view.name == "numbers" else set()
    for definition in lesson.numbers.values():
        asked |= set(getattr(definition, "of", ())) if hasattr(definition, "how") else set()
    used = asked | {name for text in texts for name in slots(text, lesson.key)}
    assert set(lesson.numbers) - used == set()
    assert set(lesson.sentences) - used == set()
