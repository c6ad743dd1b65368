"""The file config.json of a run, as settings by name."""

import json
from collections.abc import Sequence
from dataclasses import MISSING, Field
from typing import Any

from .errors import InputError, Refusal, lacks, printable


def settings_of(text: str, known_fields: Sequence[Field[Any]], newest: int) -> dict[str, Any]:
    """The settings that a file states, of those that this version knows; newest: the format that
    it writes. Raises `InputError` for another file, a newer format, and unknown or missing
    settings."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"config.json is not readable JSON ({error}).", Refusal.CONTENT, reason=str(error)
        ) from error
    if not isinstance(data, dict):
        raise InputError(
            "config.json must be one JSON object with the run's settings.", Refusal.CONTENT
        )
    version = data.get("format")
    if not isinstance(version, int):
        raise InputError(
            'config.json has no whole number "format": it is not a run\'s config.',
            Refusal.CONTENT,
        )
    if version > newest:
        raise InputError(
            f"config.json has format {version}, written by a newer version; this one reads up "
            f"to {newest}: update to open the run.",
            Refusal.CONTENT,
            expected=newest,
            got=version,
        )
    known = {field.name for field in known_fields}
    if unknown := sorted(set(data) - known):
        raise InputError(
            f"config.json has unknown settings: {', '.join(unknown)}.",
            Refusal.UNKNOWN_NAME,
            what="setting",
            name=printable(", ".join(unknown)),
            choices=sorted(known),
        )
    needed = {f.name for f in known_fields if f.default is MISSING} | {"dataset", "model"}
    if missing := sorted(needed - set(data)):
        raise lacks("config.json", missing)
    return data
