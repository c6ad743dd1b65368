"""Runs packed for another machine: one stream of files, cut into parts of a limited size.

A folder of parts has a `runs.json`, written last: the parts with their sizes and checksums, in
order, the runs in them, and those left out. The stream is an uncompressed tar of regular files
named RUN/FILE or RUN/snapshots/FILE, so that nothing grows when it is unpacked.
"""

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from .. import store
from ..errors import InputError, Refusal, cannot_read, cannot_write, damaged
from ..store import write_atomically
from ..store.snapshots import FOLDER
from ..training.resume import CHECKPOINT

MANIFEST = "runs.json"
PARTS, PART_BYTES = 5, 12 * 10**6
FILES = (
    *(store.CONFIG, store.WEIGHTS, store.HISTORY, store.SCORES, CHECKPOINT),
    *(store.RECORD, store.STRIP),
)
SNAPSHOT = re.compile(rf"{FOLDER}/[0-9]+\.safetensors")
RUN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,254}")
BLOCK = tarfile.BLOCKSIZE


class Outcome(StrEnum):
    """What became of a packed run."""

    UNPACKED = "unpacked"
    KEPT = "kept"  # a run of that name existed and is unchanged
    LEFT_OUT = "left out"  # it does not open


@dataclass(frozen=True)
class Unpacked:
    """The result for one packed run."""

    outcome: Outcome
    reason: str = ""  # why it was left out, one sentence

    def __str__(self) -> str:
        return self.reason or str(self.outcome)


def pack(
    runs: Iterable[Path], folder: Path, parts: int = PARTS, part_bytes: int = PART_BYTES
) -> dict[str, Any]:
    """Write run folders, in this order, as at most `parts` files of at most `part_bytes`; returns
    the content of `runs.json`.

    A run that no longer fits is left out entirely, and named. Earlier contents of `folder` are
    replaced when all new ones are written. Raises `InputError` if it cannot be written.
    """
    room = parts * part_bytes - 2 * BLOCK  # two empty blocks end a tar
    stream = io.BytesIO()
    packed: list[str] = []
    left_out: list[str] = []
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for run in runs:
            files = {name: data for name in _files(run) if (data := _read(run / name)) is not None}
            needed = sum(4 * BLOCK + len(data) + BLOCK for data in files.values())
            if not files or stream.tell() + needed > room - tarfile.RECORDSIZE:
                left_out.append(run.name)
                continue
            for name, data in files.items():
                entry = tarfile.TarInfo(f"{run.name}/{name}")
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
            packed.append(run.name)
    data = stream.getvalue()
    about: list[dict[str, Any]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for first in range(0, len(data), part_bytes):
            part = data[first : first + part_bytes]
            mark = hashlib.sha256(part).hexdigest()
            name = f"runs-{len(about)}-{mark[:8]}.part"
            write_atomically(folder / name, part)
            about.append({"file": name, "bytes": len(part), "sha256": mark})
        manifest = {"parts": about, "runs": packed, "left_out": left_out}
        write_atomically(folder / MANIFEST, json.dumps(manifest, indent=1).encode())
    except OSError as error:
        raise cannot_write(folder, error, "the runs to") from error
    for old in folder.glob("runs-*.part"):
        if old.name not in {part["file"] for part in about}:
            old.unlink()
    return manifest


def _files(run: Path) -> Iterator[str]:
    """The names of a run's own files; other files in its folder are not packed."""
    yield from (name for name in FILES if (run / name).is_file())
    yield from (f"{FOLDER}/{file.name}" for file in sorted((run / FOLDER).glob("*.safetensors")))


def _read(path: Path) -> bytes | None:
    """The file's bytes; None if a running training has just removed it."""
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return None


def unpack(folder: Path, root: Path) -> dict[str, Unpacked]:
    """Unpack the output of `pack` as runs under `root`; returns the result for each.

    Nothing is written outside `root`, nothing there is overwritten, and a run appears completely or
    not at all. Raises `InputError` for parts that are missing, damaged, or have anything but runs.
    """
    stream = _joined(folder)
    results: dict[str, Unpacked] = {}
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".unpacking-") as place:
            for run in _extract(stream, Path(place), folder):
                results[run.name] = _take(run, root)
    except OSError as error:
        raise cannot_write(root, error, "runs to") from error
    return results


def _joined(folder: Path) -> bytes:
    """The stream, every part checked."""
    try:
        parts = json.loads((folder / MANIFEST).read_text())["parts"]
        wanted = [(part["file"], part["bytes"], part["sha256"]) for part in parts]
    except FileNotFoundError as error:
        raise InputError(
            f"{folder} has no packed runs: it has no {MANIFEST}.",
            Refusal.MISSING,
            path=str(folder / MANIFEST),
        ) from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise damaged(folder / MANIFEST, error) from error
    data = []
    for name, size, mark in wanted:
        if not isinstance(name, str) or Path(name).name != name:
            raise InputError(
                f"{folder / MANIFEST} names a part outside its folder.",
                Refusal.CONTENT,
                path=str(folder / MANIFEST),
            )
        try:
            path = folder / name
            part = path.read_bytes() if path.stat().st_size == size else b""
        except OSError as error:
            raise cannot_read(folder / name, error) from error
        if hashlib.sha256(part).hexdigest() != mark:
            raise InputError(
                f"{folder / name} is damaged: it does not match {MANIFEST}.",
                Refusal.CONTENT,
                path=str(folder / name),
            )
        data.append(part)
    return b"".join(data)


def _extract(stream: bytes, place: Path, folder: Path) -> list[Path]:
    """The runs' folders, written into `place`; every name is checked before anything is written."""
    try:
        with tarfile.open(fileobj=io.BytesIO(stream), mode="r:") as archive:
            entries = archive.getmembers()
            for entry in entries:
                run, _, file = entry.name.partition("/")
                known = file in FILES or SNAPSHOT.fullmatch(file)
                if not (entry.isreg() and RUN.fullmatch(run) and known):
                    raise InputError(
                        f"{folder} has a file that does not belong to a run: "
                        f"{ascii(entry.name)[:80]}; nothing was unpacked.",
                        Refusal.CONTENT,
                        path=str(folder),
                    )
            for entry in entries:
                source = archive.extractfile(entry)
                assert source is not None, "checked above"
                target = place / entry.name
                target.parent.mkdir(parents=True, exist_ok=True)
                with open(target, "xb") as written:
                    shutil.copyfileobj(source, written)
    except (tarfile.TarError, FileExistsError, EOFError) as error:
        raise damaged(folder, error, what="is not an archive of runs") from error
    return sorted(place.iterdir())


def _take(run: Path, root: Path) -> Unpacked:
    """Move one run to its folder, if it opens and the name is free."""
    if (root / run.name).exists():
        return Unpacked(Outcome.KEPT)
    try:
        store.load_run(run)
        os.rename(run, root / run.name)  # fails if a folder with files has appeared meanwhile
    except InputError as error:
        return Unpacked(Outcome.LEFT_OUT, str(error))
    except OSError:
        return Unpacked(Outcome.KEPT)
    return Unpacked(Outcome.UNPACKED)
