"""Where do you want to begin? Guided lessons."""

import streamlit as st

from betavae_core.lessons import BrokenLesson, Lesson, list_lessons
from pages._ui.address import addressed, visit
from pages._ui.lessons.contents import contents
from pages._ui.lessons.progress import chosen_lesson
from pages._ui.style import plain_errors

with addressed("lessons"), plain_errors():
    if visit().came:  # a dataset, model or seed goes on to the other pages
        from pages._ui.followed import followed

        followed()
    found = list_lessons()
    lessons = [each for each in found if isinstance(each, Lesson)]
    from pages._ui.lessons.classroom import joined

    class_, lecturing = joined()
    attended = next((each for each in lessons if class_ and each.key == class_.lesson), None)
    lesson = attended or chosen_lesson(lessons)
    if lesson is None:
        st.title("Where do you want to begin?")
        contents(lessons, [each for each in found if isinstance(each, BrokenLesson)])
    else:
        from pages._ui.lessons.lesson_page import lesson_page

        lesson_page(lesson, class_, lecturing)
