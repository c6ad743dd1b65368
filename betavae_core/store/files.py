"""Files of a run: their names, atomic writing, and the lock of the process that trains it."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ..errors import InputError, Refusal

CONFIG, WEIGHTS = "config.json", "weights.safetensors"
HISTORY, SCORES = "history.jsonl", "scores.json"
RECORD, STRIP = "record.json", "strip.png"  # replace weights that are not kept
TRAINING_LOCK, SCORES_LOCK = ".training.lock", ".scores.lock"


class BeingTrained(InputError):
    """Another process has locked the run."""


def reason(error: Exception) -> str:
    """The cause of a failed reading, without the file's path, which the message has already."""
    return getattr(error, "strerror", None) or str(error)


def json_line(record: dict[str, Any]) -> str:
    """A record as JSON on one line, without spaces: there are thousands in a collection."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def write_atomically(path: Path, data: bytes, durable: bool = True) -> None:
    """Write a whole file or nothing: readers never see part of it, and a kill leaves the old one;
    if it is durable, also a power cut."""
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.chmod(part, 0o644)
        os.replace(part, path)
        if durable and os.name == "posix":
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)  # the new name also survives a power cut
            finally:
                os.close(folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(part)


def check_writable(folder: Path) -> None:
    """Raise `InputError` if this process may not write into a folder, or make it where it is
    missing."""
    folder = folder.absolute()
    there = next(each for each in (folder, *folder.parents) if os.path.exists(each))
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise InputError(
            f"Cannot write to {folder}: {there} is not a writable folder; allow it, or choose "
            "another folder of runs (--runs or BETAVAE_RUNS).",
            Refusal.NOT_WRITTEN,
            path=str(folder),
        )


@contextmanager
def sole_writer(path: Path) -> Iterator[None]:
    """Lock the run against training by other processes; even a kill releases the lock. Raises
    `BeingTrained` if another one has it, and `InputError` if the folder cannot be written."""
    check_writable(path)
    lock = FileLock(path / TRAINING_LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise BeingTrained(f"{path} is being trained by another process.") from error
    try:
        yield
    finally:
        lock.release()
