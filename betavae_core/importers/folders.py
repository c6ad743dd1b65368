"""The one file of tensors in a folder without settings of a known project."""

import os
import re
from pathlib import Path

from ..errors import InputError, Refusal
from .files import leads_out
from .foreign import may_hold_tensors
from .names import half_of, shown

# usual names of weights; their content decides
SUFFIXES = (".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".tar", ".pkl", ".th", ".h5", ".keras")
START = 1024  # bytes that identify a file's type
PART = re.compile(r".+-(\d{5})-of-(\d{5})(\.\w+)+")  # of weights that are saved in several files
INNER = 500  # files in subfolders that are examined
DEEP = 4  # depth of nested folders


def only_weights(folder: Path, label: str, known: list[str]) -> Path:
    """The only file that begins like a file of tensors, otherwise the only one with such a name
    (opening it then gives the reason). `label`: the folder's name in messages; `known`: the
    layouts of folders. Raises `InputError`."""
    called = [file for file in _files(folder) if file.suffix.lower() in SUFFIXES]
    for file in called:
        if leads_out(file):
            raise InputError(
                f"{shown(file.name)} is a link that leads out of its folder.", Refusal.UNREADABLE
            )
    found = tensor_files(folder) or called
    if len(found) == 1:
        return found[0]
    if parts := [file for file in found if parts_of(file.name) > 1]:
        raise in_parts(label, parts[0].name, [file.name for file in parts])
    names = ", ".join(shown(file.name, 40) for file in found[:6])
    if len(found) == 2 and {half_of(file.name) for file in found} == {"encoder", "decoder"}:
        raise InputError(
            f"{label} has its encoder and decoder in two files ({names}): load both and save them "
            'as one with torch.save({"encoder": …, "decoder": …}, "model.pt").',
            Refusal.FOLDER,
        )
    if found:
        raise InputError(
            f"{label} is a folder with {len(found)} files of tensors; give one of them: {names}.",
            Refusal.FOLDER,
        )
    if inner := _inner(folder):
        names = ", ".join(shown(str(file.relative_to(folder)), 80) for file in inner[:6])
        which = "the file of tensors in a subfolder" if len(inner) == 1 else "one of those in it"
        raise InputError(
            f"{label} has its weights in a subfolder: give {which}, {names}.", Refusal.FOLDER
        )
    raise InputError(
        f"{label} is a folder without a checkpoint; known are {'; '.join(known)}, or one file "
        "of tensors.",
        Refusal.FOLDER,
    )


def tensor_files(folder: Path) -> list[Path]:
    """The files of a folder that begin like files of tensors, except links that lead out."""
    files = _files(folder)
    return [file for file in files if not leads_out(file) and may_hold_tensors(_start(file))]


def parts_of(name: str) -> int:
    """The number of parts that a name such as "model-00001-of-00002.safetensors" states."""
    found = PART.fullmatch(name)
    return int(found[2]) if found else 1


def in_parts(label: str, name: str, there: list[str]) -> InputError:
    """The refusal of weights in several files, of which these are present."""
    names = ", ".join(shown(each, 60) for each in there[:4])
    more = ", …" if len(there) > 4 else ""
    return InputError(
        f"{label} has weights in {parts_of(name):,} parts ({names}{more}): load each, put their "
        "dictionaries together ({**first, **second}) and save that as one file.",
        Refusal.FOLDER,
    )


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.is_file())


def _inner(folder: Path) -> list[Path]:
    """Files of tensors in the subfolders of a folder; links are not followed."""
    found: list[Path] = []
    left = INNER
    for place, folders, names in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(folders) if depth < DEEP else []
        for name in sorted(names):
            file = Path(place) / name
            left -= 1
            if left < 0:
                return found
            if not file.is_symlink() and file.is_file() and may_hold_tensors(_start(file)):
                found.append(file)
    return found


def _start(path: Path) -> bytes:
    """The first bytes of a file; empty if it cannot be read, since opening it gives the reason."""
    try:
        with open(path, "rb") as file:
            return file.read(START)
    except OSError:
        return b""
