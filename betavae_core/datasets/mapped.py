"""Any array of images on disk or in memory as a dataset."""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
import torch

from ..disk_cache import prepared
from ..factors import FactorSpace
from .base import Dataset

RESIDENT = 4 * 2**30  # bytes: a larger array stays on the host, and batches go to the device
CHUNK = 4096  # images read at once


class MappedDataset(Dataset):
    """Images from a (rows, H, W, C) uint8 array, memory-mapped or not.

    key: the name of these images in the cache; rows: the rows to use, in order (None: all);
    skipped, reasons: names of the images that could not be read, and the reasons; note: the part of
    the dataset and the way of reading, if unusual; labels: (len,) the number of each image's class
    in `classes`.
    """

    def __init__(
        self,
        name: str,
        title: str,
        source: str,
        array: np.ndarray,
        *,
        key: str,
        space: FactorSpace | None = None,
        rows: np.ndarray | None = None,
        skipped: Sequence[str] = (),
        reasons: Sequence[str] = (),
        note: str = "",
        labels: np.ndarray | None = None,
        classes: Sequence[str] = (),
    ) -> None:
        self.name, self.title, self.source, self.space = name, title, source, space
        self.skipped, self.note, self.key = tuple(skipped), note, key
        self.reasons = tuple(reasons)
        self.labels, self.classes = labels, tuple(classes)
        self.array = torch.from_numpy(array)
        self.rows = None if rows is None else torch.from_numpy(rows)
        _, height, width, channels = array.shape
        self.shape = (channels, height, width)

    def __len__(self) -> int:
        return len(self.array if self.rows is None else self.rows)

    def _images(self, indices: torch.Tensor) -> torch.Tensor:
        if self.rows is not None:
            indices = self.rows[indices]
        images = self.array[indices.to(self.array.device)]  # (N, H, W, C)
        return images.permute(0, 3, 1, 2).to(self.device)

    def to(self, device: str | torch.device) -> "MappedDataset":
        super().to(device)
        if self.rows is not None:
            self.rows = self.rows.to(self.device)
        fits = self.array.numel() <= RESIDENT
        self.array = self.array.to(self.device if fits else "cpu")
        return self


class OwnImages(MappedDataset):
    """Images of files that may change under the same name."""

    def mark(self) -> str:
        """SHA-256 of all images, in order: the same for every copy."""

        def blocks(start: int) -> Iterator[np.ndarray]:
            found = hashlib.sha256(repr((len(self), self.shape)).encode())
            for first in range(0, len(self), CHUNK):
                rows = slice(first, first + CHUNK)
                images = self.array[rows if self.rows is None else self.rows[rows]]
                found.update(np.ascontiguousarray(images.cpu().numpy()).data)
            yield np.frombuffer(found.digest(), np.uint8)[None]

        title = f"{self.title} (identifying the images)"
        return bytes(prepared(f"{self.key}-mark", (1, 32), np.uint8, blocks, title=title)[0]).hex()
