"""The scores of a run: a list of JSON records."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock

from ..errors import InputError, Refusal
from .files import SCORES, SCORES_LOCK, json_line, reason, write_atomically


def add_score(path: Path, record: dict[str, Any]) -> None:
    """Write a score record to scores.json, replacing one with the same score and settings; several
    processes may score a run at once."""
    key = (record["score"], record.get("settings"))
    with FileLock(path / SCORES_LOCK):
        others = [r for r in read_scores(path) if (r["score"], r.get("settings")) != key]
        write_atomically(path / SCORES, scores_text([*others, record]).encode())


def scores_text(records: Sequence[dict[str, Any]]) -> str:
    """The records as JSON, one in each line."""
    lines = ",\n".join(map(json_line, records))
    return f"[\n{lines}\n]\n"


def read_scores(path: Path, label: str = "") -> list[dict[str, Any]]:
    """The records; messages call the run's folder `label`."""
    label = label or path.name
    try:
        records = json.loads((path / SCORES).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"{label}: {SCORES} is damaged ({reason(error)}).", Refusal.DAMAGED
        ) from error
    if not isinstance(records, list) or not all(
        isinstance(record, dict) and "score" in record for record in records
    ):
        raise InputError(
            f"{label}: {SCORES} must be a list of score records.", Refusal.CONTENT, file=SCORES
        )
    return records
