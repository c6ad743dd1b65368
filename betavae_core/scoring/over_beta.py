"""The codes of images over β, for a model for every β."""

import numpy as np

from ..datasets import Dataset
from ..store import Run
from ..store.frozen import at_beta
from .encoding import encode_rows

VALUES = 25  # of β, evenly spaced in log β over the range


def betas_over(run: Run) -> list[float]:
    """25 values of β over the run's range, ascending, of four significant digits."""
    model = run.multirate
    return [float(f"{beta:.4g}") for beta in np.geomspace(model.low, model.high, VALUES)]


def codes_over_beta(run: Run, dataset: Dataset, rows: tuple[int, ...]) -> np.ndarray:
    """Posterior means (VALUES, N, D) of the images at `rows` of the dataset, at each β. Raises
    `InputError` for a run without a range of β."""
    indices = np.array(rows)
    found = (encode_rows(at_beta(run, beta).vae, dataset, indices)[0] for beta in betas_over(run))
    return np.stack(list(found))
