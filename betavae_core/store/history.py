"""The history of a training: one JSON record a line."""

import json
import math
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..errors import InputError, Refusal, cannot_read
from .files import HISTORY, json_line, write_atomically

# of a rounded history
KL_DIGITS = 3  # decimals of a latent's KL in nats
MOST_KL = 13_000  # values of KL, over all records and latents


def append_history(path: Path, record: dict[str, Any]) -> None:
    """Add one line; a kill while writing loses only this line."""
    with open(path / HISTORY, "a", encoding="utf-8") as file:
        file.write(json_line(record) + "\n")


def rewrite_history(path: Path, records: list[dict[str, Any]]) -> None:
    text = "".join(json_line(record) + "\n" for record in records)
    write_atomically(path / HISTORY, text.encode())


def rounded_history(path: Path) -> None:
    """Write the history of a finished run anew with five significant digits, the KL of each latent
    to 0.001 nats, and, of more than `MOST_KL` values of KL, means over several records each; no
    chart can tell it from the whole. For collections in which megabytes count."""
    records = read_history(path)[0]
    values = sum(len(record.get("kl", [])) for record in records)
    joined = _joined(records, math.ceil(values / MOST_KL))
    rewrite_history(path, [_rounded(record) for record in joined])


def _joined(records: list[dict[str, Any]], size: int) -> list[dict[str, Any]]:
    """Each `size` records of losses as one, with the means over their images, and the last ones as
    one; all else as it is."""
    if size <= 1:
        return records
    last = max(number for number, record in enumerate(records) if "kl" in record)
    found: list[dict[str, Any]] = []
    group: list[dict[str, Any]] = []
    begin = 0  # images before the group
    for number, record in enumerate(records):
        if "kl" not in record:
            found.append(record)
            continue
        group.append(record)
        if len(group) == size or number == last:
            found.append(_mean(group, begin))
            begin, group = record["images"], []
    return found


def _mean(group: list[dict[str, Any]], begin: int) -> dict[str, Any]:
    """One record for several, the first of which is about the images from `begin` on."""
    ends = [begin, *(record["images"] for record in group)]
    shares = [(end - start) / (ends[-1] - begin) for start, end in pairwise(ends)]

    def mean(values: Iterable[float]) -> float:
        return sum(share * value for share, value in zip(shares, values, strict=True))

    means = {name: mean(record[name] for record in group) for name in ("loss", "nll")}
    kl = [mean(values) for values in zip(*(record["kl"] for record in group), strict=True)]
    return group[-1] | means | {"kl": kl}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, list):  # KL of the latents
        return [round(_rounded(each), KL_DIGITS) for each in value]
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
