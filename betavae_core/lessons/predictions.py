"""What a step asks before it shows its answer: kinds of predictions, the truth, and the gap.

A guess is a text in every kind, so that addresses, classes and files can hold it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..store import Run
from .header import Header, refusal
from .latents import used_latents
from .numbers import Definition, Measured, unit_of
from .units import Number
from .views import Named, View, read_view
from .words import check

LETTERS = "ABCDEF"
EXTREMES = ("highest", "lowest")


@dataclass(frozen=True)
class Facts:
    """A lesson's numbers, and the runs of its selections, by name."""

    numbers: Mapping[str, Number]
    runs: Mapping[str, list[Run]]


@dataclass(frozen=True)
class Option:
    """One of several things to choose from or to put in order."""

    label: str
    number: str = ""  # name of its number
    view: View | None = None


@dataclass(frozen=True)
class OnScale:
    """A number on a scale, in the unit of the true one."""

    ask: str
    low: float
    high: float
    step: float
    truth: str

    def opening(self, facts: Facts) -> float:
        """Where the slider stands before a guess: in the middle of the scale, or, where that would
        give the answer away, a quarter along it."""
        steps, true = round((self.high - self.low) / self.step), facts.numbers[self.truth].value
        middle = round(self.low + self.step * (steps // 2), 6)
        if true is None or abs(true - middle) > (self.high - self.low) / 8:
            return middle
        return round(self.low + self.step * (steps // 4), 6)

    def guess(self, text: str, facts: Facts) -> float | None:
        """A guess as a number on the scale; None for any other text."""
        try:
            value = float(text)
        except ValueError:
            return None
        return value if self.low <= value <= self.high else None

    def answer(self, facts: Facts) -> str | None:
        value = facts.numbers[self.truth].value
        return None if value is None else f"{value:g}"

    def told(self, facts: Facts) -> str:
        return f"It is **{facts.numbers[self.truth].text}**."

    def gap(self, text: str, facts: Facts) -> str:
        true, guessed = facts.numbers[self.truth], self.guess(text, facts)
        if true.value is None or guessed is None:
            return f"The true value is {true.text}."
        written = true.unit.written(guessed, difference=true.difference)
        apart = abs(true.value - guessed)
        said = f"You said {written}; it is **{true.text}**"
        if apart <= self.step / 2:
            return f"{said}. As close as the scale allows."
        away = true.unit.written(apart, difference=True)
        return f"{said}: {away} {'higher' if true.value > guessed else 'lower'}."


@dataclass(frozen=True)
class OneOf:
    """A choice among options, by their letters. right: the letter, or which of the options'
    numbers is looked for."""

    ask: str
    options: tuple[Option, ...]
    right: str

    def guess(self, text: str, facts: Facts) -> str | None:
        return text if text in lettered(self.options) else None

    def answer(self, facts: Facts) -> str | None:
        if self.right not in EXTREMES:
            return self.right
        values = [facts.numbers[option.number].value for option in self.options]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        extreme = max(known) if self.right == "highest" else min(known)
        return LETTERS[values.index(extreme)]

    def told(self, facts: Facts) -> str:
        return f"It is **{self.answer(facts)}**. {self._named(facts)}."

    def gap(self, text: str, facts: Facts) -> str:
        true = self.answer(facts)
        if true is None:
            return "The answer is not computed."
        if text == true:
            return f"**{true}** is right. {self._named(facts)}."
        return f"You said {text}; it is **{true}**. {self._named(facts)}."

    def _named(self, facts: Facts) -> str:
        """What each letter stands for."""
        return "; ".join(
            f"{letter}: {option.label}" + _value(option, facts)
            for letter, option in lettered(self.options).items()
        )


@dataclass(frozen=True)
class InOrder:
    """Options in the order of their numbers, by their letters: "B,A,D,C". first: which comes
    first."""

    ask: str
    options: tuple[Option, ...]
    first: str

    def guess(self, text: str, facts: Facts) -> list[str] | None:
        found = text.split(",")
        return found if sorted(found) == list(lettered(self.options)) else None

    def answer(self, facts: Facts) -> str | None:
        values = [facts.numbers[option.number].value for option in self.options]
        if any(value is None for value in values):
            return None
        sign = -1 if self.first == "highest" else 1
        order = sorted(range(len(values)), key=lambda n: sign * (values[n] or 0.0))
        return ",".join(LETTERS[n] for n in order)

    def told(self, facts: Facts) -> str:
        options = lettered(self.options)
        ordered = [options[letter] for letter in (self.answer(facts) or "").split(",")]
        named = ", ".join(f"{option.label}{_value(option, facts)}" for option in ordered)
        return f"From the {self.first}: {named}."

    def gap(self, text: str, facts: Facts) -> str:
        true, guessed = self.answer(facts), self.guess(text, facts)
        if true is None or guessed is None:
            return "The order is not computed."
        ordered = true.split(",")
        right = sum(one == other for one, other in zip(guessed, ordered, strict=True))
        return f"{right} of {len(ordered)} are in the right place. {self.told(facts)}"


@dataclass(frozen=True)
class WhichLatent:
    """For each of some factors, the latent of a run that tells most of it: "z3,z0"."""

    ask: str
    options: tuple[Option, ...]  # their numbers are names of latents
    of: str

    def latents(self, facts: Facts) -> list[str]:
        """The used latents of the run, the most informative first."""
        if not facts.runs[self.of]:
            return []
        return [f"z{d}" for d in used_latents(facts.runs[self.of][0])]

    def guess(self, text: str, facts: Facts) -> list[str] | None:
        found, known = text.split(","), self.latents(facts)
        fits = len(found) == len(self.options) and all(each in known for each in found)
        return found if fits else None

    def answer(self, facts: Facts) -> str | None:
        names = [facts.numbers[option.number] for option in self.options]
        return ",".join(name.text for name in names) if all(n.known for n in names) else None

    def told(self, facts: Facts) -> str:
        named = (f"{option.label}: {facts.numbers[option.number].text}" for option in self.options)
        return ", ".join(named) + "."

    def gap(self, text: str, facts: Facts) -> str:
        true, guessed = self.answer(facts), self.guess(text, facts)
        if true is None or guessed is None:
            return "The answer is not computed."
        right = sum(a == b for a, b in zip(guessed, true.split(","), strict=True))
        return f"{right} of {len(self.options)} are right. {self.told(facts)}"


Prediction = OnScale | OneOf | InOrder | WhichLatent


def truth(asked: Prediction, facts: Facts) -> str:
    """The answer as a sentence to whoever made no guess."""
    return "The answer is not computed." if asked.answer(facts) is None else asked.told(facts)


def lettered(options: Sequence[Option]) -> dict[str, Option]:
    """The options by their letters, from A."""
    return dict(zip(LETTERS[: len(options)], options, strict=True))


def _value(option: Option, facts: Facts) -> str:
    return f" ({facts.numbers[option.number].text})" if option.number else ""


def read_prediction(
    header: Header, named: Named, definitions: Mapping[str, Definition]
) -> Prediction:
    """Read the table [predict] of a step. Raises `InputError`."""
    kind = header.one_of("kind", ("number", "choice", "order", "latents"))
    ask = check(header.text("ask"), named.numbers, header.where)
    found: Prediction
    if kind == "number":
        found = _on_scale(header, named, ask)
    elif kind == "choice":
        found = _one_of(header, named, ask)
        _comparable(found.options, definitions, header.where)
    elif kind == "order":
        options = _options(header, named, "items", numbers=True)
        _comparable(options, definitions, header.where)
        found = InOrder(ask, options, header.one_of("first", EXTREMES))
    else:
        options = _options(header, named, "factors", numbers=True)
        for option in options:
            definition = definitions[option.number]
            if not (isinstance(definition, Measured) and definition.what == "latent"):
                raise refusal(header.where, f'the number "{option.number}" must be a latent')
        found = WhichLatent(ask, options, header.one_of("of", named.runs))
    header.end()
    return found


def _comparable(
    options: Sequence[Option], definitions: Mapping[str, Definition], where: str
) -> None:
    units = {unit_of(option.number, definitions) for option in options if option.number}
    if len(units) > 1 or None in units:
        raise refusal(where, "the numbers to compare must have the same unit")


def _on_scale(header: Header, named: Named, ask: str) -> OnScale:
    low, high = header.number("low"), header.number("high")
    step = header.number("step", 1.0)
    if not low < high or not 0 < step <= high - low:
        raise refusal(header.where, '"low" must be below "high", and "step" fit between them')
    return OnScale(ask, low, high, step, header.one_of("truth", named.numbers))


def _one_of(header: Header, named: Named, ask: str) -> OneOf:
    right = header.text("right")
    numbered = right in EXTREMES
    options = _options(header, named, "options", numbers=numbered, views=True)
    labels = [option.label for option in options]
    if not numbered and right not in labels:
        raise header.unknown("option", right, [*labels, *EXTREMES])
    return OneOf(ask, options, right if numbered else LETTERS[labels.index(right)])


def _options(
    header: Header, named: Named, name: str, *, numbers: bool, views: bool = False
) -> tuple[Option, ...]:
    found = []
    for row in header.tables(name):
        view: Any = None
        if views and "view" in row:
            view = read_view(row.table("view"), named, still=True)
        number = row.one_of("number", named.numbers, *([] if numbers else [""]))
        found.append(Option(row.text("label"), number, view))
        row.end()
    if not 2 <= len(found) <= len(LETTERS) or len({o.label for o in found}) < len(found):
        raise refusal(
            header.where, f'"{name}" needs from 2 to {len(LETTERS)} entries with different labels'
        )
    return tuple(found)
