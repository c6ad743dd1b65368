"""A lesson: its steps, with their texts, views and predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..store import Run
from .numbers import Definition, evaluated
from .predictions import Facts, Prediction
from .selection import Selection, selected
from .views import View
from .words import Sentence, filled


@dataclass(frozen=True)
class Step:
    """One step. Texts are Markdown with places for numbers; `answer`, `shown` (the view beside the
    answer), `why` and `because` come after the prediction."""

    title: str
    text: str
    view: View | None = None
    predict: Prediction | None = None
    answer: str = ""
    shown: View | None = None
    why: str = ""
    because: str = ""


@dataclass(frozen=True)
class Lesson:
    """A lesson as its file defines it; `key` is the file's name without its ending."""

    key: str
    title: str
    about: str
    minutes: int
    order: float
    selections: Mapping[str, Selection]
    numbers: Mapping[str, Definition]
    sentences: Mapping[str, Sentence]
    steps: Sequence[Step]

    def facts(self, runs: Sequence[Run]) -> Facts:
        """What the records of these runs say of the lesson's numbers."""
        here = {name: selected(each, runs) for name, each in self.selections.items()}
        return Facts(evaluated(self.numbers, here), here)

    def said(self, text: str, facts: Facts) -> str:
        """A text of this lesson with its numbers and sentences."""
        return filled(text, facts.numbers, self.sentences)
