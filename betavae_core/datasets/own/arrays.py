"""An .npz or .h5 file with an array of images as a dataset, with or without known factors."""

import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ...disk_cache import Progress, prepared
from ...errors import InputError, Refusal, missing
from ...factors import FactorSpace
from .. import npz
from ..mapped import OwnImages
from ..npz import reading
from .folders import STEP, fingerprint, nearest_size, short
from .levels import common_white, few_above, misfit, to_levels, white_and_largest
from .picture import fit

SIZES = (32, 64)  # pixels per side that the models take
CHANNELS = (1, 3, 4)  # grey, RGB, RGBA
MAX_WHOLE = 4 * 2**30  # bytes of an array in Fortran order, which can only be read whole
LAYOUT = (
    "an .npz or .h5 file needs `images`, bool, whole numbers from 0 to 255 or 65,535, or floats "
    "from 0 to 1, 255 or 65,535, (N, H, W), (N, H, W, C) or (N, C, H, W) with 1, 3 or 4 channels "
    "(grey, RGB, RGBA), and, if its factors are known, `factor_names` and `factor_sizes` whose "
    "product is N, the last factor varying fastest"
)


def open_array(
    path: Path,
    name: str,
    title: str,
    *,
    size: int | None = None,
    progress: Progress | None = None,
) -> OwnImages:
    """The `images` of the file at `size` × `size` pixels (None: the nearer of 32 and 64). Numbers
    of more than 8 bits are scaled by one white level (`common_white`); in RGBA, transparency
    becomes white. Raises `InputError` if the file does not follow `LAYOUT` or is entirely black."""
    if not path.is_file():
        raise missing(path)
    with reading(path, "an array of images", LAYOUT):
        shape, dtype, space = _describe(path)
    if dtype.kind not in "buif":
        raise InputError(
            f"The images in {path} are of type {dtype}; {LAYOUT}.",
            Refusal.CONTENT,
            path=str(path),
            expected=LAYOUT,
            got=str(dtype),
        )
    count, height, width, depth, channels_first = _layout(shape, path)
    channels = 3 if depth == 4 else depth
    side = size or (
        height if height == width and height in SIZES else nearest_size(min(height, width))
    )
    mark = fingerprint(path, [])
    white, note = _white(path, f"{short(name)}-{mark}-range", shape, dtype, title, progress)

    def blocks(start: int) -> Iterator[np.ndarray]:
        with reading(path, "an array of images", LAYOUT):
            for block in _array_rows(path, shape, dtype, start):
                images = block if dtype == np.uint8 else to_levels(block, white)
                images = images.reshape(len(block), *shape[1:])
                if channels_first:
                    images = images.transpose(0, 2, 3, 1)
                images = images.reshape(len(block), height, width, depth)
                yield _resized(_on_white(images) if depth == 4 else images, side)

    key = f"{short(name)}-{side}-{channels}-{mark}"
    target = (count, side, side, channels)
    array = prepared(key, target, np.uint8, blocks, title=title, progress=progress)
    if not any(array[first : first + STEP].max() > 1 for first in range(0, count, STEP)):
        why = f" ({note})" if note else ""
        raise InputError(
            f"The images in {path} have no value above 1 of 255: they are entirely black{why}. "
            "Store "
            "them as bool, as floats from 0 to 1, or as uint8 from 0 to 255.",
            Refusal.CONTENT,
            path=str(path),
        )
    notes = [note] * bool(note) + ["RGBA on white"] * (depth == 4)
    note = "; ".join(notes)
    return OwnImages(name, title, "own", array, key=key, space=space, note=note)


def _white(
    path: Path,
    key: str,
    shape: tuple[int, ...],
    dtype: np.dtype,
    title: str,
    progress: Progress | None,
) -> tuple[float, str]:
    """The white level of all the images, and a note about it."""
    if dtype.kind == "b":
        return 1.0, ""
    if dtype == np.uint8:
        return 255.0, ""

    def blocks(start: int) -> Iterator[np.ndarray]:
        with reading(path, "an array of images", LAYOUT):
            for block in _array_rows(path, shape, dtype, start):
                pixels = block.reshape(len(block), -1)
                yield np.stack([pixels.min(1), pixels.max(1)], 1).astype(np.float64)

    title = f"{title} (range of values)"
    ranges = prepared(key, (shape[0], 2), np.float64, blocks, title=title, progress=progress)
    whole = dtype.kind in "ui"
    low, high = ranges[:, 0], ranges[:, 1]
    white, fits = common_white(low, high, whole=whole)
    if not fits.all():
        number = int(np.flatnonzero(~fits)[0])
        smallest, largest = map(float, ranges[number])
        remedy = "scale the images"
        if not np.isfinite(ranges[number]).all():
            remedy = "leave such images out, or replace these values (np.nan_to_num),"
        raise InputError(
            f"Image {number:,} of {path} has {misfit(smallest, largest, whole=whole)}: {remedy} "
            "and store them again.",
            Refusal.CONTENT,
            path=str(path),
            remedy=remedy,
        )
    note = f"{dtype.name} images: {white_and_largest(high, white)}"
    if odd := few_above(high, white, whole=whole):
        note += f" ({odd.says}, such as number {odd.first:,})"
    return white, note


def _on_white(images: np.ndarray) -> np.ndarray:
    """RGBA (N, H, W, 4) as uint8 RGB, with transparency as white, as for pictures."""
    alpha = images[..., 3:].astype(np.float32) / 255
    colours = images[..., :3] * alpha + 255 * (1 - alpha)
    return np.rint(colours).astype(np.uint8)


def _resized(images: np.ndarray, side: int) -> np.ndarray:
    if images.shape[1:3] == (side, side):
        return images
    channels = images.shape[3]
    flat = [Image.fromarray(i[..., 0] if channels == 1 else i) for i in images]
    return np.stack([fit(image, side, channels) for image in flat])


def _layout(shape: tuple[int, ...], path: Path) -> tuple[int, int, int, int, bool]:
    """(N, H, W, C, whether channels come first) of the `images` array; raises `InputError`."""
    told = shape
    if len(shape) == 3:
        shape = (*shape, 1)
    channels_first = len(shape) == 4 and shape[1] in CHANNELS and shape[3] not in CHANNELS
    if channels_first:
        shape = (shape[0], *shape[2:], shape[1])
    if len(shape) != 4 or shape[0] < 1 or min(shape[1:3]) < 8 or shape[3] not in CHANNELS:
        raise InputError(
            f"The images in {path} have shape {told}; {LAYOUT}.",
            Refusal.CONTENT,
            path=str(path),
            expected=LAYOUT,
            got=told,
        )
    return *shape, channels_first


def _describe(path: Path) -> tuple[tuple[int, ...], np.dtype, FactorSpace | None]:
    """Shape and dtype of `images`, and the factor space; raises `ValueError`, `KeyError`."""
    names: Any
    sizes: Any
    if path.suffix.lower() == ".npz":
        with zipfile.ZipFile(path) as archive:
            with archive.open("images.npy") as stream:
                shape, dtype, _ = npz.header(stream, "images")
            inside = archive.namelist()
        with np.load(path, allow_pickle=False) as arrays:
            names, sizes = (
                arrays[key] if f"{key}.npy" in inside else None
                for key in ("factor_names", "factor_sizes")
            )
    else:
        import h5py

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
            with archive.open("images.npy") as stream:
                fortran = npz.header(stream, "images")[2]
            if not fortran:
                yield from npz.rows(archive, "images", shape, dtype, start)
        if fortran:  # each image is scattered over the whole file
            size = math.prod(shape) * dtype.itemsize
            if size > MAX_WHOLE:
                raise InputError(
                    f"The images in {path} are in Fortran order and have {size / 2**30:,.1f} GiB, "
                    "too much to read at once: save np.ascontiguousarray(images).",
                    Refusal.CONTENT,
                    path=str(path),
                    remedy="save np.ascontiguousarray(images)",
                )
            with np.load(path, allow_pickle=False) as arrays:
                whole = arrays["images"]
            for first in range(start, shape[0], STEP):
                yield np.ascontiguousarray(whole[first : first + STEP])
    else:
        import h5py

        with h5py.File(path, "r") as file:
            for first in range(start, shape[0], STEP):
                yield file["images"][first : first + STEP]
