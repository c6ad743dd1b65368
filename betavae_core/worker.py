"""A process that calls functions for another one: python -m betavae_core.worker PARENT.

It reads pickled calls (function, arguments, named arguments) from its input and writes a pickled
answer (True, result) or (False, error) for each; it ends with its input, or with the process that
started it, which alone can write there.
"""

import os
import pickle
import sys
import threading
import time
from typing import IO, Any

NICENESS = 5  # below the dashboard, which people wait for


def serve(calls: IO[bytes], answers: IO[bytes]) -> None:
    """Answer calls until there are no more."""
    while True:
        try:
            make, arguments, named = pickle.load(calls)
        except EOFError:
            return
        answer: tuple[bool, Any]
        try:
            answer = True, make(*arguments, **named)
        except Exception as error:  # whatever it is, whoever called learns of it
            answer = False, error
        try:
            data = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            data = pickle.dumps((False, RuntimeError(f"{type(answer[1]).__name__}: {error}")))
        answers.write(data)
        answers.flush()


def end_with(parent: int) -> None:
    """End this process soon after the one that started it, even in the middle of a call."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def main() -> None:
    if os.name == "posix":  # elsewhere a process keeps the number of a parent that has ended
        threading.Thread(target=end_with, args=(int(sys.argv[1]),), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
