"""The traversals of every latent of a run from the median image, as one labelled picture."""

from functools import partial
from typing import Any

import numpy as np
import torch

from betavae_core.datasets import Dataset
from betavae_core.datasets.base import to_float
from betavae_core.pictures.grids import labelled_grid
from betavae_core.scoring.elbo import latents_by_kl, latest_elbo
from betavae_core.store import Run
from betavae_core.traversal import codes as traversals
from pages._ui.charts import picture_file
from pages._ui.text_size import letters

COLUMNS = 9  # of the traversal grid
CAPTION = (
    "Each row moves one latent through the middle 95 % of the prior, starting from the code of the "
    "image with all factors at their medians."
)


def every_traversal(
    run: Run, image: torch.Tensor, order: list[int], height: int = 24
) -> np.ndarray:
    """The latents in this order through COLUMNS values each, from an image (1, C, H, W), as a
    labelled picture; height: of its letters, in pixels."""
    model: Any = run.model  # a model that encodes and decodes
    with torch.no_grad():
        z = model.encode(to_float(image))[0][0]
    codes = traversals.traversal_codes(z, order, traversals.prior_quantiles(COLUMNS, 0.95))
    images = traversals.decode_grid(model.decode, codes)
    return labelled_grid(images, [f"z{d}" for d in order], size=height)


def order_of(run: Run, matrix: np.ndarray | None) -> list[int]:
    """Latents by their information: KL, otherwise their largest matrix entry."""
    score = latest_elbo(run)
    if score is None and matrix is not None:
        return sorted(range(run.config.latents), key=lambda d: -matrix[d].max())
    return latents_by_kl(score, run.config.latents)


def traversals_of(
    run: Run, dataset: Dataset, matrix: np.ndarray | None = None
) -> tuple[bytes, list[int]]:
    """The traversals of every latent from the median image as PNG, and the order of the latents;
    matrix: replaces an unknown KL in ordering them."""
    space = dataset.space
    assert space is not None, "only datasets with factors are scored"
    image = dataset.images(space.index(space.median()[None]))
    order = order_of(run, matrix)
    return picture_file(partial(every_traversal, run, image, order, letters(24))), order
