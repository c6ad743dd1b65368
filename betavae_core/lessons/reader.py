"""A lesson's file: Markdown with a header of TOML for the lesson and for each step.

A file that cannot be read is refused in one sentence, which names the file, the step and what is
expected there (`InputError`). docs/lessons.md explains the form to lecturers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from ..addresses import PAGES, key_of, keys_of
from ..errors import InputError, Refusal, cannot_read, printable
from .header import Header, refusal
from .lesson import Lesson, Step
from .numbers import Definition, read_numbers
from .predictions import read_prediction
from .selection import read_selection
from .views import Named, View, read_view
from .words import check, read_sentences

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.md")
HEADING = re.compile(r"(#{1,3}) (.+)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
LARGEST = 200_000  # bytes


@dataclass
class Section:
    """A heading, the header below it, and its text."""

    level: int
    title: str
    line: int
    toml: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


def read_lesson(path: Path) -> Lesson:
    """Read a lesson's file."""
    if not NAME.fullmatch(path.name):
        raise refusal(
            printable(path.name),
            "the file's name must consist of small letters, digits and hyphens and end in .md",
        )
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise cannot_read(path.name, error) from error
    if len(data) > LARGEST:
        raise InputError(
            f"{path.name} is larger than {LARGEST:,} bytes, which is too much for a lesson.",
            Refusal.TOO_LARGE,
        )
    try:
        return parse_lesson(data.decode(), path.name)
    except UnicodeDecodeError as error:
        raise refusal(path.name, "the file must be text in UTF-8") from error


def parse_lesson(text: str, file: str) -> Lesson:
    """Read the text of a lesson's file of this name."""
    first, *rest = sections(text, file)
    if first.level != 1:
        raise refusal(file, f'the file must begin with "# Title", got "{first.title}"')
    header = Header.from_toml(first.toml, file)
    minutes, order = header.whole("minutes"), header.number("order", 100.0)
    selections = {name: read_selection(row) for name, row in header.table("runs").rows()}
    numbers = read_numbers(header.table("numbers"), list(selections))
    sentences = read_sentences(header.table("sentences"), list(numbers))
    header.end()
    if not first.text:
        raise refusal(file, "a sentence about the lesson must stand below its header")
    about = check(first.text, (), file)
    steps = []
    for number, group in enumerate(_steps(rest, file), 1):
        where = f'{file}, step {number} "{printable(group[0].title, 60)}"'
        named = Named(list(selections), list(numbers))
        steps.append(_read_step(group, named, [*numbers, *sentences], numbers, where))
    if not steps:
        raise refusal(file, 'the lesson has no step; a step begins with "## Title"')
    key = file.removesuffix(".md")
    return Lesson(key, first.title, about, minutes, order, selections, numbers, sentences, steps)


def sections(text: str, file: str) -> list[Section]:
    """The headings of levels 1 to 3 outside of code, each with the TOML and the text below it."""
    found: list[Section] = []
    fence = ""  # kind of the block that is open
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            if fence:
                closing, fence = fence, ""
                if closing == "toml":
                    continue
            else:
                fence = line[3:].strip() or "code"
                if fence == "toml":
                    if not found or found[-1].toml or found[-1].text:
                        raise refusal(
                            f"{file}, line {number}", "a header must follow its heading at once"
                        )
                    continue
        elif fence == "toml":
            found[-1].toml += line + "\n"
            continue
        elif not fence and (heading := HEADING.fullmatch(line.rstrip())):
            found.append(Section(len(heading[1]), heading[2].strip(), number))
            continue
        if found:
            found[-1].lines.append(line)
        elif line.strip():
            raise refusal(f"{file}, line {number}", 'the file must begin with "# Title"')
    if fence:
        raise refusal(file, f"a block of {fence} has no end (a line of three backticks)")
    if not found:
        raise refusal(file, 'the file must begin with "# Title"')
    return found


def _steps(rest: list[Section], file: str) -> Iterator[list[Section]]:
    """Each heading of level 2 with those of level 3 below it."""
    group: list[Section] = []
    for section in rest:
        if section.level == 1:
            raise refusal(f"{file}, line {section.line}", "a lesson has one title only")
        if section.level == 2:
            if group:
                yield group
            group = [section]
        elif group:
            group.append(section)
        else:
            raise refusal(
                f"{file}, line {section.line}", f'"### {section.title}" must belong to a step'
            )
    if group:
        yield group


def _read_step(
    group: list[Section],
    named: Named,
    words: list[str],
    numbers: dict[str, Definition],
    where: str,
) -> Step:
    step, *below = group
    header = Header.from_toml(step.toml, where)
    view, shown = _view(header, "view", named), _view(header, "answer", named)
    predict = None
    if "predict" in header:
        predict = read_prediction(header.table("predict"), named, numbers)
    header.end()
    answer, why = Section(3, "", 0), Section(3, "", 0)
    for section in below:
        if section.toml:
            raise refusal(where, f'"### {section.title}" can have no header')
        if section.title == "Answer" and not answer.title:
            answer = section
        elif section.title.endswith("?") and not why.title:
            why = section
        else:
            raise refusal(
                where,
                f'"### {printable(section.title, 60)}" is not expected; below a step stand one '
                '"### Answer" and one question that ends with "?"',
            )
    for section in (step, *below):
        if not section.text:
            raise refusal(where, f'there is no text below "{printable(section.title, 60)}"')
        _check_links(check(section.text, words, where), where)
    if (predict is None) != (not answer.title):
        raise refusal(where, 'a step has both a table [predict] and an "### Answer", or neither')
    if shown is not None and predict is None:
        raise refusal(where, "a step without a prediction has no view [answer]")
    return Step(step.title, step.text, view, predict, answer.text, shown, why.title, why.text)


def _view(header: Header, name: str, named: Named) -> View | None:
    return read_view(header.table(name), named) if name in header else None


def _check_links(text: str, where: str) -> None:
    """Links to pages of the dashboard name pages and choices that exist."""
    for target in LINK.findall(text):
        link = urlsplit(target)
        if link.scheme in ("http", "https"):
            continue
        page = link.path or PAGES[0]
        if link.scheme or page not in PAGES:
            raise Header({}, where).unknown("page of the dashboard", target, PAGES)
        known = {row.name for row in keys_of(page)}
        for name, _ in parse_qsl(link.query, keep_blank_values=True):
            row = key_of(name)
            if row is None or row.name not in known:
                raise Header({}, where).unknown(f"choice on the page {page}", name, sorted(known))
