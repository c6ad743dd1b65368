"""The first findings: what the file is, whose layout it has, whether everything in it fits."""

import hashlib
from pathlib import Path
from typing import Any

from ..importers import IMPORTERS, Imported
from .finding import Finding, finite

BLOCK = 2**20


def opened(imported: Imported) -> list[Finding]:
    """What a checkpoint that opened is: the file, and its layout with what the importer noted."""
    facts: dict[str, Any] = finite(imported.facts)
    origin = imported.config.origin or "a run of this lab"
    size = facts.get("bytes")
    parts = [str(facts[key]) for key in ("format", "dtype") if facts.get(key)]
    parts += [f"{size / 1e6:.1f} MB"] if isinstance(size, int | float) else []
    says = f"It opens as data alone: {', '.join([origin, *parts])}."
    entry = IMPORTERS.get(imported.layout)
    layout = entry.layout if entry else imported.layout
    notes = " ".join(note.rstrip(".") + "." for note in imported.notes)
    loads = f"{layout[0].upper()}{layout[1:]}; every tensor fits by name, shape and type. {notes}"
    numbers = {"layout": imported.layout, "notes": imported.notes}
    return [
        Finding("file", "File", "fine", says, "", facts),
        Finding("layout", "Layout", "fine", loads.strip(), "", numbers),
    ]


def refused(error: Exception) -> Finding:
    """What is said of a file that does not open: the importer's one sentence."""
    cause = "Not a checkpoint, one of an unknown project, or a damaged or cut-off file."
    return Finding("file", "File", "broken", str(error), cause)


def file_hash(path: str | Path) -> str:
    """SHA-256 of a checkpoint's file; of a folder that of its largest file, which is the weights;
    "" where there is nothing to read."""
    path = Path(path)
    if path.is_dir():
        files = [each for each in path.iterdir() if each.is_file() and not each.is_symlink()]
        path = max(files, key=lambda each: each.stat().st_size, default=path)
    if not path.is_file():
        return ""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
