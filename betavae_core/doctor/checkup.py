"""The checkup: every question in order, each answer as soon as it is there."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from ..config import RunConfig
from ..datasets import Dataset, load_dataset
from ..datasets.prepared import Progress
from ..errors import InputError
from ..evaluation import ACTIVE_KL
from ..models import MODELS
from ..paths import runs_root
from .beta import check_beta
from .faults import READINGS, check_faults, cost
from .finding import Finding
from .fit import WEAK, Fit, Here, check_reconstruction, datasets_here, fit
from .pictures import check_outputs, check_samples, check_traversals
from .scores import check_scores
from .subject import Checkpoint, Subject
from .terms import Measured, check_latents, check_terms, measure, own_runs
from .weights import check_units, check_weights

PROBES = 128  # images that show which units fire


def checkup(
    model: Checkpoint,
    config: RunConfig,
    *,
    dataset: str | Dataset | None = None,
    root: str | Path | None = None,
    compare: str | Path | None = None,
    seed: int = 0,
    quick: bool = False,
    progress: Progress | None = None,
) -> Iterator[Finding]:
    """Check a checkpoint; yields one `Finding` after the other, the quick ones first.

    model: anything that encodes, see `Checkpoint`; config: what it claims to be (dataset, image
    shape, latents, likelihood, β or None). dataset: the only one to try, else all of the image
    shape that can be opened here (`root`: the official files). compare: folder of our runs to hold
    its numbers against (default: the usual one). seed: of all that is drawn. quick: stop after the
    reconstructions. It stops early where nothing further can be told. Raises `InputError` for a
    dataset that is not there or has other images; what the checkpoint itself raises is a finding.
    """
    subject = Subject(model, config)
    here = _one(subject, dataset, root, progress) if dataset is not None else None
    yield check_architecture(subject)
    found: list[Finding] = []
    for check in (
        lambda: [check_weights(subject)],
        lambda: [check_outputs(subject, seed)],
    ):
        found += (now := _guarded("weights" if not found else "outputs", check))
        yield from now
    if any(f.key == "weights" and f.numbers.get("not_finite") for f in found):
        return  # whatever follows would be NaN
    here = here or datasets_here(subject, root, progress)
    fits: list[Fit] = []

    def reconstruct() -> list[Finding]:
        if not subject.decodes:
            says = "There is no decode: nothing to hold beside the images."
            return [Finding("reconstruction", "Reconstructions", "not computed", says)]
        fits.extend(fit(subject, each, seed) for each in here.open)
        return [check_reconstruction(subject, fits, here.missing)]

    yield from _guarded("reconstruction", reconstruct)
    chosen = _choose(subject, fits)
    if chosen is not None:
        yield from _guarded("reading", lambda: check_faults(subject, chosen.scale, seed))
    if not quick:
        yield from _long(subject, chosen, here.open, compare, seed)


def _long(
    subject: Subject,
    chosen: Fit | None,
    datasets: list[Dataset],
    compare: str | Path | None,
    seed: int,
) -> Iterator[Finding]:
    """What takes longer than a look: a thousand images, scores, β."""
    measured: list[Measured] = []

    def terms() -> list[Finding]:
        assert chosen is not None, "called where a dataset fits"
        measured.append(measure(subject, chosen.scale, seed))
        runs = own_runs(runs_root(compare), subject, chosen.dataset.name)
        return [
            check_units(subject, measured[0].x[:PROBES]),
            check_terms(subject, measured[0], runs),
            check_latents(subject, measured[0]),
        ]

    if chosen is not None:
        yield from _guarded("terms", terms)
    kl = measured[0].kl if measured else None
    start = _typical(measured[0].mean) if measured else None
    yield from _guarded("traversals", lambda: [check_traversals(subject, kl, start, 5 * ACTIVE_KL)])
    yield from _guarded("samples", lambda: [check_samples(subject, seed)])
    scored = chosen.dataset if chosen is not None else next(iter(datasets), None)
    if scored is None:
        says = "No dataset of these images is here."
        for key, title in (("terms", "NLL and KL"), ("scores", "Disentanglement"), ("beta", "β")):
            yield Finding(key, title, "not computed", says)
        return
    yield from _guarded("scores", lambda: [check_scores(subject, scored, seed)])
    if measured:
        yield from _guarded("beta", lambda: [check_beta(subject, measured[0], seed)])


def check_architecture(subject: Subject) -> Finding:
    """What the config says the model is, and how many weights it has."""
    config, state = subject.config, subject.state
    channels, height, width = config.shape
    known = MODELS.get(config.model)
    title = known.title if known else config.model
    numbers: dict[str, Any] = {
        "model": config.model,
        "shape": list(config.shape),
        "latents": config.latents,
        "likelihood": config.likelihood,
        "beta": config.beta,
        "dataset": config.dataset,
        "parameters": None if state is None else sum(t.numel() for t in state.values()),
    }
    says = f"{title}, images {channels}×{height}×{width}, {config.latents} latents"
    says += "" if state is None else f", {numbers['parameters']:,} parameters"
    says += f", {config.likelihood} likelihood, claims "
    says += f"{'no β' if config.beta is None else f'β {config.beta:g}'} on {config.dataset}."
    return Finding("architecture", "Architecture", "fine", says, "", numbers)


def _one(
    subject: Subject, dataset: str | Dataset, root: str | Path | None, progress: Progress | None
) -> Here:
    """The dataset asked for; raises `InputError` where it is not there or its images differ."""
    if isinstance(dataset, str):
        size = subject.config.image_size
        dataset = load_dataset(dataset, None, root, size=size, progress=progress)
    if dataset.shape != subject.config.shape:
        raise InputError(
            f"{dataset.title} has images {dataset.shape}, the checkpoint takes "
            f"{subject.config.shape}: choose a dataset of that shape."
        )
    return Here([dataset])


def _choose(subject: Subject, fits: list[Fit]) -> Fit | None:
    """The dataset for all that follows: the claimed one, unless another fits and it does not; of
    none claimed the one that fits best under any reading, so that a wrong one is not held against
    the dataset."""
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


def _typical(mean: torch.Tensor) -> torch.Tensor:
    """The code (D,) that lies nearest to the middle of all: an ordinary image's."""
    return mean[(mean - mean.mean(0)).square().sum(1).argmin()]


def _guarded(key: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    """The check's findings, or one that says what the checkpoint raised: code from a notebook can
    raise anything, and that is a result and no reason to end the checkup."""
    try:
        return check()
    except InputError as error:
        return [Finding(key, key.capitalize(), "broken", str(error), "See the findings above.")]
    except Exception as error:
        lines = str(error).splitlines()
        says = f"The checkpoint raised {type(error).__name__}: {lines[0][:200] if lines else ''}"
        cause = "It does not take or give what `Checkpoint` describes."
        return [Finding(key, key.capitalize(), "broken", says.rstrip(": .") + ".", cause)]
