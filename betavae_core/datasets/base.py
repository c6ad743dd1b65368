"""What every dataset has: a factor space (or none) and images by index."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch

from ..errors import InputError
from ..factors import FactorSpace

Indices = torch.Tensor | np.ndarray | Sequence[int]


class Dataset(ABC):
    """Images by index, with or without known factors of variation."""

    name: str  # as in DATASETS
    title: str  # for people
    source: str  # "rendered" | "official" | "own": every result records which
    space: FactorSpace | None  # None: no known factors
    shape: tuple[int, int, int]  # (C, H, W)
    skipped: tuple[str, ...] = ()  # names of images that could not be read and were left out
    reasons: tuple[str, ...] = ()  # why, one for each of them
    classes: tuple[str, ...] = ()  # names, where the images have classes
    labels: np.ndarray | None = None  # (len,) number of each image's class
    note: str = ""  # which part of the dataset this is, and how it was read, where that is unusual
    key: str  # changes with the images: names what is computed from them in the cache
    device: torch.device = torch.device("cpu")

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def _images(self, indices: torch.Tensor) -> torch.Tensor:
        """Images (N, C, H, W) uint8 for checked int64 indices (N,) on `self.device`."""

    def images(self, indices: Indices) -> torch.Tensor:
        """Images (N, C, H, W), uint8, on the dataset's device; raises outside 0…len - 1."""
        wanted = torch.as_tensor(
            indices if isinstance(indices, torch.Tensor) else np.asarray(indices)
        )
        if wanted.ndim != 1 or (wanted.is_floating_point() and wanted.numel()):
            raise InputError(
                f"Indices must be a list of whole numbers, got {wanted.dtype} "
                f"of shape {tuple(wanted.shape)}."
            )
        if wanted.numel() and not 0 <= int(wanted.min()) <= int(wanted.max()) < len(self):
            raise InputError(f"An index is outside 0…{len(self) - 1} of {self.title}.")
        return self._images(wanted.to(self.device, torch.int64))

    def mark(self) -> str:
        """Which images these are, on any machine: published and rendered ones never change."""
        return f"{self.name}-{self.source}"

    def left_out(self, most: int = 5) -> str:
        """A sentence about the images that could not be read; "" where all were."""
        if not (count := len(self.skipped)):
            return ""
        named = zip(self.skipped[:most], self.reasons, strict=False)
        return (
            f"{count:,} image{' was' if count == 1 else 's were'} left out: "
            + "; ".join(f"{name} ({reason})" for name, reason in named)
            + ("; …" if count > most else ".")
        )

    def gather(self, indices: torch.Tensor) -> torch.Tensor:
        """`images` of int64 indices (N,) on `self.device` that are known to be in range: nothing is
        asked of the device, which may be busy with earlier work."""
        return self._images(indices)

    def to(self, device: str | torch.device) -> "Dataset":
        """The same dataset, producing its images on `device`."""
        self.device = torch.device(device)
        return self


def to_float(images: torch.Tensor) -> torch.Tensor:
    """uint8 (N, C, H, W) to float32 in [0, 1]."""
    return images.float().div_(255)
