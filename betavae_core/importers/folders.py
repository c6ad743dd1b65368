"""The one file of tensors in a folder that has no settings of a project known here."""

from pathlib import Path

from ..errors import InputError, Refusal
from .files import leads_out
from .foreign import may_hold_tensors
from .names import shown

# what weights are called; what they are is told by their content
SUFFIXES = (".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".tar", ".pkl", ".th", ".h5", ".keras")
START = 1024  # bytes that tell what a file is


def only_weights(folder: Path, label: str, known: list[str]) -> Path:
    """The only file that begins as files of tensors do, else the only one that is called like one,
    of which opening it says what it is. `label`: the folder in sentences; `known`: the layouts of
    folders. Raises `InputError`."""
    files = sorted(file for file in folder.iterdir() if file.is_file())
    called = [file for file in files if file.suffix.lower() in SUFFIXES]
    for file in called:
        if leads_out(file):
            raise InputError(
                f"{shown(file.name)} is a link that leads out of its folder.", Refusal.UNREADABLE
            )
    found = [file for file in files if not leads_out(file) and may_hold_tensors(_start(file))]
    if len(found or called) == 1:
        return (found or called)[0]
    if found or called:
        names = ", ".join(shown(file.name, 40) for file in (found or called)[:6])
        raise InputError(
            f"{label} is a folder with {len(found or called)} files of tensors, give one of them: "
            f"{names}.",
            Refusal.FOLDER,
        )
    raise InputError(
        f"{label} is a folder with no checkpoint in it; known are {'; '.join(known)}, or one file "
        "of tensors.",
        Refusal.FOLDER,
    )


def _start(path: Path) -> bytes:
    """The first bytes of a file; none of one that cannot be read: opening it says so."""
    try:
        with open(path, "rb") as file:
            return file.read(START)
    except OSError:
        return b""
