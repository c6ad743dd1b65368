"""The published files of 3Dshapes and MPI3D: checked and converted once into a memory-mapped array
(5.9 and 12.7 GB on disk), then read image by image, never entirely in memory."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..disk_cache import Progress, prepared
from . import npz
from .mapped import MappedDataset
from .npz import reading
from .rendered import mpi3d_toy, shapes3d
from .titles import TITLES

SIDE = 64
STEP = 2048  # images read at once
SHAPES3D_HOMEPAGE = "https://github.com/google-deepmind/3d-shapes"
MPI3D_HOMEPAGE = "https://github.com/rr-learning/disentanglement_dataset"


def official_3dshapes(path: Path, progress: Progress | None = None) -> MappedDataset:
    """3dshapes.h5 of Burgess & Kim (2018): `images` (480000, 64, 64, 3) uint8 and `labels`
    (480000, 6), the factor values in the official order."""
    space = shapes3d.SPACE

    def blocks(start: int) -> Iterator[np.ndarray]:
        import h5py

        what = "the official 3Dshapes file 3dshapes.h5"
        with (
            reading(path, what, f"download it from {SHAPES3D_HOMEPAGE}"),
            h5py.File(path, "r") as file,
        ):
            images, labels = file["images"], file["labels"]
            _expect("images", images, (space.size, SIDE, SIDE, 3), np.uint8)
            _expect("labels", labels, (space.size, len(space.sizes)), np.float64)
            _check_labels(labels[:])
            for first in range(start, space.size, STEP):
                yield images[first : first + STEP]

    return _mapped("3dshapes", TITLES["3dshapes"], space, path, blocks, progress)


def official_mpi3d(name: str, title: str):  # type: ignore[no-untyped-def]
    """A reader of one of the three MPI3D files (Gondal et al. 2019), which share their layout:
    `images` (1036800, 64, 64, 3) uint8 in the order of the seven factors."""

    def read(path: Path, progress: Progress | None = None) -> MappedDataset:
        space = mpi3d_toy.SPACE

        def blocks(start: int) -> Iterator[np.ndarray]:
            shape = (space.size, SIDE, SIDE, 3)
            with (
                reading(path, f"the official {title} file", f"download it from {MPI3D_HOMEPAGE}"),
                zipfile.ZipFile(path) as archive,
            ):
                yield from npz.rows(archive, "images", shape, np.uint8, start)

        return _mapped(name, title, space, path, blocks, progress)

    return read


def _mapped(name, title, space, path, blocks, progress) -> MappedDataset:  # type: ignore[no-untyped-def]
    stat = path.stat()
    key = f"{name}-official-{stat.st_size}-{stat.st_mtime_ns}"
    array = prepared(
        key,
        (space.size, SIDE, SIDE, 3),
        np.uint8,
        blocks,
        title=f"{title} (official)",
        progress=progress,
    )
    return MappedDataset(name, title, "official", array, key=key, space=space)


def _expect(name: str, found: Any, shape: tuple[int, ...], dtype: type) -> None:
    is_array = hasattr(found, "shape") and hasattr(found, "dtype")  # and not a group
    if not is_array or (found.shape, found.dtype) != (shape, dtype):
        raise ValueError(
            f"{name} has shape {getattr(found, 'shape', None)} and type "
            f"{getattr(found, 'dtype', None)}, expected {shape} and {np.dtype(dtype)}"
        )


def _check_labels(labels: np.ndarray) -> None:
    """The factor values must be our grid in our order; shape is a number in the file."""
    space = shapes3d.SPACE
    positions = space.factors(np.arange(space.size))
    for factor, (name, values) in enumerate(zip(space.names, space.values, strict=True)):
        numbers = [i if isinstance(value, str) else value for i, value in enumerate(values)]
        expected = np.array(numbers, np.float64)[positions[:, factor]]
        if not np.allclose(labels[:, factor], expected, atol=1e-6):
            raise ValueError(f"labels are not in the official order (factor {name})")
