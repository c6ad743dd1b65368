"""The list of lessons."""

from collections.abc import Sequence

import streamlit as st

from betavae_core.lessons import BrokenLesson, Lesson
from pages._ui.lessons.progress import open_lesson
from pages._ui.style import plain

IN_A_ROW = 3  # cards


def contents(lessons: Sequence[Lesson], broken: Sequence[BrokenLesson]) -> None:
    """A card for each lesson, and a sentence for each file that is none."""
    st.markdown(
        "Each lesson asks before it shows: make a guess, see how far it is from the answer, and "
        "say why. All numbers are those of the models on this dashboard."
    )
    for first in range(0, len(lessons), IN_A_ROW):
        columns = st.columns(IN_A_ROW)
        for n, lesson in enumerate(lessons[first : first + IN_A_ROW]):
            with columns[n]:
                _card(first + n + 1, lesson)
    for each in broken:
        st.warning(plain(each.reason), icon=":material/error:")


def _card(number: int, lesson: Lesson) -> None:
    with st.container(border=True, height="stretch"):
        st.header(f"{number}. {plain(lesson.title)}", anchor=False)
        st.markdown(lesson.about)
        row = st.container(horizontal=True, vertical_alignment="center")
        row.button(
            f"Begin lesson {number}",
            key=f"go-{lesson.key}",
            type="primary",
            icon=":material/school:",
            on_click=open_lesson,
            args=(lesson.key,),
        )
        steps = f"{len(lesson.steps)} step{'s' * (len(lesson.steps) > 1)}"
        row.caption(f"{steps}, about {lesson.minutes} minutes", width="content")
