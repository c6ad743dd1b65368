"""Write uploaded files to a folder: names made harmless, zip archives unpacked within limits.

Sizes are added up before a file is read. The declarations of an archive are checked before anything
is written, and the output is counted as it is written, since a declaration may lie. A refusal
leaves nothing behind.
"""

import io
import os
import shutil
import stat
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ..errors import InputError, Refusal
from .files import MAX_FILE, read_bytes
from .folders import START, SUFFIXES
from .foreign import TABLE, may_hold_tensors, program_of
from .names import shown
from .tensors import MAX_TENSORS
from .zips import entry_names, first_name

Content = bytes | Path | BinaryIO

MAX_FILES = 64  # of one upload, or in one archive
MAX_RATIO = 100  # of unpacked to packed bytes; weights reach 2, settings 20
CHUNK = 2**20
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst")
IGNORED = ("__MACOSX", ".DS_Store")  # files that a Mac adds to its archives
BESIDE = {  # a settings file and its weights
    "config.json": "weights.safetensors",
    "history.jsonl": "weights.safetensors",
    "scores.json": "weights.safetensors",
    "specs.json": "model.pt",
    "model_config.json": "model.pt",
}
SETTINGS = (".json", ".jsonl", ".txt", ".log")  # may be empty: a note beside the weights says so
PAIR = ("encoder.onnx", "decoder.onnx")


def checkpoints_of(files: Sequence[tuple[str, bytes]]) -> dict[str, dict[str, bytes]]:
    """Uploaded files (name, content), in order of arrival, grouped into checkpoints: name → files.
    A second upload beside the first is a checkpoint of its own, even if its files have the same
    names; settings stay with their weights."""
    batches: list[dict[str, bytes]] = [{}]
    for name, data in files:
        if name in batches[-1]:
            batches.append({})
        batches[-1][name] = data
    found: dict[str, dict[str, bytes]] = {}
    for group in (group for batch in batches for group in _apart(batch)):
        label, number = ", ".join(group), 1
        while label in found:
            number += 1
            label = f"{', '.join(group)} ({number})"
        found[label] = group
    return found


def _apart(files: dict[str, bytes]) -> Iterator[dict[str, bytes]]:
    """The files of one checkpoint, or of several that were uploaded together."""
    whole = [
        name
        for name, data in files.items()
        if may_hold_tensors(data[:START]) or Path(name).suffix.lower() in (*SUFFIXES, ".zip")
    ]
    pair = {name: files[name] for name in PAIR if name in files}
    if len(whole) + bool(pair) <= 1:
        yield files
        return
    for name in whole:
        yield {name: files[name]} | {
            other: data for other, data in files.items() if BESIDE.get(other) == name
        }
    if pair:
        yield pair


def unpack_upload(files: Mapping[str, Content], folder: str | Path) -> Path:
    """Put uploaded files (name → content, its path, or an open file) into `folder`; returns the
    path to open: the one file, or the folder of several. A zip of a checkpoint's folder is
    unpacked; PyTorch's own files are also zips and stay as they are. Raises `InputError` with one
    sentence, and then has written nothing."""
    folder = Path(folder)
    if not files:
        raise InputError("No file was uploaded.", Refusal.MISSING, name="file")
    if len(files) > MAX_FILES:
        raise InputError(
            f"{len(files)} files were uploaded; at most {MAX_FILES} are allowed.",
            Refusal.VALUE,
            name="files",
            expected=f"at most {MAX_FILES}",
            got=len(files),
        )
    if sum(map(_size, files.values())) > MAX_FILE:
        raise InputError(f"The upload has more than {MAX_FILE / 2**20:,.0f} MB.", Refusal.TOO_LARGE)
    contents: dict[str, bytes] = {}
    for given, content in files.items():
        _add(contents, safe_name(given), _read(content))
    top = folder
    if len(contents) == 1:
        ((name, data),) = contents.items()
        if _is_archive(data, name):
            contents = _unpacked(data, name)
            top = folder / (Path(name).stem.strip(". ") or "upload")
    try:
        top.mkdir(parents=True, exist_ok=True)
        if any(top.iterdir()):
            raise InputError(
                "The folder for the upload already has files in it.", Refusal.EXISTS, path=str(top)
            )
        for name, data in contents.items():
            (top / name).write_bytes(data)
    except OSError as error:
        shutil.rmtree(top, ignore_errors=True)
        raise InputError(
            f"The upload cannot be written ({error.strerror}).",
            Refusal.NOT_WRITTEN,
            path=str(top),
            reason=str(error.strerror),
        ) from error
    return top / next(iter(contents)) if len(contents) == 1 else top


def safe_name(given: str) -> str:
    """The last part of a name, without characters that a file system or message cannot take."""
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last).strip(". ")
    if not name:
        raise InputError(
            f'"{shown(given)}" is not a name that a file can have.',
            Refusal.VALUE,
            name="name",
            got=shown(given),
        )
    if len(name.encode("utf-8", "replace")) > 200:
        raise InputError(
            f'The name "{shown(name)}" is too long.', Refusal.VALUE, name="name", got=shown(name)
        )
    return name


def _add(contents: dict[str, bytes], name: str, data: bytes) -> None:
    if name.casefold() in {other.casefold() for other in contents}:
        raise InputError(
            f'There are two files named "{shown(name)}".', Refusal.CONFLICT, name=shown(name)
        )
    if not data and Path(name).suffix.lower() not in SETTINGS:
        raise InputError(f"{shown(name)} is empty.", Refusal.EMPTY)
    contents[name] = data


def _size(content: Content) -> int:
    if isinstance(content, bytes):
        return len(content)
    if isinstance(content, Path):
        return content.stat().st_size if content.is_file() else 0  # `read_bytes` gives the reason
    return content.seek(0, os.SEEK_END)


def _read(content: Content) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, Path):
        return read_bytes(content)
    content.seek(0)
    return content.read(MAX_FILE)


def _is_archive(data: bytes, name: str) -> bool:
    """Whether this is a zip, and not PyTorch's (which has its table one folder down, or is a
    program)."""
    first = first_name(data)
    if first is None or first.endswith(TABLE):
        return False
    names = entry_names(data, 4 * MAX_TENSORS, shown(name))
    return not program_of(names) and not any(each.endswith(TABLE) for each in names)


def _unpacked(data: bytes, label: str) -> dict[str, bytes]:
    """The files of an archive with one folder, as name → content."""
    label = shown(label)
    contents: dict[str, bytes] = {}
    entry_names(data, MAX_FILES, label)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [e for e in archive.infolist() if not _ignored(_path(e))]
            _check_entries(entries, len(data), label)
            left = MAX_FILE
            for entry in entries:
                if not _path(entry).endswith("/"):
                    content = _content(archive, entry, left, label)
                    left -= len(content)
                    _add(contents, safe_name(_path(entry)), content)
    except (InputError, MemoryError):
        raise
    except Exception as error:  # zipfile fails in many ways on damaged bytes
        raise InputError(f"{label} is a damaged zip archive.", Refusal.DAMAGED) from error
    if not contents:
        raise InputError(f"{label} is an archive without files.", Refusal.EMPTY)
    return contents


def _path(entry: zipfile.ZipInfo) -> str:
    """An entry's path; some archivers on Windows separate its parts with backslashes."""
    return entry.filename.replace("\\", "/")


def _ignored(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and (parts[0] in IGNORED or parts[-1] in IGNORED)


def _check_entries(entries: list[zipfile.ZipInfo], packed: int, label: str) -> None:
    """Check everything that the archive's own list of entries states, before one is opened."""
    size = sum(entry.file_size for entry in entries)
    if size > MAX_FILE:
        raise InputError(
            f"{label} would unpack to {size / 2**20:,.0f} MB; at most {MAX_FILE / 2**20:,.0f} MB "
            "are allowed.",
            Refusal.TOO_LARGE,
        )
    if size > MAX_RATIO * packed:
        raise InputError(
            f"{label} would unpack to more than {MAX_RATIO} times its size.", Refusal.TOO_LARGE
        )
    folders = set()
    for entry in entries:
        name, path = shown(entry.filename), _path(entry)
        parts = PurePosixPath(path).parts
        if path.startswith("/") or ".." in parts or ":" in path.split("/")[0]:
            raise InputError(
                f'{label} has the entry "{name}", which leads out of its folder.', Refusal.DAMAGED
            )
        mode = entry.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise InputError(
                f'{label} has the entry "{name}", which is a link or a device.', Refusal.FOREIGN
            )
        if entry.flag_bits & 1:
            raise InputError(
                f"{label} is encrypted; upload it without a password.", Refusal.FOREIGN
            )
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError(
                f"{label} uses an unsupported compression; pack it as an ordinary zip.",
                Refusal.FOREIGN,
            )
        if not path.endswith("/"):
            folders.add(parts[:-1])
    if len(folders) > 1:
        raise InputError(
            f"{label} has files in several folders; pack a single checkpoint's folder.",
            Refusal.FOLDER,
        )


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, label: str) -> bytes:
    """One entry, counted as it is read: it must have its declared size."""
    name, made = shown(entry.filename), io.BytesIO()
    with archive.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            made.write(chunk)
            if made.tell() > min(entry.file_size, left):
                raise InputError(
                    f'{label}: the entry "{name}" is larger than it declares.', Refusal.DAMAGED
                )
    content = made.getvalue()
    first = first_name(content)  # an inner zip is not opened
    if name.casefold().endswith(ARCHIVES) or (first is not None and not first.endswith(TABLE)):
        raise InputError(
            f'{label} contains the archive "{name}"; pack the files themselves.', Refusal.FOREIGN
        )
    return content
