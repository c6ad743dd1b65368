"""The base of every dataset: a factor space (or none) and images by index."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch

from ..disk_cache import Progress
from ..errors import InputError, Refusal, outside
from ..factors import FactorSpace

Indices = torch.Tensor | np.ndarray | Sequence[int]


class Dataset(ABC):
    """Images by index, with or without known factors of variation."""

    name: str  # as in DATASETS
    title: str  # for people
    source: str  # "rendered" | "official" | "excerpt" | "own": every result records which
    space: FactorSpace | None  # None: no known factors
    shape: tuple[int, int, int]  # (C, H, W)
    skipped: tuple[str, ...] = ()  # names of unreadable images, which were left out
    reasons: tuple[str, ...] = ()  # the reason for each of them
    classes: tuple[str, ...] = ()  # names, if the images have classes
    labels: np.ndarray | None = None  # (len,) number of each image's class
    note: str = ""  # the part of the dataset and the way of reading, if unusual
    key: str  # changes with the images: part of the names in the cache
    device: torch.device = torch.device("cpu")

    @abstractmethod
    def __len__(self) -> int: ...

    def prepare(  # noqa: B027 (most need none)
        self, progress: Progress | None = None, indices: Indices | None = None
    ) -> None:
        """The one-time work before the first image, if any is left, for all images or only some;
        `images` does it unasked."""

    def is_ready(self, indices: Indices) -> bool:
        """Whether these images are there within seconds, without long one-time work."""
        return True

    @abstractmethod
    def _images(self, indices: torch.Tensor) -> torch.Tensor:
        """Images (N, C, H, W) uint8 for checked int64 indices (N,) on `self.device`."""

    def images(self, indices: Indices) -> torch.Tensor:
        """Images (N, C, H, W), uint8, on the dataset's device; raises outside 0…len - 1."""
        wanted = torch.as_tensor(
            indices if isinstance(indices, torch.Tensor) else np.array(indices)
        )
        if wanted.ndim != 1 or (wanted.is_floating_point() and wanted.numel()):
            raise InputError(
                f"Indices must be a list of whole numbers, got {wanted.dtype} "
                f"of shape {tuple(wanted.shape)}.",
                Refusal.VALUE,
                name="indices",
                expected="a list of whole numbers",
            )
        if wanted.numel() and not 0 <= int(wanted.min()) <= int(wanted.max()) < len(self):
            raise outside(len(self) - 1, self.title)
        return self._images(wanted.to(self.device, torch.int64))

    def mark(self) -> str:
        """Identifies the images on any machine: published and rendered ones never change."""
        return f"{self.name}-{self.source}"

    @property
    def source_and_part(self) -> str:
        """The source, and the part of the dataset if it is not the whole, for captions: "rendered",
        "excerpt, 256 official test images"."""
        return f"{self.source}, {self.note}" if self.note else self.source

    def left_out(self, most: int = 5) -> str:
        """A sentence about the images that could not be read; "" if all were read."""
        if not (count := len(self.skipped)):
            return ""
        named = zip(self.skipped[:most], self.reasons, strict=False)
        return (
            f"{count:,} image{' was' if count == 1 else 's were'} left out: "
            + "; ".join(f"{name} ({reason})" for name, reason in named)
            + ("; …" if count > most else ".")
        )

    def gather(self, indices: torch.Tensor) -> torch.Tensor:
        """`images` of int64 indices (N,) on `self.device` that are known to be in range: there is
        no check, which would wait for the device."""
        return self._images(indices)

    def to(self, device: str | torch.device) -> "Dataset":
        """The same dataset, producing its images on `device`."""
        self.device = torch.device(device)
        return self


def to_float(images: torch.Tensor) -> torch.Tensor:
    """uint8 (N, C, H, W) to float32 in [0, 1]."""
    return images.float().div_(255)
