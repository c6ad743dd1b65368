"""The fuzz with a reader that has a fault, as a program: ``python -m tests.importers.fuzz_fault
NAME`` prints what the fuzz counts.

A program and no function of a test, since the fuzz forks: of a process that has run other tests,
with their threads, a fork may wait for ever.
"""

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks import fuzz_importers
from benchmarks.fuzz_corpus import corpus


def loop() -> None:
    while True:
        pass


def loop_in_c() -> None:
    """Hashing takes a minute in which no other instruction runs."""
    value: Any = (1,)
    for _ in range(31):
        value = (value, value)
    hash(value)


def deadlock() -> None:
    """Waits for itself, takes no time, and is not woken by an alarm."""
    library, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(64)
    library.pthread_mutex_lock(mutex)
    library.pthread_mutex_lock(mutex)


FAULTS: dict[str, tuple[Callable[[], Any], str]] = {  # and what is said of it
    "loop": (loop, "took more than"),
    "loop in C": (loop_in_c, "ended with -27"),
    "deadlock": (deadlock, "ended with -9"),
    "memory": (lambda: bytearray(3 * 2**30), "MemoryError"),
    "memory of tensors": (lambda: torch.zeros(2**30), "allocate"),
    "crash": (lambda: os.kill(os.getpid(), signal.SIGSEGV), "ended with -11"),
    "traceback": (lambda: {}["key"], "KeyError"),
    "file beside": (lambda: Path("../out.pt").touch(), "wrote outside"),
    "file at home": (lambda: Path("~/model.pt").expanduser().touch(), "wrote outside"),
    "file far away": (fuzz_importers.OUTSIDE.touch, "wrote outside"),
}


def main(fault: str) -> None:
    does, _ = FAULTS[fault]
    small = {name: files for name, files in corpus(0).items() if name in ("pythae", "run")}

    def run_case(files: Any, *others: Any) -> str:
        if "model.pt" in files or "model_config.json" in files:
            does()
        return "opened"

    changed: Any = fuzz_importers
    changed.run_case = run_case
    changed.corpus = lambda seed: small
    changed.make_case = lambda good, chance: (good, "folder")
    changed.MAX_SECONDS = 0.5
    torch.set_num_threads(1)
    print(json.dumps(fuzz_importers.fuzz(cases=4)))


if __name__ == "__main__":
    main(sys.argv[1])
