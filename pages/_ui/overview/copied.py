"""Rows of pictures, a label to the left of each, and a copy of those that a new visitor sees: a
dashboard that starts shows the copy until torch is imported and the rows are drawn."""

import base64
import hashlib
import json
import sys
from contextlib import suppress
from pathlib import Path

import streamlit as st

from betavae_core import __version__
from betavae_core.paths import cache_root, runs_root

Rows = list[tuple[str, bytes]]  # label as markdown, PNG
COPY = "overview-rows.json"
WEIGHTS = ("config.json", "weights.safetensors", "strip.png")


def draw_row(label: str, picture: bytes) -> None:
    text_at, picture_at = st.columns([1, 5], vertical_alignment="center", gap="small")
    text_at.markdown(label)
    picture_at.image(picture, width="stretch", output_format="PNG")


def copied_rows() -> Rows:
    """The rows that this dashboard showed last to a new visitor, if its runs are still the same and
    this process has drawn nothing yet; otherwise none."""
    if "torch" in sys.modules or st.query_params:
        return []
    with suppress(OSError, ValueError, KeyError, TypeError):  # no copy, or a damaged one
        copy = json.loads((cache_root() / COPY).read_bytes())
        if copy["of"] == _state():
            return [(str(label), base64.b64decode(picture)) for label, picture in copy["rows"]]
    return []


def copy_rows(rows: Rows) -> None:
    """Keep the rows for the next start; a cache folder that cannot be written keeps none."""
    if st.query_params:
        return
    from betavae_core.store.files import write_atomically

    data = {"of": _state(), "rows": [[text, base64.b64encode(png).decode()] for text, png in rows]}
    path, written = cache_root() / COPY, json.dumps(data).encode()
    with suppress(OSError):
        if not path.exists() or path.read_bytes() != written:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, written)


def _state() -> str:
    """Changes with any run's settings or weights, and with this program."""
    found = [__version__, str(runs_root())]
    for folder in sorted(runs_root().glob("[!.]*")):
        found += [f"{folder.name}/{name} {_stamp(folder / name)}" for name in WEIGHTS]
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


def _stamp(path: Path) -> str:
    with suppress(OSError):
        stat = path.stat()
        return f"{stat.st_size} {stat.st_mtime_ns}"
    return "-"
