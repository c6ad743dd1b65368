"""The headers of a lesson and of its steps: tables of TOML, in which nothing is left unread."""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from ..errors import InputError, Refusal, printable, unknown_name, wrong_value

T = TypeVar("T")
_NEEDED: Any = object()


class Header:
    """One table; `where` names the file and the step in refusals, all of which are `InputError`."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._left, self.where = dict(values), where

    @classmethod
    def from_toml(cls, text: str, where: str) -> "Header":
        """Read the text of a header; refuses what is not TOML."""
        try:
            return cls(tomllib.loads(text), where)
        except tomllib.TOMLDecodeError as error:
            raise refusal(where, f"the header is not valid TOML: {error}") from error

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def text(self, name: str, default: str = _NEEDED) -> str:
        """A text that is not empty."""
        return self._take(name, default, "a text", lambda v: isinstance(v, str) and v.strip() != "")

    def one_of(self, name: str, choices: Iterable[str], default: str = _NEEDED) -> str:
        """One of these texts."""
        known, value = list(choices), self.text(name, default)
        if value is not default and value not in known:
            raise self.unknown(name, value, known)
        return value

    def number(self, name: str, default: float = _NEEDED, *, least: float | None = None) -> float:
        """A finite number."""
        expected = "a number" if least is None else f"a number of at least {least:g}"
        found = self._take(name, default, expected, lambda v: _is_number(v, least))
        return found if found is default else float(found)

    def whole(self, name: str, default: int | None = _NEEDED) -> Any:
        """A whole number of at least 0."""
        return self._take(
            name,
            default,
            "a whole number of at least 0",
            lambda v: isinstance(v, int) and _is_number(v, 0),
        )

    def flag(self, name: str) -> bool:
        """true or false, by default false."""
        return bool(self._take(name, False, "true or false", lambda v: isinstance(v, bool)))

    def numbers(self, name: str) -> tuple[float, ...]:
        """One number or a list of them; by default none."""
        found: Any = self._take(
            name,
            (),
            "a number or a list of numbers",
            lambda v: _is_number(v) or (_is_list(v) and all(map(_is_number, v))),
        )
        return tuple(float(v) for v in (found if _is_list(found) else [found]))

    def texts(self, name: str, default: Sequence[str] = _NEEDED) -> tuple[str, ...]:
        """A list of texts."""
        found = self._take(
            name,
            default,
            "a list of texts",
            lambda v: _is_list(v) and len(v) > 0 and all(isinstance(each, str) for each in v),
        )
        return tuple(found)

    def any_of(self, name: str, choices: Iterable[str], default: Sequence[str]) -> tuple[str, ...]:
        """A list of some of these texts."""
        known, found = list(choices), self.texts(name, default)
        for each in found:
            if each not in known:
                raise self.unknown(name, each, known)
        return found

    def mapping(self, name: str) -> dict[str, Any]:
        """A table as it is; by default empty."""
        return dict(self._take(name, {}, "a table", lambda v: isinstance(v, dict)))

    def table(self, name: str) -> "Header":
        """A table below this one; by default empty."""
        return Header(self.mapping(name), f"{self.where}, [{name}]")

    def rows(self) -> "Iterator[tuple[str, Header]]":
        """All entries, each of which is a table."""
        for name in list(self._left):
            yield name, self.table(name)

    def tables(self, name: str) -> "list[Header]":
        """A list of tables."""
        found = self._take(
            name,
            _NEEDED,
            "a list of tables",
            lambda v: _is_list(v) and len(v) > 0 and all(isinstance(each, dict) for each in v),
        )
        return [Header(v, f"{self.where}, {name} number {n}") for n, v in enumerate(found, 1)]

    def end(self) -> None:
        """Refuse entries that nobody has asked for."""
        if self._left:
            names = ", ".join(printable(name) for name in self._left)
            raise refusal(self.where, f"unknown entries: {names}")

    def unknown(self, what: str, name: str, known: Iterable[str]) -> InputError:
        """The refusal of a name that is not among the known ones."""
        error = unknown_name(what, name, known)
        return error.saying(f"{self.where}: {error}")

    def _take(self, name: str, default: T, expected: str, fits: Callable[[Any], bool]) -> T:
        if name not in self._left:
            if default is _NEEDED:
                raise refusal(self.where, f'"{name}" is missing; it must be {expected}')
            return default
        value = self._left.pop(name)
        if not fits(value):
            error = wrong_value(f'"{name}"', expected, value)
            raise error.saying(f"{self.where}: {error}")
        found: T = value
        return found


def refusal(where: str, problem: str) -> InputError:
    """A sentence about a fault in the file."""
    return InputError(f"{where}: {problem}.", Refusal.CONTENT, where=where)


def _is_number(value: Any, least: float | None = None) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < float("inf") and (least is None or value >= least)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
