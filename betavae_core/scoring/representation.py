"""What the scores are of: anything that answers `codes(dataset, rows)`."""

import copy
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch

from ..datasets import Dataset
from ..datasets.base import to_float
from ..device import moved


class Encoder(Protocol):
    """A model of images: a VAE, PCA, somebody else's checkpoint."""

    latents: int

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Images (N, C, H, W) in [0, 1] to posterior mean and log-variance, each (N, D)."""
        ...


@runtime_checkable
class Representation(Protocol):
    """Codes of the images of a dataset. The true factors and noise answer from the factors."""

    latents: int

    def codes(self, dataset: Dataset, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Posterior mean and log-variance, each (N, D), of the images `rows` (N,)."""
        ...


class EncodedImages:
    """The representation of a model that encodes images, on a device."""

    def __init__(self, model: Encoder, place: torch.device) -> None:
        self.model: Any = moved(model, place) if isinstance(model, torch.nn.Module) else model
        self.latents, self.place = model.latents, place
        self._moved: dict[int, Dataset] = {}

    def codes(self, dataset: Dataset, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        if dataset.device != self.place:  # a rendered one draws where it is
            if id(dataset) not in self._moved:
                self._moved = {id(dataset): copy.copy(dataset).to(self.place)}
            dataset = self._moved[id(dataset)]
        images = dataset.images(rows).to(self.place)
        return self.model.encode(to_float(images).contiguous(memory_format=torch.channels_last))


def representation_of(
    model: Encoder | Representation, place: torch.device | None = None
) -> Representation:
    """The model itself if it answers `codes`, otherwise what it makes of images."""
    if isinstance(model, Representation):
        return model
    return EncodedImages(model, place or torch.device("cpu"))
