"""A checkup that is kept beside a checkpoint, in its folder: the findings with their pictures, as
long as the weights are the same."""

import base64
import io
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..errors import InputError, Refusal, damaged
from ..importers.names import shown
from ..pictures.files import png
from ..store.files import write_atomically
from .finding import Finding, Verdict
from .opening import file_hash
from .summary import Label, record

CHECKUP = "checkup.json"


def check_folder(path: Path) -> None:
    """Raise `InputError` for a checkpoint that is not a folder."""
    if not path.is_dir():
        raise InputError(
            f"{shown(path.name)} is one file; only a checkpoint that is a folder has a place for "
            "its checkup.",
            Refusal.VALUE,
            name="path",
        )


def keep_beside(path: Path, findings: Sequence[Finding], label: Label) -> None:
    """Write the checkup of the checkpoint in the folder `path`."""
    pictures = {
        each.key: {
            caption: base64.b64encode(png(picture)).decode()
            for caption, picture in each.images.items()
        }
        for each in findings
        if each.images
    }
    told = record(findings, label) | {
        "day": label.day.isoformat(),
        "made_with": label.made_with,
        "pictures": pictures,
    }
    write_atomically(path / CHECKUP, (json.dumps(told, ensure_ascii=False) + "\n").encode())


def kept_beside(path: Path) -> tuple[list[Finding], Label] | None:
    """The checkup in a checkpoint's folder, without the records that `remembered` uses; None if
    there is none, or if the weights have changed since. Raises `InputError` if the file is
    damaged."""
    try:
        told = json.loads((path / CHECKUP).read_bytes())
        day = date.fromisoformat(told["day"])
        label = Label(told["name"], told["sha256"], day, told["made_with"])
        if label.sha256 != file_hash(path):
            return None
        return [_finding(each, told["pictures"]) for each in told["findings"]], label
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(
            f"The checkup that is stored as {shown(path.name)}/{CHECKUP}",
            f"expected what `check --beside` writes, got {_what_is_wrong(error)}",
            f"replace it with `python -m betavae_core check {shown(str(path), 300)} --beside`, or "
            "delete this file",
        ) from error


def _what_is_wrong(error: Exception) -> str:
    """What is wrong with a file, in words: a missing entry is told as its mere name."""
    return f"no entry {error}" if isinstance(error, KeyError) else str(error)


def _finding(told: dict[str, Any], pictures: dict[str, dict[str, str]]) -> Finding:
    images = {
        caption: np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB"))
        for caption, text in pictures.get(told["key"], {}).items()
    }
    told = told | {"verdict": Verdict(told["verdict"]), "images": images}
    return Finding(**told)
