"""Anyone's own images: a folder or zip of pictures, or an .npz or .h5 file of an array, with or
without known factors of variation."""

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from PIL import Image, ImageOps

from ..errors import InputError
from ..factors import FactorSpace
from . import npz
from .mapped import MappedDataset
from .npz import reading
from .prepared import Progress, prepared

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm")
ARRAYS = (".npz", ".h5", ".hdf5")
SIZES = (32, 64)  # pixels per side that the models take
STEP = 512  # pictures decoded at once
LAYOUT = (
    "an .npz or .h5 file needs `images`, uint8 or bool, (N, H, W), (N, H, W, C) or (N, C, H, W) "
    "with 1 or 3 channels, and, if its factors are known, `factor_names` and `factor_sizes` whose "
    "product is N, the last factor varying fastest"
)

Read = Callable[[str], bytes]


def own_name(path: Path) -> str:
    """The name that a file or folder gives its dataset: letters, digits, `_`, `.` and `-`."""
    stem = path.stem if path.suffix.lower() in (".zip", *ARRAYS) else path.name
    return re.sub(r"[^a-z0-9_.-]+", "-", stem.lower()).strip("-.") or "images"


def find_own(name: str, root: Path) -> Path | None:
    """The file or folder under `root` whose dataset is called `name`."""
    return next((p for p in own_paths(root) if own_name(p) == name), None)


def own_paths(root: Path) -> list[Path]:
    """What lies under `root` and could be a dataset: folders, zips, .npz and .h5 files."""
    there = sorted(root.iterdir()) if root.is_dir() else []
    return [
        path
        for path in there
        if not path.name.startswith(".")
        and (path.is_dir() or path.suffix.lower() in (".zip", *ARRAYS))
    ]


def open_own(
    path: Path,
    *,
    size: int | None = None,
    progress: Progress | None = None,
    name: str | None = None,
    title: str | None = None,
    source: str = "own",
    whole: int | None = None,
) -> MappedDataset:
    """Images of `path` as a dataset of `size` × `size` pixels (32 or 64; None: the nearer one).

    Pictures are cropped to the middle square and resized; of a folder with `train` in it only that
    is taken. Grey where the first picture is grey, else RGB. A picture that cannot be read is left
    out and named in `dataset.skipped`. whole: how many images there should be, for the note. Raises
    `InputError` where there is nothing usable.
    """
    if size not in (None, *SIZES):
        raise InputError(f"Images are used at 32 or 64 pixels per side, got {size}.")
    name, title = name or own_name(path), title or path.name
    if path.suffix.lower() in ARRAYS:
        return _open_array(path, name, title, size, progress)
    return _open_pictures(path, name, title, source, size, progress, whole)


# ---- pictures


def _open_pictures(
    path: Path,
    name: str,
    title: str,
    source: str,
    size: int | None,
    progress: Progress | None,
    whole: int | None,
) -> MappedDataset:
    with _pictures(path) as (files, read):
        if not files:
            raise InputError(
                f"{path} has no pictures ({', '.join(PICTURES)}); give a folder or zip of images, "
                "for example one subfolder per class."
            )
        first = next((image for f in files if (image := _decode(read, f)) is not None), None)
        if first is None:
            raise InputError(f"None of the {len(files):,} pictures in {path} can be read.")
        size = size or _nearest(min(first.size))
        channels = 1 if first.mode in ("1", "L", "LA", "I", "I;16", "F") else 3
        row = size * size * channels

        def blocks(start: int) -> Iterator[np.ndarray]:
            for begin in range(start, len(files), STEP):
                block = np.zeros((len(files[begin : begin + STEP]), 1 + row), np.uint8)
                for line, file in zip(block, files[begin : begin + STEP], strict=True):
                    if (image := _decode(read, file)) is not None:
                        line[0] = 1  # this row is an image
                        line[1:] = _fit(image, size, channels).reshape(-1)
                yield block

        key = f"{name}-{size}-{channels}-{_fingerprint(path, files)}"
        shape = (len(files), 1 + row)
        rows = prepared(key, shape, np.uint8, blocks, title=title, progress=progress)
    good = rows[:, 0] == 1
    skipped = [file for file, fine in zip(files, good, strict=True) if not fine]
    images = np.lib.stride_tricks.as_strided(  # without the flag before each image
        rows[:, 1:],
        (len(files), size, size, channels),
        (rows.strides[0], size * channels, channels, 1),
    )
    count = int(good.sum())
    note = f"{count:,} of {whole:,} training images" if whole and count != whole else ""
    kept = np.flatnonzero(good) if skipped else None
    classes, labels = _classes([file for file, fine in zip(files, good, strict=True) if fine])
    return MappedDataset(
        name,
        title,
        source,
        images,
        key=key,
        rows=kept,
        skipped=skipped,
        note=note,
        labels=labels,
        classes=classes,
    )


def _classes(files: list[str]) -> tuple[list[str], np.ndarray | None]:
    """The pictures' folders as their classes, where there are several: names and, per picture, the
    number of its name."""
    folders = [Path(file).parent.name for file in files]
    names = sorted(set(folders))
    if len(names) < 2:
        return [], None
    number = {name: place for place, name in enumerate(names)}
    return names, np.array([number[folder] for folder in folders])


@contextmanager
def _pictures(path: Path) -> Iterator[tuple[list[str], Read]]:
    """The pictures under a folder or in a zip, in name order, and how to read one."""
    if path.is_dir():
        found = [str(p.relative_to(path)) for p in path.rglob("*") if p.is_file()]
        yield _chosen(found), lambda file: (path / file).read_bytes()
    elif path.suffix.lower() == ".zip" and path.is_file():
        with reading(path, "a zip of images", "give a folder or zip of images"):
            archive = zipfile.ZipFile(path)
        with archive:
            yield _chosen(archive.namelist()), archive.read
    else:
        raise InputError(
            f"{path} is not a folder of images, a zip of one, or an array ({', '.join(ARRAYS)})."
        )


def _chosen(names: list[str]) -> list[str]:
    """The pictures among the names, those under `train` where there is such a folder."""
    pictures = sorted(
        name
        for name in names
        if name.lower().endswith(PICTURES)
        and not any(part.startswith((".", "__MACOSX")) for part in Path(name).parts)
    )
    # at the top, or in the one folder that holds all (a class, too, may be called train)
    roots = {Path(name).parts[0] for name in pictures}
    level = 1 if len(roots) == 1 and "train" not in roots else 0
    training = [n for n in pictures if Path(n).parts[level : level + 1] == ("train",)]
    return training or pictures


def _decode(read: Read, file: str) -> Image.Image | None:
    """None for a picture that is damaged, too large or no picture: the caller names and counts."""
    try:
        image = Image.open(BytesIO(read(file)))
        image.load()
    except (*npz.DAMAGED, SyntaxError, Image.DecompressionBombError):
        return None
    return image


def _fit(image: Image.Image, size: int, channels: int) -> np.ndarray:
    """(size, size, channels) uint8: the middle square, resized; unchanged where it fits already."""
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (size, size):
        image = ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC)
    return np.asarray(image).reshape(size, size, channels)


def _nearest(side: int) -> int:
    return 32 if side <= 48 else 64


def _fingerprint(path: Path, files: list[str]) -> str:
    """Changes when a file is added, removed or rewritten."""
    mark = hashlib.sha256()
    for file in files if path.is_dir() else [""]:
        stat = (path / file).stat()
        mark.update(f"{file}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return mark.hexdigest()[:16]


# ---- arrays


def _open_array(
    path: Path, name: str, title: str, size: int | None, progress: Progress | None
) -> MappedDataset:
    if not path.is_file():
        raise InputError(f"There is no file {path}.")
    with reading(path, "an array of images", LAYOUT):
        shape, dtype, space = _describe(path)
        count, height, width, channels, channels_first = _layout(shape)
        if dtype not in (np.dtype(np.uint8), np.dtype(bool)):
            raise ValueError(f"images are {dtype}")
    side = size or (height if height == width and height in SIZES else _nearest(min(height, width)))

    def blocks(start: int) -> Iterator[np.ndarray]:
        with reading(path, "an array of images", LAYOUT):
            for block in _array_rows(path, shape, dtype, start):
                images = block.astype(np.uint8) * 255 if dtype.kind == "b" else block
                images = images.reshape(len(block), *shape[1:])
                if channels_first:
                    images = images.transpose(0, 2, 3, 1)
                yield _resized(images.reshape(len(block), height, width, channels), side)

    key = f"{name}-{side}-{channels}-{_fingerprint(path, [])}"
    target = (count, side, side, channels)
    array = prepared(key, target, np.uint8, blocks, title=title, progress=progress)
    if array[:1000].max() <= 1:
        raise InputError(
            f"The images in {path} have no value above 1; store them as bool, or as uint8 from 0 "
            "to 255."
        )
    return MappedDataset(name, title, "own", array, key=key, space=space)


def _resized(images: np.ndarray, side: int) -> np.ndarray:
    if images.shape[1:3] == (side, side):
        return images
    channels = images.shape[3]
    flat = [Image.fromarray(i[..., 0] if channels == 1 else i) for i in images]
    return np.stack([_fit(image, side, channels) for image in flat])


def _layout(shape: tuple[int, ...]) -> tuple[int, int, int, int, bool]:
    """(N, H, W, C, whether channels come first) of the `images` array; raises `ValueError`."""
    if len(shape) == 3:
        shape = (*shape, 1)
    channels_first = len(shape) == 4 and shape[1] in (1, 3) and shape[3] not in (1, 3)
    if channels_first:
        shape = (shape[0], *shape[2:], shape[1])
    if len(shape) != 4 or shape[0] < 1 or min(shape[1:3]) < 8 or shape[3] not in (1, 3):
        raise ValueError(f"images have shape {shape}")
    return *shape, channels_first


def _describe(path: Path) -> tuple[tuple[int, ...], np.dtype, FactorSpace | None]:
    """Shape and dtype of `images`, and the factor space; raises `ValueError`, `KeyError`."""
    names: Any
    sizes: Any
    if path.suffix.lower() == ".npz":
        with zipfile.ZipFile(path) as archive:
            with archive.open("images.npy") as stream:
                shape, dtype = npz.header(stream, "images")
            inside = archive.namelist()
        with np.load(path, allow_pickle=False) as arrays:
            names, sizes = (
                arrays[key] if f"{key}.npy" in inside else None
                for key in ("factor_names", "factor_sizes")
            )
    else:
        with h5py.File(path, "r") as file:
            images = file["images"]
            if not isinstance(images, h5py.Dataset):
                raise ValueError("images is a group")
            shape, dtype = images.shape, images.dtype
            names, sizes = (
                file[key][:] if key in file else file.attrs.get(key)
                for key in ("factor_names", "factor_sizes")
            )
    if names is None and sizes is None:
        return shape, dtype, None
    if names is None or sizes is None:
        raise ValueError("factor_names and factor_sizes belong together, one is missing")
    names = [n.decode() if isinstance(n, bytes) else str(n) for n in np.atleast_1d(names)]
    space = FactorSpace(names, [int(n) for n in np.atleast_1d(sizes)])
    if space.size != shape[0]:
        raise ValueError(
            f"factor_sizes {space.sizes} make {space.size:,} combinations, there are "
            f"{shape[0]:,} images: the grid must be full"
        )
    return shape, dtype, space


def _array_rows(
    path: Path, shape: tuple[int, ...], dtype: np.dtype, start: int
) -> Iterator[np.ndarray]:
    if path.suffix.lower() == ".npz":
        with zipfile.ZipFile(path) as archive:
            yield from npz.rows(archive, "images", shape, dtype, start)
    else:
        with h5py.File(path, "r") as file:
            for first in range(start, shape[0], STEP):
                yield file["images"][first : first + STEP]
