"""Files and folders from any source, read as data: bytes, settings, and files in a folder.

A file is read into memory once and judged by its content, never by its name.
"""

import json
import os
import stat
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import InputError, Refusal
from .foreign import kind_of
from .names import shown

MAX_FILE = 512 * 2**20  # bytes
MAX_JSON = 2**20  # bytes of a settings file


class Unreadable(Exception):
    """A file that cannot be used: `says` is the rest of a sentence about it, without a stop."""

    def __init__(self, says: str, kind: Refusal = Refusal.UNREADABLE) -> None:
        super().__init__(says)
        self.says, self.kind = says, kind


def read_bytes(path: Path, limit: int = MAX_FILE, name: str = "") -> bytes:
    """The content of a regular, non-empty file of at most `limit` bytes; messages use `name`."""
    try:
        return _content(path, limit)
    except Unreadable as error:
        raise InputError(f"{name or shown(path.name)} {error.says}.", error.kind) from error


def _content(path: Path, limit: int) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # does not block on a pipe
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise Unreadable(f"cannot be opened ({reason})") from error
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("is not a regular file")
        if status.st_size > limit:
            raise Unreadable(
                f"has {status.st_size / 2**20:,.0f} MB; at most {limit / 2**20:,.0f} MB are read",
                Refusal.TOO_LARGE,
            )
        data = file.read(status.st_size + 1)  # reading allocates this much, so not the limit
    if not data:
        raise Unreadable("is empty", Refusal.EMPTY)
    if len(data) != status.st_size:
        raise Unreadable("changed while it was read; try again")
    return data


def check_size(path: Path, limit: int) -> None:
    """Refuse anything but a regular file of at most `limit` bytes, before another reader opens
    it."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
        raise InputError(
            f"{shown(path.name)} is not a regular file of at most {limit / 2**20:,.0f} MB.",
            Refusal.TOO_LARGE,
        )


def inside(folder: Path, name: str, label: str = "") -> Path:
    """folder/name, if it is a file and not a link that leads out of the folder; messages call the
    folder `label`."""
    path = folder / name
    if leads_out(path):
        raise InputError(
            f"{shown(name)} is a link that leads out of its folder; it is not read.",
            Refusal.UNREADABLE,
        )
    if not path.is_file():
        raise InputError(
            f"{label or shown(folder.name)} has no file {shown(name)}.", Refusal.FOLDER
        )
    return path


def leads_out(path: Path) -> bool:
    """Whether this is a link that leads out of its folder."""
    return not path.resolve().is_relative_to(path.parent.resolve())


def settings_of(path: Path) -> dict[str, Any] | None:
    """The settings in a file, to recognise their project; None if the file is a link not to be
    followed, is not a JSON object or cannot be read: opening it gives the reason."""
    try:
        if leads_out(path):
            return None
        data = json.loads(read_bytes(path, MAX_JSON))
    except (InputError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def why_unusable(path: Path) -> str:
    """The reason why a settings file cannot be used, as the rest of a sentence; "" for a valid JSON
    object."""
    if leads_out(path):
        return "is a link that leads out of its folder"
    try:
        data = _content(path, MAX_JSON)
    except Unreadable as error:
        return error.says
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        kind = kind_of(data)
        return f"is {kind.what} ({kind.remedy})" if kind.known else "is not readable JSON"
    return "" if isinstance(found, dict) else "is not a JSON object with settings"


def read_json(path: Path) -> dict[str, Any]:
    """A settings file: one JSON object in which no setting occurs twice."""
    name = shown(path.name)
    content = read_bytes(path, MAX_JSON)
    try:
        data = json.loads(content, object_pairs_hook=partial(unique, name))
    except (ValueError, RecursionError) as error:
        kind = kind_of(content)  # instead of settings: a pointer, a page, …
        if kind.known:
            raise InputError(f"{name} is {kind.what}: {kind.remedy}.", Refusal.FOREIGN) from error
        raise InputError(f"{name} is not readable JSON.", Refusal.DAMAGED) from error
    if not isinstance(data, dict):
        raise InputError(f"{name} must be one JSON object with settings.", Refusal.SETTINGS)
    return data


def unique(name: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object without duplicate names, which two readers could interpret differently."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InputError(f'{name} has two entries named "{shown(key)}".', Refusal.DAMAGED)
        found[key] = value
    return found
