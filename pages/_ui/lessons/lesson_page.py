"""A lesson on the page: its head, the present step, and what belongs to a class or a projector."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from betavae_core.lessons import Facts, Lesson
from betavae_core.lessons.words import slots
from betavae_core.models import VAE
from betavae_core.store import Run
from pages._ui.kept import kept
from pages._ui.lessons.classes import Class
from pages._ui.lessons.classroom import classes, follow, invite, lecture, open_class, sent_guess
from pages._ui.lessons.presenting import present, step_keys
from pages._ui.lessons.printing import print_lesson
from pages._ui.lessons.progress import (
    Progress,
    forget,
    keep,
    leave_lesson,
    not_drawn,
    presenting,
    printing,
    progress_in,
    switch,
)
from pages._ui.lessons.steps import Stage, draw_buttons, draw_step
from pages._ui.runs import all_runs
from pages._ui.style import plain
from pages._ui.take_home import take_home

MOST_AT_HOME = 4  # models in a page to take home, some 5 MB


def facts_of(lesson: Lesson, runs: Sequence[Run]) -> Facts:
    return lesson.facts(runs)


def lesson_page(lesson: Lesson, class_: Class | None, lecturing: bool) -> None:
    """Draw the lesson; class_: the class of the address, and whether the visitor lectures it."""
    everything, _ = all_runs(baselines=True, multirate=True)
    facts = kept(facts_of, lesson, everything)
    if class_ is not None and not lecturing:
        progress = Progress(lesson, class_.step, frozenset(class_.told), False)
        _attend(Stage(progress, facts, everything, class_))
        return
    if printing():
        _print(lesson, facts, everything)
        return
    large = presenting()
    if large:
        present()
    row = st.container(horizontal=True, vertical_alignment="center", key="not-printed-head")
    steps = not_drawn
    if not large:
        row.button(
            "All lessons", key="go-all", icon=":material/list:", type="tertiary",
            on_click=leave_lesson,
        )  # fmt: skip
        row.markdown(f"**{plain(lesson.title)}**", width="content")
        steps = partial(row.segmented_control, required=True, label_visibility="collapsed")
    progress = progress_in(lesson, large, steps)
    stage = Stage(progress, facts, everything, class_, lecturing)
    if class_ is not None:
        classes().move(class_.code, progress.step, set(progress.told))
    if not large:
        _tools(stage, row)
        if class_ is not None:
            invite(class_, progress)
    st.title(plain(stage.step.title), anchor=False)
    draw_step(stage)
    draw_buttons(stage)
    if class_ is not None and large and not progress.is_told:  # then the guesses fill the screen
        invite(class_, progress)
    if not large:
        if class_ is not None:
            lecture(class_, progress)
        _measured(stage)
        _take_home(stage)
    step_keys(progress)
    keep(progress)


def _attend(stage: Stage) -> None:
    """A student's page, which follows the lecturer."""
    progress, found = stage.progress, stage.class_
    assert found is not None, "asked of students"
    at = f"step {progress.step} of {progress.last}"
    st.caption(f"{plain(progress.lesson.title)}, {at}, class {found.code}")
    st.title(plain(stage.step.title), anchor=False)
    draw_step(stage)
    draw_buttons(stage)
    step_keys(progress)
    gone = sent_guess(found, progress.step) is None
    follow(found.code, progress.step, progress.is_told, gone)


def _tools(stage: Stage, row: st.delta_generator.DeltaGenerator) -> None:
    """Presenter mode, paper, a class, and the beginning."""
    progress = stage.progress
    row.button(
        "Present", key="go-present", icon=":material/slideshow:", type="tertiary",
        on_click=switch, args=("present", True),
        help="One figure fills the screen; arrow keys and presenter remotes turn the pages.",
    )  # fmt: skip
    row.button(
        "Print", key="go-print", icon=":material/print:", type="tertiary",
        on_click=switch, args=("print", True), help="The whole lesson on one page, for paper.",
    )  # fmt: skip
    if stage.class_ is None:
        row.button(
            "Open a class", key="go-class", icon=":material/groups:", type="tertiary",
            on_click=open_class, args=(progress.lesson, progress.step, progress.told),
            help="Students join by a link or a QR code and guess on their own devices; their "
            "guesses, without names, appear beside the answer.",
        )  # fmt: skip
    row.button(
        "Start again", key="go-again", icon=":material/restart_alt:", type="tertiary",
        on_click=forget, args=(progress,), help="Takes back all guesses of this lesson.",
    )  # fmt: skip


def _print(lesson: Lesson, facts: Facts, everything: Sequence[Run]) -> None:
    st.title(plain(lesson.title), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", key="not-printed-head"):
        st.button(
            "Back to the lesson", key="go-lesson", icon=":material/arrow_back:", type="tertiary",
            on_click=switch, args=("print", False),
        )  # fmt: skip
        st.caption("Print this page with Ctrl P (on a Mac ⌘ P).", width="content")
    progress = progress_in(lesson, False, not_drawn)
    print_lesson(Stage(progress, facts, everything))
    keep(progress)


def _take_home(stage: Stage) -> None:
    """The models of the view as a page to take home, once they are no longer a riddle."""
    if stage.view is None or not stage.told:
        return
    runs = [run for run in stage.shown(stage.view).with_weights if isinstance(run.loaded, VAE)]
    if runs:
        take_home(runs[:MOST_AT_HOME])


def _measured(stage: Stage) -> None:
    """What the numbers in the texts that are shown were measured on."""
    step, said = stage.step, stage.progress.is_told or stage.step.predict is None
    texts = [step.text, step.predict.ask if step.predict else ""]
    texts += [step.answer, step.because] if said else []
    names = [name for text in texts for name in slots(text, "")]
    for name in list(names):
        sentence = stage.progress.lesson.sentences.get(name)
        if sentence is not None:
            names += [sentence.left, sentence.right]
            names += slots(sentence.then, "") + slots(sentence.otherwise, "")
    numbers = stage.facts.numbers
    found = {numbers[n].text: numbers[n].about for n in names if n in numbers and numbers[n].about}
    if found:
        with st.expander("How the numbers in the text were measured", icon=":material/straighten:"):
            for text, about in found.items():
                st.markdown(f"- {plain(text)}: {plain(about)}")
