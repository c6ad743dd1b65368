"""The everyday tasks in one call each: open, encode, score, traverse, measure. `import
betavae_core` offers these functions, which use the rooms below."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .datasets import Dataset, config_dataset, dataset_to_look_at, load_dataset
from .datasets.base import Indices, to_float
from .errors import InputError, Refusal, no_such, unknown_name
from .factors import Factors
from .metrics import ALL_METRICS
from .paths import runs_root
from .scoring.codes import code_table
from .scoring.distances import IMAGES, score_distances
from .scoring.elbo import latents_by_kl, latest_elbo
from .scoring.encoding import encode_rows
from .scoring.representation import Encoder, Representation
from .scoring.scores import score_metrics
from .store import Run, find_run, load_run
from .store.protocol import standard_choice
from .traversal.codes import decode_grid, prior_quantiles, traversal_codes


def open_run(name: str | Path, folder: str | Path | None = None) -> Run:
    """A run by its path, or by its name in `folder` (default: the folder of runs); otherwise raises
    `InputError` with the existing names."""
    return load_run(find_run(str(name), runs_root(folder)))


def open_dataset(name: str, source: str | None = None, root: str | Path | None = None) -> Dataset:
    """A dataset of the paper or your own. source: "rendered", "official" (default, if its file is
    available) or "excerpt" (a few images of CIFAR10 or CIFAR100); root: the path of the file or of
    your images."""
    return load_dataset(name, source, root)


def encode(
    model: Run | Encoder | Representation,
    dataset: Dataset | None = None,
    rows: Indices | None = None,
) -> np.ndarray:
    """Posterior means (N, D) of images of a dataset, float32, in the order of the dataset.

    model: a run, or anything with encode(images) or codes(dataset, rows), which return mean and
    log-variance; dataset: by default the run's own; rows: the numbers of the images (default: all).
    All images of a run are encoded once and kept in the cache folder. Raises `InputError` for a
    model without a dataset.
    """
    if isinstance(model, Run):
        dataset = dataset or config_dataset(model.config)
        if dataset.space is not None and rows is None:
            return np.asarray(code_table(model.model, model.weights_hash, dataset).mean)
        model = model.model
    if dataset is None:
        raise InputError(
            "encode needs a dataset for a model that is not a run.", Refusal.MISSING, name="dataset"
        )
    wanted = np.arange(len(dataset)) if rows is None else np.asarray(rows)
    return encode_rows(model, dataset, wanted)[0].astype(np.float32)


def score(
    of: Run | np.ndarray | torch.Tensor,
    name: str,
    factors: Factors | None = None,
    *,
    dataset: Dataset | None = None,
    store: bool = False,
    **settings: Any,
) -> dict[str, Any]:
    """One score: {"score", "value", "settings", "details"}; the value is in [0, 1], higher is
    better, for every name of `METRICS` (of `STATISTICS`: as their docstrings say).

    of: a run, scored on its own dataset or the given one, by default with the settings of the
    standard protocol; `store` keeps the score beside the run, and a stored score with the same
    settings is not computed again. Or a table of codes (N, D) with their `factors`: a `FactorSpace`
    for a full grid in its order, or an array of values (N, K) for any images. Raises `InputError`
    for unknown names and settings and for codes that do not fit.
    """
    if isinstance(of, Run):
        wanted = (name, settings or standard_choice(name))
        return score_metrics(of, [wanted], dataset, store=store)[0]
    if factors is None:
        raise InputError(
            "score needs the factors of the codes, such as dataset.space.",
            Refusal.MISSING,
            name="factors",
        )
    if name not in ALL_METRICS:
        raise unknown_name("metric", name, ALL_METRICS)
    codes = of.detach().cpu().numpy() if isinstance(of, torch.Tensor) else of
    found = ALL_METRICS[name](codes, factors, **settings)
    return {
        "score": found.metric,
        "value": found.score,
        "settings": found.settings,
        "details": found.details,
    }


def traverse(
    run: Run,
    image: torch.Tensor | None = None,
    latents: Sequence[int] | None = None,
    steps: int = 9,
    mass: float = 0.95,
) -> torch.Tensor:
    """Latent traversals: images (R, steps, C, H, W) in [0, 1], one row per latent, which moves
    through the middle `mass` of the prior while the others stay fixed.

    image: (C, H, W), uint8 or in [0, 1]; the rows start from its posterior mean (default: the
    median of every factor of the run's dataset, or its first image); latents: default all, the most
    informative first. Raises `InputError` for unknown latents.
    """
    if image is None:
        dataset = dataset_to_look_at(run.config)
        space = dataset.space
        row = 0 if space is None else int(space.index(space.median()[None])[0])
        image = dataset.images([row])[0]
    chosen = latents_by_kl(latest_elbo(run), run.config.latents) if latents is None else latents
    if wrong := [d for d in chosen if not 0 <= d < run.config.latents]:
        raise no_such("latent", wrong[0], run.name, run.config.latents - 1)
    x = to_float(image[None]) if image.dtype == torch.uint8 else image[None]
    with torch.no_grad():
        z = run.vae.encode(x)[0][0]
    codes = traversal_codes(z, list(chosen), prior_quantiles(steps, mass))
    return decode_grid(run.vae.decode, codes)


def distance(
    run: Run,
    kind: str = "reconstructions",
    images: int = IMAGES,
    *,
    dataset: Dataset | None = None,
    store: bool = False,
    **settings: Any,
) -> dict[str, Any]:
    """The Fréchet distance of a run's images to its dataset, lower is better, as a record with the
    distance as "value" and the kernel distance in "details".

    kind: "reconstructions" or "samples" (of the prior); images: their number; settings: those of
    `scoring.distances.score_distances`. The record's settings state the features: only Inception's
    make it a FID. `store` keeps the record beside the run.
    """
    return score_distances(run, dataset, kinds=(kind,), images=images, store=store, **settings)[0]
