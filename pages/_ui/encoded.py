"""Codes of a run's images, cached: what embeddings, histograms and matching are made of."""

import numpy as np
import streamlit as st
import torch

from betavae_core.datasets import Dataset
from betavae_core.embeddings import encode_rows
from betavae_core.rng import generator
from betavae_core.store import Run

AGGREGATE = 1_000  # random images that stand for the dataset


@st.cache_data(max_entries=200, show_spinner="Encoding …")
def codes(
    weights: str, key: str, rows: tuple[int, ...], _run: Run, _dataset: Dataset
) -> tuple[np.ndarray, np.ndarray]:
    """Posterior means and log-variances of images, keyed by the weights' hash and the dataset."""
    return encode_rows(_run.model.encode, _dataset.images, np.array(rows))


def aggregate_codes(run: Run, dataset: Dataset) -> np.ndarray:
    """Posterior means (AGGREGATE, D) of the same random images for all runs of the dataset."""
    return _aggregate(run, dataset)[0]


def aggregate_densities(
    run: Run, dataset: Dataset, low: float, high: float, bins: int = 48
) -> list[list[float]]:
    """Of each latent, the histogram of the aggregate posterior (one sample of q(z|x) for each of
    AGGREGATE images) in even bins from low to high, the highest bin 1."""
    mean, log_var = _aggregate(run, dataset)
    noise = torch.randn(mean.shape, generator=generator(0, "densities")).numpy()
    drawn = mean + np.exp(0.5 * log_var) * noise
    counts = [np.histogram(column, bins, (low, high))[0] for column in drawn.T]
    return [(count / max(count.max(), 1)).round(3).tolist() for count in counts]


def _aggregate(run: Run, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    drawn = torch.randint(len(dataset), (AGGREGATE,), generator=generator(0, "aggregate"))
    return codes(run.weights_hash, dataset.key, tuple(drawn.tolist()), run, dataset)
