"""Datasets whose images are composed from maps of views."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from ...disk_cache import Progress, is_prepared, prepared
from ...factors import FactorSpace
from ..base import Dataset, Indices

BLOCK = 40  # rows that are written at once


class Composed(Dataset):
    """An image is composed from the maps of its view, the values of its geometric factors.

    The maps of all views are a table, rendered once and kept on disk: by `prepare`, or when many
    images are asked for. The few views that are looked at first are rendered one by one and kept in
    memory, so that nobody waits for the table to see one image.
    """

    space: FactorSpace
    views: FactorSpace  # the geometric factors
    row: tuple[tuple[int, ...], Any]  # shape and type of the maps of one view
    few: int  # views up to which rendering them one by one is the shorter wait

    def __init__(self) -> None:
        names = self.space.names
        self.geometric = [names.index(name) for name in self.views.names]
        self.table: torch.Tensor | None = None  # (V, …), once it is rendered or opened
        self.looked_at: dict[int, torch.Tensor] = {}  # maps (…) of views, without the table

    @abstractmethod
    def render(self, view: tuple[int, ...]) -> np.ndarray:
        """The maps of one view, given by its factor values; of the shape and type `row`."""

    @abstractmethod
    def compose(
        self, maps: torch.Tensor, rows: torch.Tensor, factors: torch.Tensor
    ) -> torch.Tensor:
        """Images (N, C, H, W) uint8 of factor values (N, K), from the rows (N,) of maps (V, …)."""

    def prepare(self, progress: Progress | None = None, indices: Indices | None = None) -> None:
        if self.table is not None:
            return
        missing = None if indices is None else self._missing(torch.as_tensor(indices))
        if missing is None or len(missing) > self.few or is_prepared(self.key):
            shape, kind = self.row
            table = prepared(
                self.key,
                (self.views.size, *shape),
                kind,
                self._blocks,
                title=f"{self.title} (rendered)",
                progress=progress,
            )
            self.table = torch.from_numpy(table).to(self.device)
            return
        for done, view in enumerate(missing):
            if progress:
                progress(f"{self.title} (rendered)", done, len(missing))
            factors = self.views.factors(np.array([view]))[0].tolist()
            self.looked_at[view] = torch.from_numpy(self.render(tuple(factors))).to(self.device)

    def whole_table(self) -> torch.Tensor:
        """The maps of all views, (V, …)."""
        self.prepare()
        assert self.table is not None, "prepared above"
        return self.table

    def is_ready(self, indices: Indices) -> bool:
        if self.table is not None or is_prepared(self.key):
            return True
        return len(self._missing(torch.as_tensor(indices))) <= self.few

    def _missing(self, indices: torch.Tensor) -> list[int]:
        """The views of images (N,) that are not in memory."""
        wanted: list[int] = self._views(self.space.factors(indices)).unique().tolist()
        return [view for view in wanted if view not in self.looked_at]

    def _views(self, factors: torch.Tensor) -> torch.Tensor:
        """The numbers (N,) of the views of factor values (N, K)."""
        views: torch.Tensor = self.views.index(factors[:, self.geometric])
        return views

    def _blocks(self, start: int) -> Iterator[np.ndarray]:
        """The rows of all views from number `start` on, a few at a time."""
        rows = np.arange(start, self.views.size)
        for part in np.array_split(rows, -(-len(rows) // BLOCK)):
            yield np.stack([self.render(tuple(view)) for view in self.views.factors(part).tolist()])

    def to(self, device: str | torch.device) -> "Composed":
        super().to(device)
        self.table = self.whole_table().to(self.device)
        return self

    def __len__(self) -> int:
        return self.space.size

    def _images(self, indices: torch.Tensor) -> torch.Tensor:
        if not len(indices):
            return torch.empty(0, *self.shape, dtype=torch.uint8, device=self.device)
        factors = self.space.factors(indices)
        views = self._views(factors)
        self.prepare(indices=indices)
        if self.table is not None:
            return self.compose(self.table, views, factors)
        few, rows = views.unique(return_inverse=True)
        maps = torch.stack([self.looked_at[view] for view in few.tolist()])
        return self.compose(maps, rows, factors)
