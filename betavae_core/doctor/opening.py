"""The first three questions: what is this file, which layout has it, does it load strictly?"""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, Refusal
from ..importers import IMPORTERS, Imported
from ..importers.files import MAX_FILE
from .finding import Finding, Verdict, finite

BLOCK = 2**20
TITLES = {"file": "File", "layout": "Layout", "loads": "Strict loading"}
BROKEN, CLOSED = Verdict.BROKEN, Verdict.NOT_OPENED  # kinds of refusal that show an incomplete file


@dataclass(frozen=True)
class Cause:
    """For a kind of refusal: the question that fails, the verdict and the usual cause."""

    question: str  # of TITLES
    verdict: Verdict
    why: str


CAUSES: dict[Refusal, Cause] = {
    Refusal.UNREADABLE: Cause("file", CLOSED, "The file cannot be read: check that it exists, is "
                              "a file, and may be read."),
    Refusal.EMPTY: Cause("file", BROKEN, "A download or a copy that never began: repeat it."),
    Refusal.TOO_LARGE: Cause("file", CLOSED, "Larger than models of this kind need: save only the "
                             "weights of encoder and decoder."),
    Refusal.DAMAGED: Cause("file", BROKEN, "A truncated copy or download, or flipped bits: copy it "
                           "again and compare the sizes."),
    Refusal.FOREIGN: Cause("file", CLOSED, "This is not the file of the weights itself."),
    Refusal.PROTOCOL: Cause("file", CLOSED, "An unusual pickle_protocol when the file was saved."),
    Refusal.OBJECT: Cause("file", CLOSED, "A whole model, or settings and other objects saved with "
                          "the weights: save model.state_dict() alone."),
    Refusal.NUMPY: Cause("file", CLOSED, "A loss or a score that was stored in the checkpoint as "
                         "a NumPy object."),
    Refusal.PROGRAM: Cause("file", CLOSED, "An exported program instead of its weights."),
    Refusal.NO_TENSORS: Cause("file", CLOSED, "Settings, results or a tensor alone, instead of a "
                              "model's named tensors."),
    Refusal.TYPE: Cause("file", CLOSED, "Numbers of a type unsuitable for weights (whole or "
                        "complex ones, floats of 8 bits): save them as float32."),
    Refusal.NOT_FINITE: Cause("file", BROKEN, "The training diverged (learning rate too high, half "
                              "precision): use an earlier checkpoint."),
    Refusal.AMBIGUOUS: Cause("layout", CLOSED, "Weights saved together with their average, or two "
                             "models in one file."),
    Refusal.NO_ENTRY: Cause("layout", CLOSED, "The name of another file's entry."),
    Refusal.UNKNOWN: Cause("layout", CLOSED, "A checkpoint of another project or "
                           "architecture; the message names the nearest known layouts."),
    Refusal.LACKS: Cause("loads", CLOSED, "Another version of this architecture, or a checkpoint "
                         "that was saved only in part."),
    Refusal.SHAPE: Cause("loads", CLOSED, "Another size of this architecture than its names or "
                         "settings say."),
    Refusal.EXTRA: Cause("loads", CLOSED, "Another version of this architecture, or something "
                         "saved together with it (a discriminator, an optimiser)."),
    Refusal.SETTINGS: Cause("layout", CLOSED, "An unsupported variant of a known project, "
                            "or settings changed by hand."),
    Refusal.MANY_BETAS: Cause("layout", CLOSED, "A checkup is of one β: examine the run that "
                              "freeze writes."),
    Refusal.FOLDER: Cause("layout", CLOSED, "A folder of another project, one with several "
                          "checkpoints, or a part of one."),
    Refusal.PACKAGE: Cause("file", CLOSED, "An optional part of this lab that is not installed."),
    Refusal.COSTLY: Cause("file", CLOSED, "A very large file, or a very busy machine: try "
                          "again, or save only the weights."),
    Refusal.BUSY: Cause("file", CLOSED, "Other checkpoints are being read: try again."),
    Refusal.CRASHED: Cause("file", CLOSED, "A fault in a library that reads the file, or "
                           "unexpected bytes: save the weights again, as safetensors."),
}  # fmt: skip
OTHER = Cause("file", CLOSED, "An unsupported file; the message states the expected one.")
NEARLY = 75  # percent of names that a file must share with its intended layout


def opened(imported: Imported) -> list[Finding]:
    """The findings on an opened checkpoint: the file, its layout with the importer's notes, and the
    strict loading."""
    facts: dict[str, Any] = finite(imported.facts)
    origin = imported.config.origin or "a run of this lab"
    size = facts.get("bytes")
    parts = [str(facts[key]) for key in ("format", "dtype") if facts.get(key)]
    parts += [f"{size / 1e6:.1f} MB"] if isinstance(size, int | float) else []
    says = f"The file opens as pure data: {', '.join([origin, *parts])}."
    entry = IMPORTERS.get(imported.layout)
    layout = entry.layout if entry else imported.layout
    notes = " ".join(note.rstrip(".") + "." for note in imported.notes)
    whose = f"{layout[0].upper()}{layout[1:]}. {notes}"
    count = facts.get("tensors")
    loads = f"{f'All {count:,} tensors' if isinstance(count, int) else 'All tensors'} fit by name, "
    loads += "shape and type; none is missing"
    left = facts.get("beside", 0)
    loads += (
        f", and {left:,} other{'' if left == 1 else 's'} {'was' if left == 1 else 'were'} left out."
        if left
        else (" and none is left over.")
    )
    numbers = {"layout": imported.layout, "notes": imported.notes}
    return [
        Finding("file", TITLES["file"], Verdict.FINE, says, "", facts),
        Finding("layout", TITLES["layout"], Verdict.FINE, whose.strip(), "", numbers),
        Finding("loads", TITLES["loads"], Verdict.FINE, loads, "", {"tensors": count}),
    ]


def refused(error: InputError) -> list[Finding]:
    """The findings on a file that does not open: the questions it passed, and at the next one the
    importer's sentence with its usual cause. An unknown file is not called broken."""
    kind, facts = error.kind, error.facts
    before = {
        "file": "The file opens as data.",
        "layout": "A known layout, by its settings or names.",
    }
    if project := facts.get("project"):
        before["layout"] = f"The layout of {project}."
    if kind is Refusal.UNKNOWN and facts.get("percent", 0) >= NEARLY and facts.get("differs"):
        before["layout"] = f"The layout of {project}, by {facts['percent']} % of its names."
        kind = Refusal(facts["differs"])
    cause = CAUSES.get(kind, OTHER)
    passed = list(TITLES)[: list(TITLES).index(cause.question)]
    numbers = {"kind": str(error.kind), **finite(facts)}
    return [
        *(Finding(key, TITLES[key], Verdict.FINE, before[key]) for key in passed),
        Finding(
            cause.question, TITLES[cause.question], cause.verdict, str(error), cause.why, numbers
        ),
    ]


def file_hash(path: str | Path) -> str:
    """SHA-256 of a checkpoint's file; for a folder, of its largest file, the weights; "" if there
    is no readable file."""
    files = checkpoint_files(Path(path))
    largest = max(files, key=lambda each: files[each].st_size, default=None)
    return "" if largest is None else _digest(largest, files[largest])


def content_key(path: str | Path) -> str:
    """A key that changes with the name, size or content of any file of a checkpoint: two with the
    same key are the same checkpoint. For files too large to open, the time replaces the content."""
    files = checkpoint_files(Path(path))
    contents: dict[Path, str] = {}
    left = MAX_FILE
    for each in sorted(files, key=lambda each: files[each].st_size):
        left -= files[each].st_size
        contents[each] = _digest(each, files[each]) if left >= 0 else ""
    digest = hashlib.sha256()
    for each in sorted(files):
        status = files[each]
        digest.update(os.fsencode(each.name) + b"\0")
        digest.update(f"{status.st_size} {contents[each] or status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def checkpoint_files(path: Path) -> dict[Path, os.stat_result]:
    """The file, or the files of a folder except links, with their status."""
    try:
        entries = list(os.scandir(path)) if path.is_dir() else None
        if entries is None:
            return {path: path.stat()} if path.is_file() else {}
        return {
            Path(entry.path): entry.stat(follow_symlinks=False)
            for entry in entries
            if entry.is_file(follow_symlinks=False)
        }
    except (OSError, ValueError):  # missing or unreadable: opening it gives the reason
        return {}


def _digest(path: Path, status: os.stat_result) -> str:
    """SHA-256 of a file; "" if it is too large or cannot be opened."""
    if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE:
        return ""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
    except OSError:
        return ""
    return digest.hexdigest()
