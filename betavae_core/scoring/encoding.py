"""The codes of a few images of a dataset, without a table of them all."""

import numpy as np
import torch

from ..datasets import Dataset
from .representation import Encoder, Representation, representation_of


def encode_rows(
    model: Encoder | Representation, dataset: Dataset, rows: np.ndarray, batch: int = 256
) -> tuple[np.ndarray, np.ndarray]:
    """Posterior means and log-variances, float64 (N, D) each, of the images at `rows`."""
    answers, wanted = representation_of(model), np.asarray(rows)
    with torch.no_grad():
        parts = [
            answers.codes(dataset, wanted[first : first + batch])
            for first in range(0, len(wanted), batch)
        ]
    means, log_vars = zip(*parts, strict=True)
    return torch.cat(means).double().numpy(), torch.cat(log_vars).double().numpy()
