"""Datasets that are composed from maps, which are rendered once and kept on disk."""

from abc import abstractmethod
from functools import cached_property
from typing import Generic, TypeVar

from ...disk_cache import Progress
from ..base import Dataset

M = TypeVar("M")


class Mapped(Dataset, Generic[M]):
    """`maps` are rendered, or opened, by `prepare` or before the first image."""

    @abstractmethod
    def _render(self, progress: Progress | None) -> M:
        """The maps, from disk where they are there."""

    def prepare(self, progress: Progress | None = None) -> None:
        if "maps" not in self.__dict__:
            self.maps = self._render(progress)

    @cached_property
    def maps(self) -> M:
        return self._render(None)
