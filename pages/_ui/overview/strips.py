"""The reconstructions of the same few images, a strip per run, and all of them as one picture."""

import numpy as np
import streamlit as st
import torch

from betavae_core.datasets import Dataset
from betavae_core.datasets.base import to_float
from betavae_core.datasets.telling import telling_images, telling_rule
from betavae_core.pictures.grids import grid, labelled_grid
from betavae_core.shipping.strips import (
    RECONSTRUCTIONS,
    STRIP,
    drawn,
    strip_images,
    strip_png,
    strip_source,
)
from betavae_core.store import Run
from betavae_core.store.labels import run_labels

Rows = tuple[int, ...]


def shown_images(dataset: Dataset, runs: list[Run]) -> tuple[Rows, str]:
    """The images that all rows show, and how they were chosen: telling ones, or the random ones of
    the stored strips if one of the runs is kept without its weights and its strip is of them."""
    kept = [run for run in runs if not run.has_weights]
    if any(strip_source(run, dataset) == RECONSTRUCTIONS for run in kept):
        rows, how = drawn(dataset, 0).numpy(), "drawn at random"
    else:
        rows, how = telling_images(dataset, STRIP), telling_rule(dataset)
    return tuple(rows.tolist()), how


@st.cache_data(max_entries=200, show_spinner="Opening images …")
def originals(key: str, rows: Rows, _images: Dataset) -> torch.Tensor:
    """Images (N, C, H, W) of the dataset with this key."""
    return _images.images(rows)


def one_row(images: torch.Tensor) -> np.ndarray:
    """Images (N, C, H, W) uint8 as one row."""
    return grid(images[None])


@st.cache_data(max_entries=200, show_spinner="Reconstructing …")
def strip(
    weights: str, key: str | None, rows: Rows, _run: Run, _images: torch.Tensor | None
) -> bytes:
    """`strip_images` as one row of PNG, keyed by the weights' hash, the dataset's key and the
    images' numbers."""
    return strip_png(_run, _images)


def all_strips(runs: list[Run], dataset: Dataset | None, rows: Rows) -> np.ndarray:
    """The originals, if available, and each run's reconstructions of them, in labelled rows."""
    images = None if dataset is None else dataset.images(rows)
    lines = [] if images is None else [to_float(images)]
    lines += [strip_images(run, images, 0) for run in runs]
    labels = ["original"] * (images is not None) + run_labels(runs)
    return labelled_grid(torch.stack(lines), labels, 2, 20)
