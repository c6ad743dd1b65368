"""Lessons: guided steps as files of Markdown, whose numbers are computed from the runs' records."""

from .folder import BrokenLesson, lesson_files, list_lessons
from .lesson import Lesson, Step
from .predictions import Facts, InOrder, OneOf, OnScale, Prediction, WhichLatent
from .reader import parse_lesson, read_lesson
from .views import VIEWS, View

__all__ = [
    "VIEWS",
    "BrokenLesson",
    "Facts",
    "InOrder",
    "Lesson",
    "OnScale",
    "OneOf",
    "Prediction",
    "Step",
    "View",
    "WhichLatent",
    "lesson_files",
    "list_lessons",
    "parse_lesson",
    "read_lesson",
]
