"""The first three questions: what is this file, whose layout has it, does it load strictly?"""

import hashlib
import os
import re
import stat
from pathlib import Path
from typing import Any

from ..importers import IMPORTERS, Imported
from ..importers.files import MAX_FILE
from .finding import Finding, finite

BLOCK = 2**20
TITLES = {"file": "File", "layout": "Layout", "loads": "Loads strictly"}
# what a refusal says → the question at which it failed, and what usually causes it; first come,
# first served: the sentence about an unknown layout also tells what the nearest one lacks
REFUSALS = (
    (r"of no layout known here", "layout",
     "Another project's or another architecture's checkpoint; the sentence names the nearest known "
     "layouts."),
    (r"lacks? (the )?tensor", "loads",
     "Another version of this architecture, or a checkpoint of which only a part was saved."),
    (r"has tensor .* expected|has shape .* asks for|do not fit its layer", "loads",
     "Another size of this architecture than its names or settings say."),
    (r"has the tensor .* not part of it|an unknown tensor", "loads",
     "Another version of this architecture, or something saved together with it (a discriminator, "
     "an optimiser)."),
    (r"wants to run|more than plain tensors|is a TorchScript program|is never opened", "file",
     "A whole pickled model instead of its weights, or a file made to do harm."),
    (r"holds NaN or infinite", "file",
     "The training diverged (learning rate too high, half precision), or the file is damaged."),
    (r"has type", "file",
     "Quantised weights, or a checkpoint of something else than a VAE."),
    (r"memory than|could not be read within|processor time|too large a file|waited", "file",
     "A file made to exhaust whoever reads it, or a very busy machine."),
    (r"damaged|cut off|truncated|is empty|declares|announces|made its reader crash", "file",
     "A truncated copy or download, or flipped bits: copy it again and compare the sizes."),
    (r"is a folder with|is half of a model", "layout",
     "A folder of another project, or one that holds several checkpoints."),
    (r"(specs|model_config|config)\.json|the operation|\.onnx|layers|describes a model", "layout",
     "A variant of a known project that is not read here, or settings changed by hand."),
    (r"no file of tensors|other than named tensors|not one that PyTorch", "file",
     "Another kind of file under a checkpoint's name."),
    (r"cannot be (opened|read)|is not there|is not a regular file|leads out of", "file",
     "It may not be read from here."),
)  # fmt: skip
NEARLY = 75  # percent of names shared with a layout that a file is meant to have
UNKNOWN = "Not a checkpoint, or a damaged or cut-off file."


def opened(imported: Imported) -> list[Finding]:
    """What a checkpoint that opened is: the file, its layout with what the importer noted, and that
    all of it fits."""
    facts: dict[str, Any] = finite(imported.facts)
    origin = imported.config.origin or "a run of this lab"
    size = facts.get("bytes")
    parts = [str(facts[key]) for key in ("format", "dtype") if facts.get(key)]
    parts += [f"{size / 1e6:.1f} MB"] if isinstance(size, int | float) else []
    says = f"It opens as data alone: {', '.join([origin, *parts])}."
    entry = IMPORTERS.get(imported.layout)
    layout = entry.layout if entry else imported.layout
    notes = " ".join(note.rstrip(".") + "." for note in imported.notes)
    whose = f"{layout[0].upper()}{layout[1:]}. {notes}"
    count = facts.get("tensors")
    loads = f"{f'All {count:,} tensors' if isinstance(count, int) else 'All tensors'} fit by name, "
    loads += "shape and type; none is missing and none is left over."
    numbers = {"layout": imported.layout, "notes": imported.notes}
    return [
        Finding("file", TITLES["file"], "fine", says, "", facts),
        Finding("layout", TITLES["layout"], "fine", whose.strip(), "", numbers),
        Finding("loads", TITLES["loads"], "fine", loads, "", {"tensors": count}),
    ]


def refused(error: Exception) -> list[Finding]:
    """What is said of a file that does not open: up to which question it came, and at that one the
    importer's sentence with its usual cause."""
    says = tested = str(error)
    before = {"file": "It opens as data.", "layout": "A known one, by its settings or its names."}
    if whose := re.search(r"in the layout of (.+?) for images of", says):
        before["layout"] = f"That of {whose[1]}."
    near = re.search(r"nearest are (.+?) \((\d+)% of the names shared; the file (.+?)\)[,.]", says)
    if near and int(near[2]) >= NEARLY:
        before["layout"] = f"By {near[2]} % of its names that of {near[1]}."
        tested = near[3] + (" expected" if "expected" in near[3] else "")
    failed, cause = next(
        ((key, why) for pattern, key, why in REFUSALS if re.search(pattern, tested)),
        ("file", UNKNOWN),
    )
    passed = list(TITLES)[: list(TITLES).index(failed)]
    return [
        *(Finding(key, TITLES[key], "fine", before[key]) for key in passed),
        Finding(failed, TITLES[failed], "broken", says, cause),
    ]


def file_hash(path: str | Path) -> str:
    """SHA-256 of a checkpoint's file; of a folder that of its largest file, which is the weights;
    "" where there is nothing that would be read."""
    files = checkpoint_files(Path(path))
    largest = max(files, key=lambda each: files[each].st_size, default=None)
    return "" if largest is None else _digest(largest, files[largest])


def content_key(path: str | Path) -> str:
    """Changes with the name, size or content of any file of a checkpoint: two that have the same
    are the same checkpoint. Of files beyond what would be opened the time stands for the content.
    """
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
    """The file, or those of a folder that are no links, with their status."""
    try:
        entries = list(os.scandir(path)) if path.is_dir() else None
        if entries is None:
            return {path: path.stat()} if path.is_file() else {}
        return {
            Path(entry.path): entry.stat(follow_symlinks=False)
            for entry in entries
            if entry.is_file(follow_symlinks=False)
        }
    except (OSError, ValueError):  # gone, or not ours to read: opening it says so
        return {}


def _digest(path: Path, status: os.stat_result) -> str:
    """SHA-256 of a file; "" of one that is too large to be opened or cannot be."""
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
