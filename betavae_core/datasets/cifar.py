"""CIFAR10 and CIFAR100 (Krizhevsky 2009): 50,000 training images of 32×32 pixels, no known factors.

They are read by torchvision's own classes from the published archive, or from the same images as a
folder or zip of pictures (`train/<class>/…`), which may have only some of them: a note then says
so.
"""

import os
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..disk_cache import Progress
from ..errors import damaged
from .mapped import MappedDataset
from .own import open_own

IMAGES = 50_000
HOMEPAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"


def open_cifar(name: str, title: str) -> Callable[[Path, Progress | None], MappedDataset]:
    """The reader of "cifar10" or "cifar100"; its path is the extracted folder, the published
    archive, or a folder or zip of pictures."""

    def read(path: Path, progress: Progress | None = None) -> MappedDataset:
        from torchvision.datasets import CIFAR10, CIFAR100

        kind: Any = {"cifar10": CIFAR10, "cifar100": CIFAR100}[name]
        if path.name == kind.filename:
            _extract(path, kind.base_folder)
            path = path.parent / kind.base_folder
        if path.name != kind.base_folder:
            return open_own(
                path,
                size=32,
                progress=progress,
                name=name,
                title=title,
                source="official",
                whole=IMAGES,
            )
        try:
            found = kind(path.parent, train=True)
            images = found.data  # (50000, 32, 32, 3) uint8
        except (RuntimeError, OSError, EOFError, ValueError, KeyError) as error:
            raise damaged(
                path, error, f"download it from {HOMEPAGE}", f"is not {title} or is damaged"
            ) from error
        return MappedDataset(
            name,
            title,
            "official",
            images,
            key=f"{name}-official-torchvision",
            labels=np.asarray(found.targets),
            classes=found.classes,
        )

    return read


def _extract(path: Path, folder: str) -> None:
    """Extract the published archive once, into its own folder."""
    if (path.parent / folder).is_dir():
        return
    try:
        with (
            tempfile.TemporaryDirectory(dir=path.parent) as part,  # complete or not at all
            tarfile.open(path) as archive,
        ):
            archive.extractall(part, filter="data")
            os.replace(Path(part) / folder, path.parent / folder)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise damaged(
            path,
            error,
            f"download it from {HOMEPAGE}",
            "is damaged or cannot be extracted in its folder",
        ) from error
