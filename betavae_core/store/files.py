"""Files of a run: their names, whole-or-nothing writing, and the lock of whoever trains it."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import InputError

CONFIG, WEIGHTS, HISTORY, SCORES = (
    "config.json",
    "weights.safetensors",
    "history.jsonl",
    "scores.json",
)


RECORD, STRIP = "record.json", "strip.png"


class BeingTrained(InputError):
    """Another process holds the run."""


def write_atomically(path: Path, data: bytes) -> None:
    """Write a whole file or nothing: readers never see half of it, a kill leaves the old one."""
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(part, 0o644)
        os.replace(part, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name, too, survives a power cut
        finally:
            os.close(folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(part)


@contextmanager
def sole_writer(path: Path) -> Iterator[None]:
    """Hold the run against other processes that would train into it; freed even by a kill."""
    with open(path / CONFIG) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BeingTrained(f"{path} is being trained by another process.") from error
        yield
