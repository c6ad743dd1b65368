"""Clearing: entries whose work has ended leave the queue; their runs stay."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from ..errors import InputError, Refusal
from .entries import (
    FOLDER,
    OPEN,
    STATE,
    WANTED,
    Busy,
    Entry,
    entries,
    held,
    read_entry,
    sole_arrival,
)

ENDED = ("finished", "failed", "discarded")  # statuses of entries that `clear` removes
MOST_ENDED = 100  # entries without work left that stay when another one arrives


def clear(root: Path, statuses: Sequence[str] = ENDED, keep: int = 0) -> list[str]:
    """Remove the entries with these statuses but the newest `keep`, and what killed processes left
    of others; returns the ids of the removed entries."""
    if not (root / FOLDER).is_dir():
        return []
    with sole_arrival(root):
        there = [entry for entry in entries(root) if entry.state.status in statuses]
        gone = [entry.id for entry in there[: max(len(there) - keep, 0)] if _removed(entry)]
        for path in (root / FOLDER).iterdir():
            if path.is_dir() and (path.name.startswith(".") or not _is_entry(path)):
                shutil.rmtree(path)
    return gone


def clear_old(root: Path) -> None:
    """Remove the entries without work left but the newest `MOST_ENDED`."""
    clear(root, (*ENDED, "stopped"), MOST_ENDED)


def clear_entry(entry: Entry) -> None:
    """Remove one entry; raises `InputError` if work is left."""
    with sole_arrival(entry.run.parent):
        if read_entry(entry.path).state.status in OPEN or not _removed(entry):
            raise InputError(
                f"{entry.id} has work left: cancel it first, then clear it.", Refusal.BUSY
            )


def _removed(entry: Entry) -> bool:
    """Remove an entry, unless a process holds it. Hidden first, so that nobody reads half of it."""
    hidden = entry.path.with_name(f".{entry.id}")
    try:
        with held(entry):
            entry.path.rename(hidden)
            shutil.rmtree(hidden)
        return True
    except Busy:
        return False


def _is_entry(path: Path) -> bool:
    """Whether a folder has a file of an entry: the lock alone is made by who came too late."""
    return (path / WANTED).exists() or (path / STATE).exists()
