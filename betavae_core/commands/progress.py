"""The progress of a verb, on stderr: a bar for people, or records for programs."""

import argparse
import json
import sys
import time
from typing import Any, Protocol

BARS = ("bar", "json", "none")
SECONDS = 1.0  # seconds between two records about the same work
LINE_SECONDS = 30.0  # seconds between two lines of a log file


class Show(Protocol):
    """Receives the activity, the amount done and the total; `text` is further text of a bar and
    `facts` are further fields of a record."""

    def __call__(
        self, what: str, done: int, total: int, *, text: str = "", **facts: Any
    ) -> None: ...

    def state(self, text: str, **facts: Any) -> None:
        """The state of work without a single stage, in one line."""
        ...

    def say(self, text: str) -> None:
        """A sentence that is not an error."""
        ...


def shown_progress(options: argparse.Namespace) -> Show:
    """The kind of progress that --progress chooses."""
    return {"bar": Bar, "json": Records, "none": Silent}[options.progress]()


def say_error(options: argparse.Namespace, text: str) -> None:
    """Print the sentence that ends a verb."""
    if options.progress == "json":
        _record(event="error", message=text)
    else:
        print(text, file=sys.stderr)


class Bar:
    """A line that is drawn again on a terminal; elsewhere one line for every `step` percent."""

    def __init__(self, step: int = 10) -> None:
        self.step = step
        self.said: tuple[str, int] = ("", -1)  # activity, and steps
        self.when = 0.0

    def __call__(self, what: str, done: int, total: int, *, text: str = "", **facts: Any) -> None:
        percent = 100 * done // max(total, 1)
        tty = sys.stderr.isatty()
        if tty and (time.monotonic() - self.when < 0.2 and done < total):
            return
        if not tty and (what, percent // self.step) == self.said:
            return
        self.said, self.when = (what, percent // self.step), time.monotonic()
        filled = 24 * percent // 100
        bar = "█" * filled + "·" * (24 - filled)
        end = "\r" if tty and done < total else "\n"
        line = f"{bar} {percent:3d} %  {text or what}"
        print(line.ljust(96), end=end, file=sys.stderr, flush=True)

    def state(self, text: str, **facts: Any) -> None:
        tty, (before, _) = sys.stderr.isatty(), self.said
        if text != before and (tty or time.monotonic() - self.when > LINE_SECONDS):
            end = "\r" if tty else "\n"
            print(text.ljust(len(before)), end=end, file=sys.stderr, flush=True)
            self.said, self.when = (text, 0), time.monotonic()

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


class Records:
    """One JSON object a line: {"event": "progress", "what", "done", "total", …}, and "message"
    with "message" for a sentence, "error" likewise."""

    def __init__(self) -> None:
        self.what = ""
        self.when = 0.0

    def __call__(self, what: str, done: int, total: int, *, text: str = "", **facts: Any) -> None:
        now = time.monotonic()
        if what == self.what and done < total and now - self.when < SECONDS:
            return
        self.what, self.when = what, now
        _record(event="progress", what=what, done=done, total=total, **facts)

    def state(self, text: str, **facts: Any) -> None:
        if (now := time.monotonic()) - self.when >= SECONDS:
            self.when = now
            _record(event="progress", **facts)

    def say(self, text: str) -> None:
        _record(event="message", message=text)


class Silent:
    """No progress; `say_error` still prints errors."""

    def __call__(self, what: str, done: int, total: int, *, text: str = "", **facts: Any) -> None:
        pass

    def state(self, text: str, **facts: Any) -> None:
        pass

    def say(self, text: str) -> None:
        pass


def _record(**fields: Any) -> None:
    print(json.dumps(fields, ensure_ascii=False), file=sys.stderr, flush=True)
