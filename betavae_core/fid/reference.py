"""The reference side of a distance: a dataset's features and their Gaussian, computed once per
dataset and preprocessing and kept on disk."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from ..datasets import Dataset
from ..disk_cache import Progress, prepared
from ..errors import InputError, Refusal, unknown_name, wrong_value
from ..rng import generator
from .features import FEATURES, extract
from .frechet import covariance_root, frechet_of_features_to_root
from .kernel import Estimate, kernel_distance
from .moments import add_features, no_moments

IMAGES = 50_000  # all training images of CIFAR, as FID is usually computed
BATCH = 256
MOST_KERNEL = 10_000  # images of the reference from which the kernel distance draws its subsets


@dataclass(frozen=True)
class Reference:
    """Features of a dataset's images and their Gaussian."""

    features: str  # key of FEATURES
    dataset: str
    source: str
    part: str  # the part of the dataset, if it is not the whole
    table: np.ndarray  # (N, D) float32, memory-mapped
    mean: np.ndarray  # (D,)
    root: np.ndarray  # (D, r), root @ root.T is the covariance

    def frechet(self, features: np.ndarray) -> float:
        """The Fréchet distance of features (N, D) to the reference, ≥ 0, lower is better."""
        return frechet_of_features_to_root(self.mean, self.root, features)

    def kernel(self, features: np.ndarray, seed: int = 0) -> Estimate:
        """The kernel distance (`kernel_distance`) to the reference, unbiased, lower is better."""
        return kernel_distance(self.table[:MOST_KERNEL], features, seed=seed)


def reference(
    dataset: Dataset,
    features: str,
    *,
    images: int = IMAGES,
    seed: int = 0,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
) -> Reference:
    """Features of `images` images of the dataset, drawn with `seed` without repeats (all of them if
    it has no more), from the cache or computed now.

    After a kill the next call continues. Raises `InputError` for unknown features, fewer than two
    images, features without weights, and an excerpt.
    """
    entry = FEATURES.get(features)
    if entry is None:
        raise unknown_name("kind of features", features, FEATURES)
    if images < 2:
        raise wrong_value("A reference", "two or more images", images, "needs")
    if dataset.source == "excerpt":
        raise InputError(
            f"The excerpt of {dataset.title} ({len(dataset)} images) is too small to measure a "
            f"distance to; get the official images with `python -m betavae_core data fetch "
            f"{dataset.name}`.",
            Refusal.UNSUITABLE,
            dataset=dataset.name,
            source=dataset.source,
        )
    name, rows = _name_and_rows(dataset, features, images, seed)

    def blocks(start: int) -> Iterator[np.ndarray]:
        extractor = entry.build(device)
        for part in torch.from_numpy(rows[start:]).split(BATCH):
            yield extract(extractor, dataset.images(part), dimensions=entry.dimensions).numpy()

    table = prepared(
        name,
        (len(rows), entry.dimensions),
        np.float32,
        blocks,
        title=f"{entry.title} features of {len(rows):,} images of {dataset.title}",
        progress=progress,
    )

    def gaussian(start: int) -> Iterator[np.ndarray]:
        moments = no_moments(entry.dimensions)
        for first in range(0, len(table), 4096):
            moments = add_features(moments, table[first : first + 4096])
        root = covariance_root(moments.covariance)
        padded = np.zeros((1 + entry.dimensions, entry.dimensions))
        padded[0], padded[1:, : root.shape[1]] = moments.mean, root
        yield padded[start:]

    stored = prepared(
        f"{name}-gaussian",
        (1 + entry.dimensions, entry.dimensions),
        np.float64,
        gaussian,
        title="their mean and covariance",
        progress=progress,
    )
    used = stored[1:].any(0)
    return Reference(
        features, dataset.name, dataset.source, dataset.note, table, stored[0], stored[1:, used]
    )


def _name_and_rows(
    dataset: Dataset, features: str, images: int, seed: int
) -> tuple[str, np.ndarray]:
    """The reference's name in the cache, and the dataset's indices of its rows. The name changes
    with the preprocessing, so that a stale one is never found."""
    entry = FEATURES[features]
    about = f"{entry.title}\0{entry.preprocessing}\0{entry.dimensions}"
    mark = hashlib.sha256(about.encode()).hexdigest()[:8]
    # in random order even if it is the whole, since files are often sorted by class
    rows = torch.randperm(len(dataset), generator=generator(seed, "reference"))[:images].numpy()
    return f"features-{features}-{mark}-{dataset.key}-{len(rows)}of{len(dataset)}-{seed}", rows
