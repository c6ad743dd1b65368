"""This lab's runs for comparison with a checkpoint's numbers."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file

from ..beta import beta_number, beta_text
from ..datasets import Dataset
from ..errors import InputError
from ..store import CONFIG, SCORES, WEIGHTS, read_config, read_scores
from ..store.protocol import records_of
from .finding import nats
from .subject import Subject

NEAR = 1.5  # largest ratio of β between compared runs
FACTOR = 2.0  # ratio of excess NLL and of KL: runs of the same β differ by much less
MARGIN = 0.5  # differences of KL in nats that never matter


@dataclass(frozen=True)
class OwnRun:
    """The numbers of one of our runs on the same dataset."""

    name: str
    beta: float
    nll: float
    kl: tuple[float, ...]  # (D,), nats, the most informative latent first


@dataclass(frozen=True)
class Range:
    """The range of a number over several runs."""

    low: float
    high: float

    def __str__(self) -> str:
        low, high = nats(self.low), nats(self.high)
        return low if low == high else f"{low} to {high}"

    def has(self, kl: float) -> bool:
        """Whether a KL is like these: within a factor of them."""
        return self.low / FACTOR - MARGIN <= kl <= FACTOR * self.high + MARGIN


def own_runs(root: Path | None, subject: Subject, dataset: Dataset) -> list[OwnRun]:
    """Our trained runs on this dataset and source, with the same kind of model and likelihood, from
    their stored records; without the subject itself. Broken runs are left out: the pages that list
    runs report them."""
    return list(_found(root, subject, dataset)) if root is not None and root.is_dir() else []


def _found(root: Path, subject: Subject, dataset: Dataset) -> Iterator[OwnRun]:
    ours = subject.config
    wanted = (dataset.name, dataset.source, ours.model, ours.likelihood, ours.sigma)
    for folder in sorted(root.iterdir()):
        try:
            if not (folder / CONFIG).is_file() or not (folder / SCORES).is_file():
                continue
            its = read_config(folder)
            if its.beta is None or its.baseline or its.origin:
                continue
            if (its.dataset, its.source, its.model, its.likelihood, its.sigma) != wanted:
                continue
            measured = records_of(read_scores(folder), "elbo", its, {})
            if not measured or same_weights(subject, folder / WEIGHTS):
                continue
            elbo = measured[-1]
            nll, kl = float(elbo["nll"]), sorted((float(v) for v in elbo["kl"]), reverse=True)
        except (InputError, OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        if kl and all(math.isfinite(value) for value in (nll, *kl)):
            yield OwnRun(folder.name, its.beta, nll, tuple(kl))


def same_weights(subject: Subject, path: Path) -> bool:
    """Whether these are the subject's weights, whatever its file's name."""
    state = subject.state
    if not state:
        return False
    try:
        theirs = load_file(path)
    except Exception:  # safetensors' own errors: an invalid file is reported elsewhere
        return False
    return theirs.keys() == state.keys() and all(
        theirs[name].shape == mine.shape and torch.equal(theirs[name].float(), mine.float())
        for name, mine in state.items()
    )


def near(runs: list[OwnRun], beta: float | None) -> list[OwnRun]:
    """The runs with about this β, or all if the checkpoint states none."""
    if beta is None:
        return runs
    return [r for r in runs if r.beta == beta or (beta and 1 / NEAR <= r.beta / beta <= NEAR)]


def of_which(runs: list[OwnRun], beta: float | None) -> str:
    """A description of the runs, for a sentence."""
    count = f"{len(runs)} of our runs" if len(runs) > 1 else "1 of our runs"
    if beta is not None:
        return f"{count} near {beta_text(beta)}"
    low, high = min(run.beta for run in runs), max(run.beta for run in runs)
    if low == high:
        return f"{count} ({beta_text(low)}; the checkpoint states no β)"
    between = f"{beta_number(low)} to {beta_number(high)}"
    return f"{count} over all β ({between}), since the checkpoint states none,"


def range_of(values: list[float]) -> Range:
    return Range(min(values), max(values))


def kl_by_rank(runs: list[OwnRun], ranks: int) -> list[Range]:
    """The KL of the most informative latent of each run, of the second, …; 0 beyond its last."""
    return [range_of([r.kl[i] if i < len(r.kl) else 0.0 for r in runs]) for i in range(ranks)]
