"""Stopping on request: unfinished work is saved, and the next call continues it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from ..disk_cache import Progress


@contextmanager
def asked_to_stop() -> Iterator[list[int]]:
    """Ctrl-C and SIGTERM fill the list, so that training saves its state and ends after the step;
    a second one ends it at once."""
    asked: list[int] = []

    def handler(number: int, frame: object) -> None:
        asked.append(number)
        signal.signal(number, signal.default_int_handler)

    before = {n: signal.signal(n, handler) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def stoppable(show: Progress, asked: list[int]) -> Progress:
    """Work that reports its progress ends on request; the next time it continues from there."""

    def told(what: str, done: int, total: int) -> None:
        if asked:
            raise KeyboardInterrupt
        show(what, done, total)

    return told
