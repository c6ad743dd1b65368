"""The datasets of the paper and your own: images by number, and factors if they are known."""

from typing import TYPE_CHECKING

from ..lazy import lazy_names

if TYPE_CHECKING:
    from .base import Dataset
    from .opening import (
        config_dataset,
        dataset_to_look_at,
        load_dataset,
        own_datasets,
        sources_to_look_at,
    )
    from .table import DATASETS, DatasetEntry
    from .titles import dataset_title

__all__ = [
    "DATASETS",
    "Dataset",
    "DatasetEntry",
    "config_dataset",
    "dataset_title",
    "dataset_to_look_at",
    "load_dataset",
    "own_datasets",
    "sources_to_look_at",
]

PLACES = {
    "DATASETS": "table",
    "Dataset": "base",
    "DatasetEntry": "table",
    "config_dataset": "opening",
    "dataset_title": "titles",
    "dataset_to_look_at": "opening",
    "load_dataset": "opening",
    "own_datasets": "opening",
    "sources_to_look_at": "opening",
}
__getattr__ = lazy_names(__name__, PLACES)
