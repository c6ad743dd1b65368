"""The datasets of the paper and your own: images by number, and factors if they are known."""

from .base import Dataset
from .opening import config_dataset, load_dataset, own_datasets
from .table import DATASETS, DatasetEntry, dataset_title

__all__ = [
    "DATASETS",
    "Dataset",
    "DatasetEntry",
    "config_dataset",
    "dataset_title",
    "load_dataset",
    "own_datasets",
]
