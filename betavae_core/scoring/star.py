"""The star of ground-truth traversals in a run's latent space, encoded, measured and stored."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..datasets import Dataset
from ..embedding.numbers import path_numbers
from ..embedding.paths import FactorPath, star
from ..embedding.projections import fit_pca
from ..errors import no_factors
from ..provenance import versions
from ..store import Run
from .encoding import encode_rows
from .representation import Encoder, Representation

DIGITS = 4  # significant ones, of a stored coordinate
NUMBERS = ("spread", "sigma", "nearest", "separation")  # those stored of `numbers`


@dataclass(frozen=True)
class Star:
    """One path for every factor, through all its values: its images in order, with their codes."""

    names: list[str]  # of the factors
    paths: list[FactorPath]
    rows: np.ndarray  # (N,) images of the dataset, path after path
    mean: np.ndarray  # (N, D), posterior means
    log_var: np.ndarray  # (N, D)
    points: np.ndarray  # (N, 2): the means on the two principal axes of the distinct images' codes
    explained: np.ndarray  # share of the variance along each axis

    @property
    def parts(self) -> dict[str, np.ndarray]:
        """The points of each factor's path, (n, 2), by the factor's name."""
        ends = np.cumsum([len(path.rows) for path in self.paths])[:-1]
        return dict(zip(self.names, np.split(self.points, ends), strict=True))

    @property
    def numbers(self) -> dict[str, Any]:
        """`embedding.numbers.path_numbers`."""
        return path_numbers(self.paths, self.mean, self.log_var, self.names)


def encoded_star(
    model: Encoder | Representation, dataset: Dataset, base: np.ndarray | None = None
) -> Star:
    """The star from one image, given by its factor values (K,); by default the image with the
    median of every factor (paper, Figure 5). (0, 0) is the prior's mean. Raises `InputError`
    without factors."""
    space = dataset.space
    if space is None:
        raise no_factors(dataset.title, ": nothing to traverse")
    paths = star(space, base)
    rows = np.concatenate([path.rows for path in paths])
    mean, log_var = encode_rows(model, dataset, rows)
    projection = fit_pca(mean[np.unique(rows, return_index=True)[1]])  # each image once
    points = mean @ projection.axes.T
    points = np.pad(points, ((0, 0), (0, 2 - points.shape[1])))
    return Star(list(space.names), paths, rows, mean, log_var, points, projection.explained)


def _stored(points: np.ndarray) -> list[list[float]]:
    return [[float(f"{value:.{DIGITS}g}") for value in point] for point in points]


def measured_star(run: Run) -> dict[str, Any] | None:
    """The run's newest record of its star; None if there is none."""
    found = [record for record in run.valid_scores if record["score"] == "star"]
    return found[-1] if found else None


def score_star(run: Run, dataset: Dataset) -> dict[str, Any]:
    """Store the star from the image with the median of every factor: points (factor → (n, 2)),
    explained, and `NUMBERS`. Raises `InputError` without factors."""
    found = encoded_star(run.model, dataset)
    record = {
        "score": "star",
        "weights": run.weights_hash,
        "points": {name: _stored(part) for name, part in found.parts.items()},
        "explained": found.explained.tolist(),
        "numbers": {name: found.numbers[name] for name in NUMBERS},
        "settings": {
            "dataset": dataset.name,
            "source": dataset.source,
            "images": len(np.unique(found.rows)),
        },
        "versions": versions(),
    }
    run.keep_score(record)
    return record
