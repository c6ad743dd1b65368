"""Excerpts of CIFAR10 and CIFAR100 that come with this package: 256 official test images each, to
look at models of these datasets without a download. No model is trained on them, and no stored
number is measured on them.

Each is a picture of 16 × 16 images, lossless, and a file with the classes, the images' names and
the checksum of the pixels; README.md there states source and licence.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from ...errors import damaged
from ..mapped import MappedDataset
from ..titles import TITLES

FOLDER = Path(__file__).parent
SOURCE = "excerpt"
COUNT, ACROSS, SIDE = 256, 16, 32  # images; images in a row; pixels per side


def open_excerpt(name: str) -> Callable[[], MappedDataset]:
    """The reader of the excerpt of "cifar10" or "cifar100", which raises `InputError` for damaged
    files. Image i is of class i modulo the number of classes."""

    def read() -> MappedDataset:
        path = FOLDER / f"{name}.webp"
        try:
            about = json.loads(path.with_suffix(".json").read_text())
            with Image.open(path) as picture:
                images = images_of(np.asarray(picture.convert("RGB")))
            if hashlib.sha256(images.tobytes()).hexdigest() != about["sha256"]:
                raise ValueError("its checksum is another")
            classes = about["classes"]
        except (OSError, ValueError, KeyError) as error:
            raise damaged(path, error, "install this package again") from error
        return MappedDataset(
            name,
            TITLES[name],
            SOURCE,
            images,
            key=f"{name}-{SOURCE}-{about['sha256'][:16]}",
            note=f"{COUNT} official test images",
            labels=np.arange(COUNT) % len(classes),
            classes=classes,
        )

    return read


def sprite_of(images: np.ndarray) -> np.ndarray:
    """Images (256, 32, 32, 3) as one picture (512, 512, 3), row by row."""
    rows = images.reshape(COUNT // ACROSS, ACROSS, SIDE, SIDE, 3)
    return rows.transpose(0, 2, 1, 3, 4).reshape(COUNT // ACROSS * SIDE, ACROSS * SIDE, 3)


def images_of(sprite: np.ndarray) -> np.ndarray:
    """The images (256, 32, 32, 3) of a picture (512, 512, 3); raises `ValueError` for another
    shape."""
    cells = sprite.reshape(COUNT // ACROSS, SIDE, ACROSS, SIDE, 3)
    return np.ascontiguousarray(cells.transpose(0, 2, 1, 3, 4).reshape(COUNT, SIDE, SIDE, 3))
