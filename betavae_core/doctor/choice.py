"""The dataset for a checkup: the requested, claimed or best-fitting one."""

import math
from contextlib import suppress
from pathlib import Path

import torch

from ..config import RunConfig
from ..datasets import DATASETS, Dataset
from ..errors import other_images
from ..presets import IMAGE_SHAPES
from .available import Available, NotPrepared, opened_dataset
from .faults import READINGS, cost
from .fit import WEAK, Fit
from .subject import Subject


def only_dataset(config: RunConfig, dataset: str | Dataset, root: str | Path | None) -> Available:
    """The requested dataset, or None if it must be prepared first; raises `InputError` if it is
    missing or its images differ."""
    if not isinstance(dataset, str):
        title, shape, found = dataset.title, dataset.shape, [dataset]
    elif dataset in IMAGE_SHAPES:
        channels, side = IMAGE_SHAPES[dataset]
        title, shape, found = DATASETS[dataset].title, (channels, side, side), []
    else:
        title, shape, found = dataset, config.shape, []
    if shape != config.shape:
        raise other_images(
            title, shape, "the checkpoint takes", config.shape, ": choose a dataset of that shape"
        )
    if not found and isinstance(dataset, str):
        with suppress(NotPrepared):
            found = [opened_dataset(dataset, config, root)]
    return Available(found)


def best_fit(subject: Subject, fits: list[Fit]) -> Fit | None:
    """The dataset for all further questions: the claimed one, unless it does not fit and another
    does; without a claim, the one that fits best under any reading, so that a wrong reading does
    not count against the dataset."""
    if not fits:
        return None
    best = max(fits, key=lambda each: each.explained)
    for each in fits:
        if each.dataset.name == subject.config.dataset:
            other = best.explained > max(each.explained + WEAK, WEAK)
            return best if other else each
    return best if best.explained > WEAK else max(fits, key=lambda each: _read_best(subject, each))


def _read_best(subject: Subject, each: Fit) -> float:
    """The largest share explained under any reading."""
    noise = torch.zeros(len(each.x), subject.latents)
    shares = [
        each.scale.explained(cost(subject, each.scale, each.x, reading, noise)[0], each.x)
        for reading in READINGS
        if reading.kind != "sigmoid"
    ]
    return max((share for share in shares if math.isfinite(share)), default=-math.inf)
