"""UDR of several runs, measured on the same images and stored beside each."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ..datasets import Dataset, config_dataset
from ..disk_cache import Progress
from ..errors import InputError, Refusal, wrong_value
from ..metrics.udr import LEAST_KL, PENALTY, udr
from ..provenance import versions
from ..rng import generator
from ..store import Run, unsteered
from .encoding import encode_rows

IMAGES = 1_000


def score_udr(
    runs: Sequence[Run],
    dataset: Dataset | None = None,
    *,
    images: int = IMAGES,
    seed: int = 0,
    progress: Progress | None = None,
    store: bool = True,
) -> list[dict[str, Any]]:
    """A record for each run, in order: its UDR among these runs (the median of its agreement with
    each other one), with the agreements in `details`. Needs no factors.

    Encodes `images` random images of the dataset, the same for all. A record is stored beside its
    run (unless `store` is false) and names the other runs, since the score depends on them. Raises
    `InputError` for fewer than two runs, for runs on other images, for a run that was steered while
    it trained (`store.unsteered`), and for one that is no VAE or is kept without its weights.
    """
    if len(runs) < 2:
        raise wrong_value("UDR", "two or more models", len(runs), "needs")
    kept = {run.name for run in unsteered(runs)}
    if steered := [run.name for run in runs if run.name not in kept]:
        raise InputError(
            f"UDR compares runs whose settings held throughout their training, and {steered[0]} "
            "was steered while it trained, or is a fork: leave it out.",
            Refusal.UNSUITABLE,
            run=steered[0],
        )
    first = runs[0].config
    for run in runs:
        if (run.config.dataset, run.config.shape) != (first.dataset, first.shape):
            raise InputError(
                f"UDR compares runs on the same images: {runs[0].name} is on {first.dataset}, "
                f"{run.name} on {run.config.dataset}.",
                Refusal.CONFLICT,
            )
        _ = run.vae  # refuses all else in one sentence
    if len({run.name for run in runs}) < len(runs):
        raise InputError("UDR compares different runs, and one is named twice.", Refusal.CONFLICT)
    dataset = dataset or config_dataset(first)
    rows = random_rows(len(dataset), images, seed)
    means, kl = [], []
    for number, run in enumerate(runs):
        if progress:
            progress("encoding", number, len(runs))
        mean, log_var = encode_rows(run.model, dataset, rows)
        means.append(mean)
        kl.append((0.5 * (mean**2 + np.exp(log_var) - 1 - log_var)).mean(0))
    found = udr(means, kl)
    records = []
    for number, run in enumerate(runs):
        others = [other for other in range(len(runs)) if other != number]
        records.append(
            {
                "score": "udr",
                "weights": run.weights_hash,
                "value": float(found.scores[number]),
                "settings": {
                    "dataset": dataset.name,
                    "source": dataset.source,
                    "images": len(rows),
                    "seed": seed,
                    "penalty": PENALTY,
                    "least_kl": LEAST_KL,
                    "others": [runs[other].name for other in others],
                },
                "details": {
                    "agreement": [float(found.pairs[number, other]) for other in others],
                    "used": int((kl[number] > LEAST_KL).sum()),
                },
                "versions": versions("scikit-learn"),
            }
        )
        if store:
            run.keep_score(records[-1])
    return records


def random_rows(size: int, images: int, seed: int) -> np.ndarray:
    """`images` numbers of images, drawn with replacement."""
    return torch.randint(size, (images,), generator=generator(seed, "udr")).numpy()
