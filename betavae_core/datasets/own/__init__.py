"""Users' own images by name: folders and zips of pictures, .npz and .h5 files with an array."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from ...disk_cache import Progress
from ...errors import InputError, Refusal, wrong_value
from ...presets import IMAGE_SHAPES
from ..mapped import OwnImages
from .arrays import SIZES, open_array
from .folders import open_pictures

ARRAYS = (".npz", ".h5", ".hdf5")
FILES = (".zip", *ARRAYS)
TAKEN = (*IMAGE_SHAPES, "folder", "unknown")  # names with another meaning


def open_own(
    path: Path,
    *,
    size: int | None = None,
    channels: int | None = None,
    progress: Progress | None = None,
    name: str | None = None,
    title: str | None = None,
    source: str = "own",
    whole: int | None = None,
) -> OwnImages:
    """Images of `path` as a dataset; `open_pictures` and `open_array` describe the processing.

    size: 32 or 64 pixels per side; channels: 1 or 3, for pictures; None: chosen from the images.
    Raises `InputError` if there is no usable image.
    """
    if size not in (None, *SIZES):
        raise wrong_value("Images", "at 32 or 64 pixels per side", size, "are used")
    name, title = name or own_name(path), title or path.name
    if path.suffix.lower() in ARRAYS:
        return open_array(path, name, title, size=size, progress=progress)
    if not path.is_dir() and not (path.suffix.lower() == ".zip" and path.is_file()):
        raise InputError(
            f"{path} is not a folder of images, a zip of one, or an array ({', '.join(ARRAYS)}).",
            Refusal.CONTENT,
            path=str(path),
        )
    return open_pictures(
        path,
        name,
        title,
        source=source,
        size=size,
        channels=channels,
        whole=whole,
        progress=progress,
    )


# ---- names


def own_name(path: Path) -> str:
    """The name that a file or folder gives its dataset: lower-case letters of any alphabet, with
    `-` for anything but a letter, digit, `_` or `.`; never the name of a dataset of the paper."""
    stem = path.stem if path.suffix.lower() in FILES else path.name
    text = unicodedata.normalize("NFC", stem.lower())
    name = re.sub(r"-+", "-", "".join(c if _stays(c) else "-" for c in text)).strip("-.")
    return f"{name}-own" if name in TAKEN else name or "images"


def full_name(path: Path) -> str:
    """The name of a dataset that shares its short one with another: the kind is added."""
    return own_name(path) + (path.suffix.lower() if path.suffix.lower() in FILES else "-folder")


def told_apart(paths: Sequence[Path]) -> dict[str, Path]:
    """Name → path: short names, or full ones if two share a short one, marked if two share even
    that. No name depends on the order, so a name never comes to mean another dataset."""
    short = Counter(map(own_name, paths))
    full = Counter(map(full_name, paths))
    named = {}
    for path in paths:
        name = own_name(path)
        if short[name] > 1 or (name in full and name != full_name(path)):
            name = full_name(path)
            if full[name] > 1 or name in short:
                mark = sha256(path.name.encode("utf-8", "surrogateescape")).hexdigest()[:6]
                name = f"{name}-{mark}"
        named[name] = path
    return named


def find_own(name: str, root: Path, known: Sequence[str] = ()) -> Path | None:
    """The file or folder under `root` whose dataset is called `name`; known: files and folders of
    other datasets. Raises `InputError` if several share the name."""
    paths = own_paths(root, known)
    named = told_apart(paths)
    if name in named:
        return named[name]
    several = [
        each
        for each, path in named.items()
        if name in (own_name(path), full_name(path), _former(path))
    ]
    if len(several) > 1:
        choices = " or ".join(f"{each} ({named[each].name})" for each in several)
        raise InputError(
            f'Several datasets in {root} have the same name "{name}": choose {choices}.',
            Refusal.CONFLICT,
            name=name,
            choices=[*several],
        )
    return named[several[0]] if several else None


def own_paths(root: Path, known: Sequence[str] = ()) -> list[Path]:
    """The possible datasets under `root`: folders, zips, .npz and .h5 files."""
    there = sorted(root.iterdir()) if root.is_dir() else []
    return [
        path
        for path in there
        if path.name not in known
        and not path.name.startswith(".")
        and (path.is_dir() or path.suffix.lower() in FILES)
    ]


def _stays(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in "_.-"
    return character.isprintable() and not character.isspace()


def _former(path: Path) -> str:
    """Its name in earlier versions: runs on it may be older than its present name."""
    stem = path.stem if path.suffix.lower() in FILES else path.name
    return re.sub(r"[^a-z0-9_.-]+", "-", stem.lower()).strip("-.") or "images"
