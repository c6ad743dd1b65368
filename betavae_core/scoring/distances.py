"""Distances between a dataset and a run's images: reconstructions and prior samples, which are kept
apart."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from ..datasets import Dataset, config_dataset
from ..datasets.base import to_float
from ..device import choose_device, exact_float32, moved
from ..disk_cache import Progress
from ..errors import InputError, Refusal, unknown_name, wrong_value
from ..fid import FEATURES, default_features
from ..fid.extrapolation import distance_by_count, extrapolate, usual_counts
from ..fid.features import Extractor, extract
from ..fid.reference import IMAGES as REFERENCE_IMAGES
from ..fid.reference import Reference, reference
from ..models import VAE
from ..pictures.grids import to_bytes
from ..provenance import versions
from ..rng import generator
from ..store import Run

IMAGE_KINDS = {
    "reconstructions": "decoded posterior means of images of the dataset",
    "samples": "decoded draws from the prior",
}
IMAGES = 10_000  # images on which the distances of a run are measured
FEW = 2_048  # images: with fewer, the covariance of this many features is singular
BATCH = 256


def few_images(count: int, reference_images: int = FEW) -> str:
    """A warning if `count` images, or this many of the reference, are too few, otherwise ""."""
    count = min(count, reference_images)
    if count >= FEW:
        return ""
    return (
        f"{count:,} images are fewer than {FEW:,}, the dimensions of Inception's features: the "
        "Fréchet distance is strongly biased upwards; compare the kernel distance instead."
    )


def asked_settings(
    dataset: Dataset, kind: str, features: str, images: int, reference_images: int, seed: int
) -> dict[str, Any]:
    """The settings that identify a distance; numbers of images are at most the dataset's. `of`
    identifies the images: a user's own files may change under the same name."""
    return {
        "dataset": dataset.name,
        "source": dataset.source,
        "kind": kind,
        "features": features,
        "images": min(images, len(dataset)),
        "reference_images": min(reference_images, len(dataset)),
        "seed": seed,
        "preprocessing": FEATURES[features].preprocessing,
        "of": images_mark(dataset),
    }


def images_mark(dataset: Dataset) -> str | int:
    """Identifies a dataset's images: by their number, and for a user's own images by their mark."""
    return dataset.mark() if dataset.source == "own" else len(dataset)


def made_images(
    model: VAE, dataset: Dataset | None, kind: str, count: int, seed: int = 0
) -> Iterator[torch.Tensor]:
    """`count` images of one of the `IMAGE_KINDS`, in batches, rounded to uint8 as a PNG would be.

    Reconstructions are of different images of `dataset`, drawn with `seed`; samples need none.
    Raises `InputError` for another kind, fewer than two images, or more than the dataset has.
    """
    if kind not in IMAGE_KINDS:
        raise unknown_name("kind", kind, IMAGE_KINDS)
    if count < 2:
        raise wrong_value("A distance", "two or more images", count, "needs")
    place = next(model.parameters()).device
    random = generator(seed, kind)
    rows = torch.empty(0)
    if kind == "reconstructions":
        assert dataset is not None, "reconstructions need a dataset"
        if count > len(dataset):
            raise InputError(
                f"{dataset.title} has only {len(dataset):,} images, got {count:,}.",
                Refusal.VALUE,
                name="count",
                expected=f"at most {len(dataset)}",
                got=count,
            )
        rows = torch.randperm(len(dataset), generator=random)[:count]
    for first in range(0, count, BATCH):
        size = min(BATCH, count - first)
        with torch.no_grad(), exact_float32:
            if kind == "samples":
                z = torch.randn(size, model.latents, generator=random).to(place)
            else:
                assert dataset is not None, "checked above"
                z, _ = model.encode(to_float(dataset.images(rows[first : first + size])).to(place))
            made = to_bytes(model.decode(z))
        yield made


def measure_distances(
    model: VAE,
    dataset: Dataset,
    compared: Reference,
    extractor: Extractor,
    kind: str,
    count: int,
    *,
    seed: int = 0,
    counts: list[int] | None = None,
    made: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """The Fréchet and the kernel distance of `count` images of a model to a reference, lower is
    better.

    made is told how many images of how many are made. Returns frechet, kernel,
    kernel_standard_error and, with `counts` (by default none), the Fréchet distance at each count
    as `by_count` ([N, value] each) and its extrapolation as `limit` and `limit_standard_error`.
    """
    tell = made or (lambda done, total: None)
    parts: list[np.ndarray] = []
    for images in made_images(model, dataset, kind, count, seed):
        tell(sum(map(len, parts)), count)
        parts.append(extract(extractor, images).numpy())
    tell(count, count)
    features = np.concatenate(parts)
    kernel = compared.kernel(features, seed)
    found: dict[str, Any] = {
        "kernel": float(kernel),
        "kernel_standard_error": None if np.isnan(kernel.standard_error) else kernel.standard_error,
    }
    if counts is None:
        return {"frechet": compared.frechet(features), **found}
    values = distance_by_count(compared.frechet, features, counts, seed=seed)
    limit = extrapolate(counts, values)
    error = None if np.isnan(limit.standard_error) else limit.standard_error
    return {
        "frechet": values[-1] if counts[-1] == count else compared.frechet(features),
        **found,
        "by_count": [[n, value] for n, value in zip(counts, values, strict=True)],
        "limit": float(limit),
        "limit_standard_error": error,
    }


def score_distances(
    run: Run,
    dataset: Dataset | None = None,
    *,
    features: str | None = None,
    kinds: tuple[str, ...] = tuple(IMAGE_KINDS),
    images: int = IMAGES,
    reference_images: int = REFERENCE_IMAGES,
    seed: int = 0,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
    made: Callable[[str, int, int], None] | None = None,
    again: bool = False,
    store: bool = True,
) -> list[dict[str, Any]]:
    """`measure_distances` of a run for each kind, each stored (unless `store` is false) as a
    "frechet" record with its settings when it is finished; stored ones are not computed again.

    features: a key of `FEATURES` (None: "inception" if its weights are available, otherwise
    "lite0"). images: of each kind, at most as many as the dataset has. progress is told of
    one-time work on the dataset, and made (by default progress) how many images of a kind are made.
    Raises `InputError` for
    unknown names, fewer than three images (the extrapolated line needs two points), and features
    without weights.
    """

    def told(kind: str, done: int, total: int) -> None:
        if progress is not None:
            progress(f"features of {kind}", done, total)

    features = features or default_features()
    if features not in FEATURES:
        raise unknown_name("kind of features", features, FEATURES)
    dataset = dataset or config_dataset(run.config)
    place = choose_device(str(device))
    images, reference_images = min(images, len(dataset)), min(reference_images, len(dataset))
    if min(images, reference_images) < 3:
        raise InputError(
            f"A distance and its extrapolation need three or more images on both sides, got "
            f"{images} and {reference_images}.",
            Refusal.VALUE,
            name="images",
            expected="three or more on both sides",
            got=[images, reference_images],
        )
    model = moved(run.vae, place)
    records: list[dict[str, Any]] = []
    extractor: Extractor | None = None
    for kind in kinds:
        asked = asked_settings(dataset, kind, features, images, reference_images, seed)
        if (found := distance_record(run, asked)) and not again:
            records.append(found)
            continue
        compared = reference(
            dataset,
            features,
            images=reference_images,
            seed=seed,
            device=place,
            progress=progress,
        )
        extractor = extractor or FEATURES[features].build(place)
        measured = measure_distances(
            model,
            dataset,
            compared,
            extractor,
            kind,
            images,
            seed=seed,
            counts=usual_counts(images),
            made=partial(made or told, kind),
        )
        records.append(
            {
                "score": "frechet",
                "weights": run.weights_hash,
                "value": measured.pop("frechet"),
                "settings": {
                    **{key: value for key, value in asked.items() if key != "of"},
                    **({"part": dataset.note} if dataset.note else {}),
                    "reference_images": len(compared.table),
                },
                "details": measured,
                "asked": asked,
                "versions": versions("scipy"),
            }
        )
        if store:
            run.keep_score(records[-1])
    return records


def distance_record(run: Run, asked: dict[str, Any]) -> dict[str, Any] | None:
    """The stored record of exactly these settings, or None."""
    for record in run.valid_scores:
        if record["score"] == "frechet" and record.get("asked") == asked:
            return record
    return None


def distance_observer(
    dataset: Dataset,
    count: int,
    *,
    features: str | None = None,
    reference_images: int = REFERENCE_IMAGES,
    seed: int = 0,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
) -> Callable[[VAE], dict[str, Any]]:
    """A function for `train` to call during training: the distances of `count` reconstructions (all
    images if the dataset has fewer), as a part of a history record. The reference is computed here
    unless it is in the cache."""
    features = features or default_features()
    count = min(count, len(dataset))
    place = choose_device(str(device))
    compared = reference(
        dataset,
        features,
        images=reference_images,
        seed=seed,
        device=place,
        progress=progress,
    )
    extractor = FEATURES[features].build(place)

    def observe(model: VAE) -> dict[str, Any]:
        measured = measure_distances(
            model, dataset, compared, extractor, "reconstructions", count, seed=seed
        )
        return {
            "distances": {
                "kind": "reconstructions",
                "features": features,
                "images": count,
                "reference_images": len(compared.table),
                **measured,
            }
        }

    return observe
