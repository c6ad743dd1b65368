"""Predictions on a page without a server: the controls, and the gap of every possible guess."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from markupsafe import Markup

from ....lessons import Facts, InOrder, OneOf, OnScale, Prediction
from ....lessons.predictions import lettered, truth

MOST_GUESSES = 5_000  # whose gaps a page contains; of more, it shows the truth alone


@dataclass(frozen=True)
class Field:
    """One control: a slider, buttons or a list, with its options in order; opening: the option at
    which a slider stands before a guess."""

    label: str
    options: list[str]
    opening: int = 0


@dataclass(frozen=True)
class Asked:
    """A prediction: its kind of controls, these, and what is said of each guess.

    gaps: the numbers of the chosen options, joined by commas → HTML; without those of guesses that
    are not complete. truth: HTML without a guess.
    """

    kind: str  # "slider", "buttons" or "lists"
    fields: list[Field]
    gaps: dict[str, Markup]
    truth: Markup


def asked_of(asked: Prediction, facts: Facts, say: Callable[[str], Markup]) -> Asked:
    """say: a line of Markdown to HTML."""
    kind, fields, texts = _controls(asked, facts)
    numbers = [range(len(field.options)) for field in fields]
    count = 1
    for each in numbers:
        count *= len(each)
    gaps = {}
    for chosen in product(*numbers) if count <= MOST_GUESSES else ():
        text = ",".join(texts[n] for n in chosen)
        if asked.guess(text, facts) is not None:
            gaps[",".join(map(str, chosen))] = say(asked.gap(text, facts))
    return Asked(kind, fields, gaps, say(truth(asked, facts)))


def _controls(asked: Prediction, facts: Facts) -> tuple[str, list[Field], Sequence[str]]:
    """The kind of the controls, the controls, and the text of a guess at each option, which is the
    same for all of them."""
    if isinstance(asked, OnScale):
        true = facts.numbers[asked.truth]
        steps = round((asked.high - asked.low) / asked.step)
        values = [round(asked.low + n * asked.step, 6) for n in range(steps + 1)]
        shown = [true.unit.written(value, difference=true.difference) for value in values]
        field = Field("", shown, values.index(asked.opening(facts)))
        return "slider", [field], [f"{value:g}" for value in values]
    named = [option.label for option in asked.options]
    if isinstance(asked, OneOf):
        return "buttons", [Field("", named)], list(lettered(asked.options))
    if isinstance(asked, InOrder):
        fields = [Field(f"{place}.", named) for place in range(1, len(named) + 1)]
        return "lists", fields, list(lettered(asked.options))
    latents = asked.latents(facts)
    return "lists", [Field(name, latents) for name in named], latents
