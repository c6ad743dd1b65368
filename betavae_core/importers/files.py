"""Files and folders from anywhere, read as data: bytes, settings, and which file is meant.

A file is read into memory once and judged by its content, never by its name.
"""

import json
import os
import stat
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import InputError, Refusal
from .foreign import UNTOLD, kind_of
from .names import shown

MAX_FILE = 512 * 2**20  # bytes
MAX_JSON = 2**20  # bytes of a settings file


def read_bytes(path: Path, limit: int = MAX_FILE, name: str = "") -> bytes:
    """The content of a regular, not empty file of at most `limit` bytes; `name` for sentences."""
    name = name or shown(path.name)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe does not hold us up
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise InputError(f"{name} cannot be opened ({reason}).", Refusal.UNREADABLE) from error
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{name} is not a regular file.", Refusal.UNREADABLE)
        if status.st_size > limit:
            raise InputError(
                f"{name} has {status.st_size / 2**20:,.0f} MB; at most {limit / 2**20:,.0f} MB are "
                "read.",
                Refusal.TOO_LARGE,
            )
        data = file.read(status.st_size + 1)  # as much is set aside, so not the limit
    if not data:
        raise InputError(f"{name} is empty.", Refusal.EMPTY)
    if len(data) != status.st_size:
        raise InputError(f"{name} changed while it was read; try it again.", Refusal.UNREADABLE)
    return data


def check_size(path: Path, limit: int) -> None:
    """Refuse what is no regular file, or larger than `limit` bytes, before others read it."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
        raise InputError(
            f"{shown(path.name)} is no regular file of at most {limit / 2**20:,.0f} MB.",
            Refusal.TOO_LARGE,
        )


def inside(folder: Path, name: str, label: str = "") -> Path:
    """folder/name, if that is a file which does not lead out of the folder by a link; `label`
    stands for the folder in sentences."""
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
    """What a settings file holds, to see whose it is; None of one that must not be followed, is no
    JSON object or cannot be read: opening it says which."""
    try:
        if leads_out(path):
            return None
        data = json.loads(read_bytes(path, MAX_JSON))
    except (InputError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def why_unusable(path: Path) -> str:
    """What keeps a settings file from being used, as the rest of a sentence; "" of one that is a
    JSON object."""
    if leads_out(path):
        return "is a link that leads out of its folder"
    try:
        data = read_bytes(path, MAX_JSON)
    except InputError as error:
        return str(error).removeprefix(shown(path.name)).strip(" .")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        what, remedy = _instead_of_json(data)
        return f"is {what} ({remedy})" if what else "is not readable JSON"
    return "" if isinstance(found, dict) else "holds no JSON object with settings"


def read_json(path: Path) -> dict[str, Any]:
    """A settings file: one JSON object, and no setting in it given twice."""
    name = shown(path.name)
    content = read_bytes(path, MAX_JSON)
    try:
        data = json.loads(content, object_pairs_hook=partial(unique, name))
    except (ValueError, RecursionError) as error:
        what, remedy = _instead_of_json(content)
        if what:
            raise InputError(f"{name} is {what}: {remedy}.", Refusal.FOREIGN) from error
        raise InputError(f"{name} is not readable JSON.", Refusal.DAMAGED) from error
    if not isinstance(data, dict):
        raise InputError(f"{name} must hold one JSON object with settings.", Refusal.SETTINGS)
    return data


def _instead_of_json(data: bytes) -> tuple[str, str]:
    """What a file is that stands in the place of settings (a pointer, a page, …), and what to do;
    nothing of a text, which may be damaged settings, and of what is not known."""
    what, remedy = kind_of(data)
    return ("", "") if what in UNTOLD else (what, remedy)


def unique(name: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object without doubled names: of two readers each may believe another one of them."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InputError(
                f'{name} has two entries of one name, "{shown(key)}".', Refusal.DAMAGED
            )
        found[key] = value
    return found
