"""The lessons that are there: those of the lab, and a lecturer's own."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..errors import InputError
from .lesson import Lesson
from .reader import read_lesson

VARIABLE = "BETAVAE_LESSONS"  # a folder of one's own lessons


@dataclass(frozen=True)
class BrokenLesson:
    """A file that is no lesson; the reason is one sentence."""

    path: Path
    reason: str


def lesson_files() -> list[Path]:
    """The files of lessons, by name; one in the own folder replaces that of the lab of the same
    name."""
    folders = [Path(__file__).parent]
    if own := os.environ.get(VARIABLE):
        folders.append(Path(own).expanduser())
    found = {path.name: path for folder in folders for path in folder.glob("*.md")}
    return [found[name] for name in sorted(found)]


def list_lessons(files: Sequence[Path] | None = None) -> list[Lesson | BrokenLesson]:
    """The lessons in their order, then the files that are none. files: by default
    `lesson_files()`."""
    found: list[Lesson | BrokenLesson] = []
    for path in lesson_files() if files is None else files:
        try:
            found.append(_read(path, _stamp(path)))
        except InputError as error:
            found.append(BrokenLesson(path, str(error)))

    def place(each: Lesson | BrokenLesson) -> tuple[bool, float, str]:
        if isinstance(each, BrokenLesson):
            return True, 0.0, each.path.name
        return False, each.order, each.key

    return sorted(found, key=place)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_size, stat.st_mtime_ns


@lru_cache(maxsize=200)
def _read(path: Path, stamp: tuple[int, int]) -> Lesson:
    return read_lesson(path)
