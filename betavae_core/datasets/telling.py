"""A few images of a dataset that show what is in it, chosen by a rule: for a first look, where
random images may all be small or alike."""

import numpy as np

from ..factors import FactorSpace
from .base import Dataset

LARGEST = ("scale", "size")  # last words of the names of factors that are set to their last value
RULE = {
    "factors": "of the largest size, with all other factors spread evenly",
    "classes": "the first ones of classes spread evenly over all classes",
    "neither": "spread evenly over the dataset",
}


def telling_images(dataset: Dataset, count: int) -> np.ndarray:
    """Indices (count,): with known factors, sizes are the largest and all other factors spread
    evenly; with classes, the first images of classes spread evenly over all; otherwise images
    spread evenly over the dataset."""
    if dataset.space is not None:
        return dataset.space.index(telling_factors(dataset.space, count))
    labels = dataset.labels
    if labels is None:
        return _evenly(count, len(dataset))
    there = np.unique(labels)
    chosen = there[_evenly(count, len(there))]
    turns = [int((chosen[:n] == label).sum()) for n, label in enumerate(chosen)]
    of_class = [np.flatnonzero(labels == label) for label in chosen]
    return np.array([rows[n % len(rows)] for n, rows in zip(turns, of_class, strict=True)])


def telling_rule(dataset: Dataset) -> str:
    """What `telling_images` chooses, as the rest of a sentence after "images"."""
    if dataset.space is not None:
        return RULE["factors"]
    return RULE["neither" if dataset.labels is None else "classes"]


def telling_factors(space: FactorSpace, count: int) -> np.ndarray:
    """Factor values (count, K): sizes are the largest, and the others follow Roberts' R sequence,
    whose first n points lie evenly in the unit cube for every n."""
    table = np.zeros((count, len(space.sizes)), np.int64) + np.array(space.sizes) - 1
    free = [k for k, name in enumerate(space.names) if name.split()[-1] not in LARGEST]
    root = 2.0  # of x^(d + 1) = x + 1, the generalised golden ratio
    for _ in range(60):
        root = (1 + root) ** (1 / (len(free) + 1))
    for place, k in enumerate(free, 1):
        share = (0.5 + np.arange(1, count + 1) * root**-place) % 1
        table[:, k] = (share * space.sizes[k]).astype(np.int64)
    return table


def _evenly(count: int, size: int) -> np.ndarray:
    """`count` of the numbers below `size`, ascending; each more than once if there are fewer."""
    return np.arange(count) * size // count
