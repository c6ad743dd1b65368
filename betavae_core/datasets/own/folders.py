"""A folder or zip of pictures as a dataset."""

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ...disk_cache import Progress, prepared
from ...errors import InputError, Refusal
from ..mapped import OwnImages
from ..npz import reading
from .levels import common_white, few_above, misfit, white_and_largest
from .picture import (
    EIGHT_BITS,
    FLOATS,
    LOOK,
    PICTURES,
    UNREAD,
    WHOLE,
    Unreadable,
    fit,
    is_read,
    look,
    shown,
)
from .splits import class_of, training_split

STEP = 512  # pictures decoded at once
READER = 2  # raise when the reading of pictures changes: prepared images are then made again

Read = Callable[[str], bytes]


def open_pictures(
    path: Path,
    name: str,
    title: str,
    *,
    source: str = "own",
    size: int | None = None,
    channels: int | None = None,
    whole: int | None = None,
    progress: Progress | None = None,
) -> OwnImages:
    """The pictures of `path` as images of `size` × `size` pixels, cropped to the middle square.

    size: 32 or 64; None: the one nearer to the median of their shorter sides. channels: 1 or 3;
    None: 3 if any picture is in colour. If there are training and test folders, only training is
    used. Unreadable pictures are left out and named. whole: the expected number. The dataset's note
    states these decisions. Raises `InputError` if there is no usable picture.
    """
    with _pictures(path) as (found, read):
        files = training_split(found)
        if not files:
            raise InputError(
                f"{path} has no pictures ({', '.join(PICTURES)}); give a folder or zip of "
                "pictures, "
                "for example with one subfolder per class.",
                Refusal.CONTENT,
                path=str(path),
                expected=[*PICTURES],
            )
        mark = fingerprint(path, files)
        looks = _looks(f"{short(name)}-{mark}-looks", files, read, title, progress)
        whites, fits = _whites(looks)
        if not fits.any():
            raise _none_usable(path, files, looks)
        size = size or nearest_size(int(np.sort(_sides(looks[fits]))[fits.sum() // 2]))
        channels = channels or (3 if looks["colour"][fits].any() else 1)
        row = size * size * channels

        def blocks(start: int) -> Iterator[np.ndarray]:
            for begin in range(start, len(files), STEP):
                block = np.zeros((len(files[begin : begin + STEP]), 1 + row), np.uint8)
                for line, number in zip(block, range(begin, begin + len(block)), strict=True):
                    if not fits[number]:
                        continue
                    try:
                        image = shown(lambda: read(files[number]), whites)  # noqa: B023
                    except Unreadable:
                        continue
                    line[0] = 1  # this row is an image
                    line[1:] = fit(image, size, channels).reshape(-1)
                yield block

        key = f"{short(name)}-{size}-{channels}-{mark}"
        shape = (len(files), 1 + row)
        rows = prepared(key, shape, np.uint8, blocks, title=title, progress=progress)
    good = rows[:, 0] == 1
    if not good.any():
        raise _none_usable(path, files, looks)
    images = np.lib.stride_tricks.as_strided(  # without the flag before each image
        rows[:, 1:],
        (len(files), size, size, channels),
        (rows.strides[0], size * channels, channels, 1),
    )
    kept = np.flatnonzero(good)
    left_out = np.flatnonzero(~good)
    names = [files[number] for number in kept]
    classes, labels = _classes(names)
    others = len(found) - len(files)
    notes = (
        [f"{len(kept):,} of {whole:,} training images"] if whole not in (None, len(kept)) else []
    )
    notes += (
        [f"only the training pictures (others, not used: {others:,})"]
        if others and not whole
        else []
    )
    return OwnImages(
        name,
        title,
        source,
        images,
        key=key,
        rows=kept if len(left_out) else None,
        skipped=[_printable(files[number]) for number in left_out],
        reasons=[_reason(path, files[number], looks[number]) for number in left_out],
        note="; ".join(
            [*notes, *_notes(looks[kept], whites, channels, [files[number] for number in kept])]
        ),
        labels=labels,
        classes=classes,
    )


def nearest_size(side: int) -> int:
    """32 or 64, for images of this many pixels per side."""
    return 32 if side <= 48 else 64


# ---- the files


@contextmanager
def _pictures(path: Path) -> Iterator[tuple[list[str], Read]]:
    """The pictures under a folder or in a zip, in name order, and how to read one."""
    if path.is_dir():
        found = [
            str(p.relative_to(path)) for p in path.rglob("*") if p.is_file() or _leads_nowhere(p)
        ]
        yield _named_like_pictures(found), lambda file: (path / file).read_bytes()
    else:
        with reading(path, "a zip of images", "give a folder or zip of images"):
            archive = zipfile.ZipFile(path)
        with archive:
            yield _named_like_pictures(archive.namelist()), archive.read


def _leads_nowhere(file: Path) -> bool:
    return file.is_symlink() and not file.exists()


def _named_like_pictures(names: list[str]) -> list[str]:
    return sorted(
        name
        for name in names
        if name.lower().endswith((*PICTURES, *UNREAD))
        and not any(part.startswith((".", "__MACOSX")) for part in Path(name).parts)
    )


def fingerprint(path: Path, files: list[str]) -> str:
    """A text that changes when a file is added, removed or rewritten, and with `READER`."""
    kinds = [ending for ending in PICTURES if is_read(ending)]
    mark = hashlib.sha256(f"{READER} {kinds}\n".encode())
    for file in files if path.is_dir() else [""]:
        stat = (path / file).stat(follow_symlinks=not _leads_nowhere(path / file))
        line = f"{file}\0{stat.st_size}\0{stat.st_mtime_ns}\n"
        mark.update(line.encode("utf-8", "surrogateescape"))
    return mark.hexdigest()[:16]


def _classes(files: list[str]) -> tuple[list[str], np.ndarray | None]:
    """The pictures' folders as their classes, if there are several: the names and, for each
    picture, the number of its class."""
    folders = [class_of(file) for file in files]
    names = sorted(set(folders))
    if len(names) < 2:
        return [], None
    number = {name: place for place, name in enumerate(names)}
    return [_printable(name) for name in names], np.array([number[folder] for folder in folders])


# ---- the pictures


def _looks(
    key: str, files: list[str], read: Read, title: str, progress: Progress | None
) -> np.ndarray:
    """A `LOOK` (N,) of every picture, kept on disk."""

    def blocks(start: int) -> Iterator[np.ndarray]:
        for begin in range(start, len(files), STEP):
            block = np.zeros(len(files[begin : begin + STEP]), LOOK)
            for place, file in enumerate(files[begin : begin + STEP]):
                try:
                    # files of unsupported kinds are not even opened
                    if file.lower().endswith(PICTURES):
                        block[place] = look(lambda: read(file))  # noqa: B023
                except Unreadable:
                    continue  # width 0 marks it
            yield block

    title = f"{title} (first inspection)"
    return prepared(key, (len(files),), LOOK, blocks, title=title, progress=progress)


def _sides(looks: np.ndarray) -> np.ndarray:
    return np.minimum(looks["width"], looks["height"])


def _whites(looks: np.ndarray) -> tuple[dict[int, float], np.ndarray]:
    """The white levels of pictures of whole numbers and of floats, and whether each fits (N,)."""
    whites, fits = {}, looks["width"] > 0
    for pixels in (WHOLE, FLOATS):
        chosen = fits & (looks["pixels"] == pixels)
        low, high = looks["low"][chosen], looks["high"][chosen]
        whites[pixels], fits[chosen] = common_white(low, high, whole=pixels == WHOLE)
    return whites, fits


def _notes(
    looks: np.ndarray, whites: dict[int, float], channels: int, files: list[str]
) -> list[str]:
    """The decisions about the pictures that do not follow from each picture alone."""
    notes = []
    for pixels, kind in ((WHOLE, "pictures of 16 or 32 bits"), (FLOATS, "pictures of floats")):
        if (chosen := looks["pixels"] == pixels).any():
            high, white = looks["high"][chosen], whites[pixels]
            says = f"{kind}: {white_and_largest(high, white)}"
            if odd := few_above(high, white, whole=pixels == WHOLE):
                first = files[np.flatnonzero(chosen)[odd.first]]
                says += f" ({odd.says}, such as {_printable(first)})"
            notes.append(says)
    if colours := int(looks["colour"].sum()) if channels == 1 else 0:
        notes.append(f"in grey (pictures that have colours: {colours:,})")
    if several := int(looks["several"].sum()):
        notes.append(f"the first picture of each file (files with several: {several:,})")
    return notes


# ---- pictures left out


def _reason(path: Path, file: str, seen: np.ndarray) -> str:
    """The reason why a picture of `path` is left out."""
    if _leads_nowhere(path / file):
        return "a link to a missing file"
    if path.is_dir() and not os.access(path / file, os.R_OK):
        return "not readable by this user"
    if not is_read(file):
        return "an unsupported format: save it as PNG or JPEG"
    if seen["width"] and seen["pixels"] != EIGHT_BITS:
        return misfit(float(seen["low"]), float(seen["high"]), whole=seen["pixels"] == WHOLE)
    return "damaged or unsupported"


def _none_usable(path: Path, files: list[str], looks: np.ndarray) -> InputError:
    named = "; ".join(
        f"{_printable(file)}: {_reason(path, file, seen)}"
        for file, seen in zip(files[:3], looks[:3], strict=True)
    )
    more = "; …" if len(files) > 3 else ""
    return InputError(
        f"None of the {len(files):,} pictures in {path} can be read ({named}{more}).",
        Refusal.CONTENT,
        path=str(path),
    )


def _printable(name: str) -> str:
    """A file's name for people: not every file system's names are text."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def short(name: str) -> str:
    """For a file's name in the cache, which has at most 255 bytes."""
    return name.encode()[:100].decode("utf-8", "ignore")
