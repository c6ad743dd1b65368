"""The progress of a visitor through a lesson, which is kept in the address: the lesson, the step,
the guesses, and the steps whose answers are shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from betavae_core.lessons import Lesson
from pages._ui.address import answered, note, visit, want, wish, wished
from pages._ui.linked import flag, one_of

LESSON, STEP, WHY = "lesson", "step", "why"


def not_drawn(*_: Any, **__: Any) -> None:
    """A widget that is nowhere on the page: its value comes from the address and from buttons."""


@dataclass(frozen=True)
class Progress:
    """Where a visitor is; steps count from 1."""

    lesson: Lesson
    step: int
    told: frozenset[int]
    presenting: bool
    why: bool = False  # whether a projector shows the reason instead of the answer

    @property
    def is_told(self) -> bool:
        """Whether the answer of this step is shown."""
        return self.step in self.told

    @property
    def last(self) -> int:
        return len(self.lesson.steps)

    def said(self, step: int | None = None) -> str:
        """The key of a guess in addresses."""
        return f"said-{self.lesson.key}-{step or self.step}"

    @property
    def place(self) -> str:
        """A name of this step for keys of widgets and charts."""
        return f"{self.lesson.key}-{self.step}"


def chosen_lesson(lessons: Sequence[Lesson]) -> Lesson | None:
    """The lesson of the address; None: the list of lessons."""
    asked = wished(LESSON)
    found = next((lesson for lesson in lessons if lesson.key == asked), None)
    if found is None:
        want(LESSON, None)
    note(LESSON, [found.key] if found else [], usual=found is None)
    return found


def presenting() -> bool:
    """Whether the address asks for presenter mode: `?present`."""
    return flag(not_drawn, "", key="present")


def printing() -> bool:
    """Whether the address asks for the whole lesson on one page."""
    return flag(not_drawn, "", key="print")


def progress_in(lesson: Lesson, large: bool, widget: Callable[..., Any]) -> Progress:
    """The step and the told steps of the address; large: in presenter mode; widget: the choice of
    the step."""
    steps = range(1, len(lesson.steps) + 1)
    told = frozenset(int(n) for n in wish(told_key(lesson)) or [] if n in map(str, steps))
    step = one_of(widget, "Step", list(steps), key=STEP, spell=str)
    why = large and step in told and flag(not_drawn, "", key=WHY)
    return Progress(lesson, step, told, large, why)


def keep(progress: Progress) -> None:
    """Leave in the address what this page has not drawn: the told steps and the other guesses."""
    prefix = f"said-{progress.lesson.key}-"
    for name, texts in list(visit().wishes.items()):
        if name.startswith(prefix) and name not in visit().noted:
            note(name, texts, usual=False)
    note(
        told_key(progress.lesson), [str(n) for n in sorted(progress.told)], usual=not progress.told
    )


def open_lesson(key: str) -> None:
    """Begin a lesson; called by buttons, as the following ones."""
    want(LESSON, [key])
    want(STEP, None)


def leave_lesson() -> None:
    for name in (LESSON, STEP, WHY, "present", "print"):
        want(name, None)


def go_to(step: int) -> None:
    want(STEP, [str(step)])
    want(WHY, None)


def tell(progress: Progress) -> None:
    """Show the answer of the present step from now on."""
    told = sorted(progress.told | {progress.step})
    want(told_key(progress.lesson), [str(n) for n in told])


def forget(progress: Progress) -> None:
    """Take back all guesses and answers of the lesson, and go to its beginning."""
    prefix = f"said-{progress.lesson.key}-"
    for name in [name for name in visit().wishes if name.startswith(prefix)]:
        want(name, None)
    want(told_key(progress.lesson), None)
    want(STEP, None)


def switch(name: str, on: bool) -> None:
    """Presenter mode, its reason, or the printed lesson."""
    want(name, ["true"] if on else None)


def told_key(lesson: Lesson) -> str:
    """The key of the told steps in addresses."""
    return f"told-{lesson.key}"


def linked_text(name: str) -> str | None:
    """A text of the address that no widget shows, such as the code of a class."""
    text = wished(name)
    answered(name)
    if text:
        note(name, [text], usual=False)
    return text or None
