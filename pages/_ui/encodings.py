"""Codes of a run's images, cached: for embeddings, histograms and matching."""

import numpy as np
import streamlit as st

from betavae_core.datasets import Dataset
from betavae_core.scoring.encoding import encode_rows
from betavae_core.store import Run
from betavae_core.traversal.codes import AGGREGATE
from betavae_core.traversal.latent_rows import densities
from betavae_core.traversal.pictures import aggregate_of, aggregate_rows

__all__ = ["AGGREGATE", "aggregate_codes", "aggregate_densities", "aggregate_posterior", "codes"]


@st.cache_data(max_entries=200, show_spinner="Encoding …")
def codes(
    weights: str, key: str, rows: tuple[int, ...], _run: Run, _dataset: Dataset
) -> tuple[np.ndarray, np.ndarray]:
    """Posterior means and log-variances of images, cached by the weights' hash and the dataset."""
    return encode_rows(_run.model, _dataset, np.array(rows))


def aggregate_posterior(run: Run, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Posterior means and log-variances (AGGREGATE, D) of the same random images for all runs of
    the dataset."""
    rows = tuple(aggregate_rows(dataset).tolist())
    return codes(run.weights_hash, dataset.key, rows, run, dataset)


def aggregate_codes(run: Run, dataset: Dataset) -> np.ndarray:
    """The posterior means of these images."""
    return aggregate_posterior(run, dataset)[0]


def aggregate_densities(run: Run, dataset: Dataset) -> list[list[float]]:
    """`densities` of the aggregate posterior: of one sample of q(z|x) for each of AGGREGATE
    images."""
    return densities(aggregate_of(run, lambda each: aggregate_posterior(each, dataset)))
