"""An .npz or .h5 file of an array of images as a dataset, with or without known factors."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from PIL import Image

from ...disk_cache import Progress, prepared
from ...errors import InputError
from ...factors import FactorSpace
from .. import npz
from ..mapped import OwnImages
from ..npz import reading
from .folders import STEP, fingerprint, nearest_size, short
from .levels import common_white, misfit, to_levels
from .picture import fit

SIZES = (32, 64)  # pixels per side that the models take
LAYOUT = (
    "an .npz or .h5 file needs `images`, bool, whole numbers from 0 to 255 or 65,535, or floats "
    "from 0 to 1, 255 or 65,535, (N, H, W), (N, H, W, C) or (N, C, H, W) with 1 or 3 channels, "
    "and, if its factors are known, `factor_names` and `factor_sizes` whose product is N, the last "
    "factor varying fastest"
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
    deeper than 8 bits are scaled by the largest of them all (`common_white`). Raises `InputError`
    where it is not as `LAYOUT` says or holds nothing but black."""
    if not path.is_file():
        raise InputError(f"There is no file {path}.")
    with reading(path, "an array of images", LAYOUT):
        shape, dtype, space = _describe(path)
        count, height, width, channels, channels_first = _layout(shape)
        if dtype.kind not in "buif":
            raise ValueError(f"images are {dtype}")
    side = size or (
        height if height == width and height in SIZES else nearest_size(min(height, width))
    )
    mark = fingerprint(path, [])
    white = _white(path, f"{short(name)}-{mark}-range", shape, dtype, title, progress)

    def blocks(start: int) -> Iterator[np.ndarray]:
        with reading(path, "an array of images", LAYOUT):
            for block in _array_rows(path, shape, dtype, start):
                images = block if dtype == np.uint8 else to_levels(block, white)
                images = images.reshape(len(block), *shape[1:])
                if channels_first:
                    images = images.transpose(0, 2, 3, 1)
                yield _resized(images.reshape(len(block), height, width, channels), side)

    key = f"{short(name)}-{side}-{channels}-{mark}"
    target = (count, side, side, channels)
    array = prepared(key, target, np.uint8, blocks, title=title, progress=progress)
    if not any(array[first : first + STEP].max() > 1 for first in range(0, count, STEP)):
        raise InputError(
            f"The images in {path} have no value above 1 of 255: nothing but black. Store them as "
            "bool, as floats from 0 to 1, or as uint8 from 0 to 255."
        )
    deep = dtype.kind in "uif" and dtype != np.uint8
    note = f"{dtype.name} images: {white:,.0f} is white" if deep else ""
    return OwnImages(name, title, "own", array, key=key, space=space, note=note)


def _white(
    path: Path,
    key: str,
    shape: tuple[int, ...],
    dtype: np.dtype,
    title: str,
    progress: Progress | None,
) -> float:
    """The value that is white in all the images."""
    if dtype.kind == "b":
        return 1.0
    if dtype == np.uint8:
        return 255.0

    def blocks(start: int) -> Iterator[np.ndarray]:
        with reading(path, "an array of images", LAYOUT):
            for block in _array_rows(path, shape, dtype, start):
                pixels = block.reshape(len(block), -1)
                yield np.stack([pixels.min(1), pixels.max(1)], 1).astype(np.float64)

    title = f"{title} (range of its values)"
    ranges = prepared(key, (shape[0], 2), np.float64, blocks, title=title, progress=progress)
    whole = dtype.kind in "ui"
    white, fits = common_white(ranges[:, 0], ranges[:, 1], whole=whole)
    if not fits.all():
        number = int(np.flatnonzero(~fits)[0])
        low, high = map(float, ranges[number])
        raise InputError(
            f"Image {number:,} of {path} has {misfit(low, high, whole=whole)}: scale the images "
            "and store them again."
        )
    return white


def _resized(images: np.ndarray, side: int) -> np.ndarray:
    if images.shape[1:3] == (side, side):
        return images
    channels = images.shape[3]
    flat = [Image.fromarray(i[..., 0] if channels == 1 else i) for i in images]
    return np.stack([fit(image, side, channels) for image in flat])


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
