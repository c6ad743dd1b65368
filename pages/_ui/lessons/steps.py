"""One step of a lesson: its text, its view, the prediction, and what comes after it."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core.beta import unbroken
from betavae_core.lessons import Facts, OneOf, Step, View
from betavae_core.lessons.predictions import truth
from betavae_core.store import Run
from pages._ui.lessons.classes import Class
from pages._ui.lessons.classroom import (
    histogram,
    leave_class,
    refused_guess,
    send,
    sent_guess,
)
from pages._ui.lessons.pictures import still
from pages._ui.lessons.predicting import ask, guess_now
from pages._ui.lessons.progress import WHY, Progress, go_to, switch, tell
from pages._ui.lessons.showing import Shown
from pages._ui.lessons.views import draw_view

WIDE = ("sliders", "beta slider", "map", "metric")
BODY = '.st-key-step-body > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"]'
# on a phone the view comes before the question about it, and what a lecturer needs is left out
STYLE = f"""
<style>
.st-key-gap {{ scroll-margin-top: 5rem; }}
.stMainBlockContainer h1 {{ padding: 0 0 0.4rem; }}
[data-testid="stMainBlockContainer"] {{ padding-top: 3.8rem; }}
@media (max-width: 640px) {{
  {BODY} {{ display: flex; flex-direction: column; gap: 1rem; }}
  {BODY} > [data-testid="stColumn"]:first-child,
  {BODY} > [data-testid="stColumn"]:first-child > [data-testid="stVerticalBlock"]
    {{ display: contents; }}
  {BODY} > [data-testid="stColumn"]:last-child {{ order: 1; min-width: 100%; }}
  {BODY} [data-testid="stLayoutWrapper"]:has(.st-key-prediction) {{ order: 2; }}
  .st-key-go-present, .st-key-go-print, .st-key-go-class {{ display: none; }}
}}
</style>
"""


@dataclass(frozen=True)
class Stage:
    """Where a step is shown, and to whom."""

    progress: Progress
    facts: Facts
    everything: Sequence[Run]
    class_: Class | None = None
    lecturing: bool = False

    @property
    def step(self) -> Step:
        return self.progress.lesson.steps[self.progress.step - 1]

    @property
    def told(self) -> bool:
        """Whether the answer is shown, or there is nothing to ask."""
        return self.progress.is_told or self.step.predict is None

    @property
    def view(self) -> View | None:
        """The view of the moment."""
        return (self.step.shown or self.step.view) if self.told else self.step.view

    @property
    def pictured(self) -> bool:
        """Whether there are pictures to choose from, which need the page's whole width."""
        asked = self.step.predict
        return isinstance(asked, OneOf) and any(option.view for option in asked.options)

    @property
    def attending(self) -> bool:
        """Whether the visitor is a student of a class."""
        return self.class_ is not None and not self.lecturing

    def said(self, text: str) -> str:
        return unbroken(self.progress.lesson.said(text, self.facts))

    def shown(self, view: View, part: str = "") -> Shown:
        progress = self.progress
        place = f"{progress.place}-{part}" if part else progress.place
        return Shown(
            view,
            progress.lesson,
            self.facts,
            self.everything,
            place,
            large=progress.presenting,
            asking=not self.told,
            answering=self.told and self.step.predict is not None,
        )


def draw_step(stage: Stage) -> None:
    """All of a step but the buttons that leave it."""
    if stage.progress.presenting:
        _on_a_screen(stage)
    else:
        st.html(STYLE)
        _on_a_page(stage)


def _on_a_page(stage: Stage) -> None:
    """The words beside the view; pictures to choose from below both."""
    step, view = stage.step, stage.view
    words_at = view_at = st.container(key="step-body")
    if view is not None:
        widths = [1, 2] if view.name in WIDE else [2, 3]
        words_at, view_at = words_at.columns(widths, gap="large")
    with words_at:
        st.markdown(stage.said(step.text))
        asked_at = st.container() if not stage.pictured else None
    if view is not None:
        with view_at:
            draw_view(stage.shown(view, "answer" if stage.told else ""))
    if step.predict is None:
        return
    with asked_at or st.container():
        guess = _asked(stage)
    if stage.told:
        with words_at:
            _gap(stage, guess)
            st.markdown(stage.said(step.answer))
            if step.why:
                with st.expander(step.why, icon=":material/help:"):
                    st.markdown(stage.said(step.because))


def _on_a_screen(stage: Stage) -> None:
    """One figure that fills the screen, the words of the moment above it: the question, the answer
    or the reason. In a class, the guesses of all stand beside it."""
    step, view = stage.step, stage.view
    if stage.progress.why:
        st.markdown(f"**{step.why}** {stage.said(step.because)}")
    else:
        st.markdown(stage.said(step.answer if stage.told and step.answer else step.text))
    if step.predict is None or not stage.told:
        if view is not None:
            draw_view(stage.shown(view))
        if step.predict is not None:
            _asked(stage)
        return
    gap_at, figure_at = st.container(), st.container()
    if not stage.progress.why:
        guesses_at = gap_at
        if stage.class_ is not None:
            figure_at, guesses_at = figure_at.columns(2)
        with gap_at:
            _gap(stage, guess_now(stage.progress, stage.facts), guesses_at)
    with figure_at:
        if view is not None and not (stage.pictured and step.shown is None):
            draw_view(stage.shown(view, "answer"))
        elif stage.pictured:
            _asked(stage)


def _asked(stage: Stage) -> str | None:
    """The question, and the guess; of the lecturer of a class the question alone."""
    progress, step, facts = stage.progress, stage.step, stage.facts
    assert step.predict is not None, "asked of steps with a prediction"
    if stage.lecturing and progress.is_told:
        return None

    def picture(letter: str, view: View) -> None:
        still(stage.shown(view, f"option-{letter}"), named=progress.is_told)

    with st.container(border=not progress.presenting, key="prediction"):
        guess = ask(progress, facts, picture, guessing=not stage.lecturing)
        if progress.is_told:
            return guess
        row = st.container(horizontal=True, vertical_alignment="center")
        if stage.attending:
            _send(stage, guess, row)
        elif not progress.presenting:
            row.button(
                "Show the answer",
                key="go-tell",
                type="primary",
                icon=":material/visibility:",
                disabled=guess is None and not stage.lecturing,
                on_click=tell,
                args=(progress,),
            )
            if guess is None and not stage.lecturing:
                row.caption("Guess first: the answer comes after it.", width="content")
    return guess


def _send(stage: Stage, guess: str | None, row: DeltaGenerator) -> None:
    """A student's button, and what became of the guess."""
    found, progress = stage.class_, stage.progress
    assert found is not None, "asked of students"
    row.button(
        "Send my guess",
        key="go-send",
        type="primary",
        icon=":material/send:",
        disabled=guess is None,
        on_click=send,
        args=(found, progress.step, guess),
    )
    if refused_guess(found, progress.step):
        row.caption("The class did not take this guess: it is full, or the answer is out.")
    elif sent_guess(found, progress.step) is not None:
        row.caption("Your guess is with the class. The answer follows; you may change your guess.")


def _gap(stage: Stage, guess: str | None, guesses_at: DeltaGenerator | None = None) -> None:
    """The gap between the guess and the answer, or without a guess the answer; in a class, the
    guesses of all."""
    asked = stage.step.predict
    assert asked is not None, "asked of steps with a prediction"
    true = asked.answer(stage.facts)
    if true is None:
        st.info("The answer is not computed for the models here.")
        return
    with st.container(key="gap"):
        if guess is None or stage.lecturing:
            st.info(unbroken(truth(asked, stage.facts)), icon=":material/lightbulb:")
        else:
            icon = ":material/check_circle:" if guess == true else ":material/straighten:"
            st.info(unbroken(asked.gap(guess, stage.facts)), icon=icon)
    if stage.class_ is not None:
        counts, progress = stage.class_.counted(stage.progress.step), stage.progress
        with guesses_at or st.container():
            histogram(counts, asked, stage.facts, progress.place, large=progress.presenting)


def draw_buttons(stage: Stage) -> None:
    """Back and next, which keys and remotes press as well. In presenter mode, next first shows the
    answer."""
    progress, step = stage.progress, stage.step
    row = st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        key="turning",
    )
    if stage.attending:
        row.button(
            "Leave the class and go on alone",
            key="go-leave",
            type="tertiary",
            icon=":material/logout:",
            on_click=leave_class,
            args=(stage.class_,),
        )
        return
    if progress.presenting:
        row.button(
            "",
            key="go-close-present",
            icon=":material/close:",
            type="tertiary",
            help="Leave presenter mode.",
            on_click=switch,
            args=("present", False),
        )
    row.button(
        "Back",
        key="go-back",
        icon=":material/arrow_back:",
        disabled=progress.step == 1,
        on_click=go_to,
        args=(progress.step - 1,),
    )
    if progress.presenting:
        row.markdown(f"{progress.step} / {progress.last}", width="content")
        if progress.is_told and step.why:
            row.button(
                step.why,
                key="go-why",
                type="tertiary",
                help="The reason, or the answer again: arrow down.",
                on_click=switch,
                args=(WHY, not progress.why),
            )
    tells = progress.presenting and step.predict is not None and not progress.is_told
    row.button(
        "Answer" if tells else "Next",
        key="go-next",
        type="primary" if progress.is_told or step.predict is None or tells else "secondary",
        icon=":material/arrow_forward:",
        icon_position="right",
        disabled=progress.step == progress.last and not tells,
        on_click=tell if tells else go_to,
        args=(progress,) if tells else (progress.step + 1,),
    )
