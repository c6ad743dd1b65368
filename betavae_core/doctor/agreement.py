"""Whether a checkpoint's latents are those that our runs have found: UDR, which needs no labels."""

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from ..errors import InputError
from ..metrics.udr import LEAST_KL, PENALTY, agreement, relation, standardised
from ..objective import kl_per_latent
from ..store import CONFIG, WEIGHTS, Run, load_run, read_config, unsteered
from .finding import Finding, Verdict
from .others import same_weights
from .subject import Subject
from .terms import Measured

MOST_RUNS = 6


def check_agreement(subject: Subject, measured: Measured, root: Path | None) -> Finding:
    """The median agreement with our runs on the same images (`metrics.udr.agreement`), beside that
    of our runs with each other: entangled models rarely agree, so that a high one speaks for both.
    A low one says only that the latents are others."""
    key, title = "agreement", "Agreement with our runs (UDR)"
    dataset = measured.scale.dataset
    where = f"{len(measured.x):,} images of {dataset.title} ({dataset.source_and_part})"
    runs = list(_runs(subject, measured, root))
    if len(runs) < 2:
        few = f"{len(runs)} of our runs has" if len(runs) == 1 else "None of our runs has"
        says = f"{few} its weights and the same images; two are needed to compare the latents with."
        return Finding(key, title, Verdict.NOT_COMPUTED, says)
    own = _latents(measured.mean, measured.kl)
    ours = [_of_run(run, measured.x) for run in runs]
    with_ours = [agreement(relation(own, each)) for each in ours]
    among = [agreement(relation(a, b)) for a, b in permutations(ours, 2)]
    numbers: dict[str, Any] = {
        "dataset": dataset.name,
        "source": dataset.source,
        "images": len(measured.x),
        "udr": median(with_ours),
        "agreement": {run.name: value for run, value in zip(runs, with_ours, strict=True)},
        "among_ours": [min(among), median(among), max(among)],
        "penalty": PENALTY,
        "least_kl": LEAST_KL,
    }
    says = (
        f"Without labels, on {where}: its latents agree with those of {len(runs)} of our runs by "
        f"{median(with_ours):.2f} (median; {min(with_ours):.2f} to {max(with_ours):.2f}); our runs "
        f"agree with each other by {median(among):.2f} ({min(among):.2f} to {max(among):.2f}). "
        f"{1 - PENALTY:g} would be the same latents up to order, sign and scale, 0 none in common."
    )
    return Finding(key, title, Verdict.FINE, says, "", numbers)


def _runs(subject: Subject, measured: Measured, root: Path | None) -> Iterator[Run]:
    """Our trained VAEs with weights on these images, those of the longest training first; without
    the subject itself, and at most `MOST_RUNS`."""
    if root is None or not root.is_dir():
        return
    dataset, found = measured.scale.dataset, []
    for folder in sorted(root.iterdir()):
        try:
            if not (folder / CONFIG).is_file() or not (folder / WEIGHTS).is_file():
                continue
            its = read_config(folder)
            alike = (its.dataset, its.source, its.shape) == (
                *(dataset.name, dataset.source),
                dataset.shape,
            )
            if alike and its.beta is not None and not its.baseline and not its.origin:
                found.append((-its.images, folder))
        except InputError:
            continue  # the pages that list runs report it
    given = 0
    for _, folder in sorted(found):
        if given == MOST_RUNS:
            return
        if same_weights(subject, folder / WEIGHTS):
            continue
        try:
            run = load_run(folder)
        except InputError:
            continue
        if unsteered([run]):
            given += 1
            yield run


def _of_run(run: Run, x: torch.Tensor) -> np.ndarray:
    with torch.no_grad():
        parts = [run.vae.encode(part) for part in x.split(128)]
    mean, log_var = (torch.cat(each) for each in zip(*parts, strict=True))
    return _latents(mean, kl_per_latent(mean.double(), log_var.double()).mean(0))


def _latents(mean: torch.Tensor, kl: torch.Tensor) -> np.ndarray:
    return standardised(mean.double().numpy(), kl.numpy())
