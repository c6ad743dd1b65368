"""The text of a lesson, in which {name} stands for a number or a generated sentence."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .header import Header, refusal
from .units import NOT_COMPUTED, Number

# what is left as it is: code, formulas, and braces after a backslash
LITERAL = re.compile(
    r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|(?<!\\)\$(?!\s)[^$\n]+?(?<!\s)\$|\\[{}$]", re.DOTALL
)
SLOT = re.compile(r"\{([^{}\n]*)\}")
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True)
class Slot:
    """The place of a number or a sentence."""

    name: str

    def __str__(self) -> str:
        return f"{{{self.name}}}"


@dataclass(frozen=True)
class Sentence:
    """A sentence that says the one thing or the other, as the numbers do."""

    left: str
    sign: str
    right: str
    then: str
    otherwise: str

    def said(self, numbers: Mapping[str, Number]) -> str:
        one, two = numbers[self.left].value, numbers[self.right].value
        if one is None or two is None:
            return f"(This sentence compares numbers that are {NOT_COMPUTED}.)"
        text = self.then if COMPARISONS[self.sign](one, two) else self.otherwise
        return filled(text, numbers, {})


def parts(text: str, where: str) -> list[str | Slot]:
    """The text in pieces, which joined give the text. Raises `InputError` for a brace without a
    partner or without a name in it."""
    found: list[str | Slot] = []

    def plain(piece: str) -> None:
        at = 0
        for slot in SLOT.finditer(piece):
            literal(piece[at : slot.start()])
            if not slot[1].isidentifier():
                raise refusal(
                    where,
                    f'"{slot[0]}" is not the name of a number; write \\{{ for a brace in the text',
                )
            found.append(Slot(slot[1]))
            at = slot.end()
        literal(piece[at:])

    def literal(piece: str) -> None:
        if "{" in piece or "}" in piece:
            line = next(line for line in piece.splitlines() if "{" in line or "}" in line)
            raise refusal(where, f'a brace has no partner in "{line.strip()[:60]}"')
        if piece:
            found.append(piece)

    at = 0
    for kept in LITERAL.finditer(text):
        plain(text[at : kept.start()])
        found.append(kept[0])
        at = kept.end()
    plain(text[at:])
    return found


def slots(text: str, where: str) -> list[str]:
    """The names in a text."""
    return [part.name for part in parts(text, where) if isinstance(part, Slot)]


def check(text: str, known: Iterable[str], where: str) -> str:
    """The text, if all its names are known; otherwise raises `InputError`."""
    there = list(known)
    for name in slots(text, where):
        if name not in there:
            raise Header({}, where).unknown("number or sentence", name, there)
    return text


def filled(text: str, numbers: Mapping[str, Number], sentences: Mapping[str, Sentence]) -> str:
    """The text with its numbers and sentences, as Markdown."""

    def said(part: str | Slot) -> str:
        if isinstance(part, str):
            return part[1:] if part in (r"\{", r"\}") else part
        if part.name in sentences:
            return sentences[part.name].said(numbers)
        return numbers[part.name].text

    return "".join(map(said, parts(text, "")))


def read_sentences(header: Header, numbers: Sequence[str]) -> dict[str, Sentence]:
    """The table [sentences]: `{when = "seeds > betas", then = "…", else = "…"}`."""
    found = {}
    for name, row in header.rows():
        if not name.isidentifier() or name in numbers:
            raise refusal(
                row.where, "a sentence needs a name of letters, digits and _ that no number has"
            )
        words = row.text("when").split()
        if len(words) != 3 or words[1] not in COMPARISONS:
            raise refusal(
                row.where, f'"when" must compare two numbers: a {" or ".join(COMPARISONS)} b'
            )
        for each in (words[0], words[2]):
            if each not in numbers:
                raise row.unknown("number", each, numbers)
        then, otherwise = (check(row.text(key), numbers, row.where) for key in ("then", "else"))
        row.end()
        found[name] = Sentence(words[0], words[1], words[2], then, otherwise)
    return found
