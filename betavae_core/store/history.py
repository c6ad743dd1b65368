"""The history of a training: one JSON record a line."""

import json
from pathlib import Path
from typing import Any

from ..errors import InputError, Refusal, cannot_read
from .files import HISTORY, json_line, write_atomically


def append_history(path: Path, record: dict[str, Any]) -> None:
    """Add one line; a kill while writing loses only this line."""
    with open(path / HISTORY, "a", encoding="utf-8") as file:
        file.write(json_line(record) + "\n")


def rewrite_history(path: Path, records: list[dict[str, Any]]) -> None:
    text = "".join(json_line(record) + "\n" for record in records)
    write_atomically(path / HISTORY, text.encode())


def rounded_history(path: Path) -> None:
    """Write the history of a finished run anew with five significant digits, which no chart can
    tell from all of them; for collections in which megabytes count."""
    rewrite_history(path, [_rounded(record) for record in read_history(path)[0]])


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return value


def read_history(path: Path, label: str = "") -> tuple[list[dict[str, Any]], list[str]]:
    """The records, and notes about missing ones; a last line cut off by a kill is left out.
    Messages call the run's folder `label`."""
    label = label or path.name
    try:
        lines = (path / HISTORY).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return [], [f"{HISTORY} is missing: no training curves."]
    except (OSError, UnicodeDecodeError) as error:
        raise cannot_read(f"{label}: {HISTORY}", error) from error
    records: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            if not isinstance(record, dict) or not isinstance(record.get("images"), int):
                raise ValueError("not a record")
        except (ValueError, RecursionError) as error:
            if number == len(lines):
                return records, [f"The last line of {HISTORY} is cut off and was left out."]
            raise InputError(
                f"{label}: line {number} of {HISTORY} is damaged.", Refusal.DAMAGED
            ) from error
        records.append(record)
    return records, []
