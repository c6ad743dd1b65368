"""The progress bar of the command line."""

import os
import sys
import time


class Bar:
    """One-time work as a line on stderr; a log file gets a line every 10 %, or every so many
    seconds as BETAVAE_PROGRESS_SECONDS says."""

    def __init__(self) -> None:
        self.said: tuple[str, int] = ("", -1)  # what, and tenths
        self.when = 0.0
        self.seconds = float(os.environ.get("BETAVAE_PROGRESS_SECONDS", "inf"))

    def __call__(self, what: str, done: int, total: int) -> None:
        percent = 100 * done // max(total, 1)
        tty = sys.stderr.isatty()
        if tty and (time.monotonic() - self.when < 0.2 and done < total):
            return
        waited = time.monotonic() - self.when
        if not tty and (what, percent // 10) == self.said and waited < self.seconds:
            return
        self.said, self.when = (what, percent // 10), time.monotonic()
        filled = 24 * percent // 100
        bar = "█" * filled + "·" * (24 - filled)
        end = "\r" if tty and done < total else "\n"
        print(f"{bar} {percent:3d} %  {what}".ljust(79), end=end, file=sys.stderr, flush=True)
