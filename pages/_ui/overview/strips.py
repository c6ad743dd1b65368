"""The reconstructions of the same few images, a strip per run, and all of them as one picture."""

import numpy as np
import streamlit as st
import torch

from betavae_core.datasets import Dataset
from betavae_core.datasets.base import to_float
from betavae_core.pictures.grids import grid, labelled_grid
from betavae_core.shipping.strips import drawn, strip_images, strip_png
from betavae_core.store import Run
from betavae_core.store.labels import run_labels


@st.cache_data(max_entries=200, show_spinner="Opening images …")
def originals(key: str, _images: Dataset, seed: int) -> torch.Tensor:
    """The images (STRIP, C, H, W) of the dataset with this key."""
    return _images.images(drawn(_images, seed))


def one_row(images: torch.Tensor) -> np.ndarray:
    """Images (N, C, H, W) uint8 as one row."""
    return grid(images[None])


@st.cache_data(max_entries=200, show_spinner="Reconstructing …")
def strip(
    weights: str, key: str | None, _run: Run, _images: torch.Tensor | None, seed: int
) -> bytes:
    """`strip_images` as one row of PNG, keyed by the weights' hash and the dataset's key."""
    return strip_png(_run, _images, seed)


def all_strips(runs: list[Run], dataset: Dataset | None) -> np.ndarray:
    """The originals, if available, and each run's reconstructions of them, in labelled rows."""
    images = None if dataset is None else dataset.images(drawn(dataset, 0))
    rows = [] if images is None else [to_float(images)]
    rows += [strip_images(run, images, 0) for run in runs]
    labels = ["original"] * (images is not None) + run_labels(runs)
    return labelled_grid(torch.stack(rows), labels, 2, 20)
