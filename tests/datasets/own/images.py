"""Images of one's own that tests write: folders of pictures, zips and arrays."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from PIL import Image

GRID = {"factor_names": ["shade", "stripe"], "factor_sizes": [4, 3]}


def picture(path: Path, value: int, size: tuple[int, int] = (32, 32), mode: str = "RGB") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, value if mode == "L" else (value, 255 - value, 7)).save(path)


def class_folder(root: Path, names: Sequence[str] = ("class0", "class1"), each: int = 3) -> Path:
    """Classes of a few images each, in ImageFolder layout."""
    for number in range(len(names) * each):
        name = names[number % len(names)]
        picture(root / name / f"{number}.png", 40 * number % 256)
    return root


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return target


def write(path: Path, **arrays: Any) -> Path:
    if path.suffix == ".npz":
        np.savez_compressed(path, **arrays)
    else:
        with h5py.File(path, "w") as file:
            for name, values in arrays.items():
                file[name] = values
    return path


def numbered(count: int = 12, *shape: int) -> np.ndarray:
    """Image i is full of 10·i."""
    images = np.empty((count, *(shape or (32, 32, 3))), np.uint8)
    images[:] = 10 * np.arange(count, dtype=np.uint8).reshape(-1, *[1] * (images.ndim - 1))
    return images
