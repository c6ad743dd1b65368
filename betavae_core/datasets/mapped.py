"""Any array of images on disk or in memory as a dataset."""

from collections.abc import Sequence

import numpy as np
import torch

from ..factors import FactorSpace
from .base import Dataset

RESIDENT = 4 * 2**30  # bytes: a larger array stays with the host, batches of it go to the device


class MappedDataset(Dataset):
    """Images from a (rows, H, W, C) uint8 array, memory-mapped or not.

    key: names these images in the cache; rows: which rows are the images, in order (None: all);
    skipped: names of the images that could not be read; note: what part of the dataset this is,
    where it is not the whole; labels: (len,) the number of each image's class in `classes`.
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
        note: str = "",
        labels: np.ndarray | None = None,
        classes: Sequence[str] = (),
    ) -> None:
        self.name, self.title, self.source, self.space = name, title, source, space
        self.skipped, self.note, self.key = tuple(skipped), note, key
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
