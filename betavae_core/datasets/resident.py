"""Datasets on a device: a GPU with enough memory keeps the whole dataset, so that a batch is
gathered without the host."""

import copy

import torch

from .base import Dataset

BATCH = 4096  # images drawn at once
SHARE = 0.5  # of the device's free memory that images may take


class Resident(Dataset):
    """Another dataset's images as one uint8 array on a device, drawn there once."""

    def __init__(self, dataset: Dataset, device: torch.device) -> None:
        drawn = copy.copy(dataset).to(device)  # the caller's dataset stays on its device
        self.name, self.title, self.source, self.key = (
            *(dataset.name, dataset.title),
            *(dataset.source, dataset.key),
        )
        self.space, self.shape, self.note = dataset.space, dataset.shape, dataset.note
        self.skipped, self.classes, self.labels = dataset.skipped, dataset.classes, dataset.labels
        self.device = device
        self.pixels = torch.empty(len(dataset), *dataset.shape, dtype=torch.uint8, device=device)
        for rows in torch.arange(len(dataset), device=drawn.device).split(BATCH):
            self.pixels[rows.to(device)] = drawn.gather(rows).to(device)

    def __len__(self) -> int:
        return len(self.pixels)

    def _images(self, indices: torch.Tensor) -> torch.Tensor:
        return self.pixels[indices]

    def to(self, device: str | torch.device) -> "Resident":
        self.pixels = self.pixels.to(device)
        super().to(device)
        return self


def on_device(dataset: Dataset, device: torch.device) -> Dataset:
    """The dataset with its images on `device`; on a GPU as `Resident` if they fit into half of its
    free memory, otherwise drawn or copied batch by batch. The given dataset stays on its device."""
    if isinstance(dataset, Resident) and dataset.device == device:
        return dataset
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        if len(dataset) * torch.Size(dataset.shape).numel() <= SHARE * free:
            return Resident(dataset, device)
    return copy.copy(dataset).to(device)
