"""Classes: the guesses of all visitors of one server, kept in memory and nowhere else.

A guess has no name: a visitor is a random number of its session, so that a second guess replaces
the first. Whoever opens a class gets its token, the only right to move, clear or close it.
"""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from betavae_core.errors import InputError, Refusal

MOST_CLASSES = 20
MOST_VISITORS = 1_000  # of one class
LONGEST_GUESS = 60  # characters
IDLE_SECONDS = 6 * 3600.0  # after which a class makes room for another
ALPHABET = "abcdefghjkmnpqrstuvwxyz"  # without letters that look like others
LETTERS = 5


@dataclass
class Class:
    """One class: its lesson, the step that it is at, and the guesses of each step."""

    code: str  # in the join link
    token: str  # in the lecturer's address only
    lesson: str
    step: int = 1
    told: set[int] = field(default_factory=set)  # steps whose answers are shown
    guesses: dict[int, dict[str, str]] = field(default_factory=dict)  # step → visitor → guess
    visitors: set[str] = field(default_factory=set)
    touched: float = field(default_factory=time.monotonic)

    def counted(self, step: int) -> Counter[str]:
        """How often each guess was made at a step."""
        return Counter(self.guesses.get(step, {}).values())


class Classes:
    """All classes of this server, by their codes; used by many sessions at once."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._open: dict[str, Class] = {}

    def open(self, lesson: str) -> Class:
        """A new class. Raises `InputError` while the server has as many as it can hold."""
        now = time.monotonic()
        with self._guard:
            for code in [c for c, each in self._open.items() if now - each.touched > IDLE_SECONDS]:
                del self._open[code]
            if len(self._open) >= MOST_CLASSES:
                raise InputError(
                    f"This server holds {MOST_CLASSES} classes, which is the most: close one that "
                    "has ended.",
                    Refusal.BUSY,
                )
            code = _code()
            while code in self._open:
                code = _code()
            self._open[code] = Class(code, secrets.token_urlsafe(16), lesson)
            return self._open[code]

    def find(self, code: str) -> Class | None:
        """The class of a join link; None if it was closed or never was."""
        return self._open.get(code)

    @contextmanager
    def _held(self, code: str) -> Iterator[Class | None]:
        with self._guard:
            found = self._open.get(code)
            if found is not None:
                found.touched = time.monotonic()
            yield found

    def guess(self, code: str, step: int, visitor: str, text: str) -> bool:
        """Keep a guess, unless the class has ended, is full, or has shown the answer."""
        with self._held(code) as found:
            if found is None or step in found.told or len(text) > LONGEST_GUESS:
                return False
            if visitor not in found.visitors and len(found.visitors) >= MOST_VISITORS:
                return False
            found.visitors.add(visitor)
            found.guesses.setdefault(step, {})[visitor] = text
            return True

    def move(self, code: str, step: int, told: set[int]) -> None:
        """Bring the class to a step; told: the steps whose answers are shown."""
        with self._held(code) as found:
            if found is not None:
                found.step, found.told = step, set(told)

    def clear(self, code: str, step: int) -> None:
        """Forget the guesses of a step, which can then be made again."""
        with self._held(code) as found:
            if found is not None:
                found.guesses.pop(step, None)
                found.told.discard(step)

    def close(self, code: str) -> None:
        """End the class and forget everything about it."""
        with self._guard:
            self._open.pop(code, None)


def is_lecturer(found: Class | None, token: str | None) -> bool:
    """Whether this token is that of the class."""
    return found is not None and secrets.compare_digest(
        found.token.encode(), (token or "").encode()
    )


def _code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
