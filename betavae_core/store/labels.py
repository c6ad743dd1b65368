"""Short names of runs and of their snapshots, for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..beta import beta_text

if TYPE_CHECKING:
    from .runs import Run


def run_labels(runs: Sequence[Run]) -> list[str]:
    """The shortest distinct names of the runs: β, and other settings that differ at the same β; a
    run that was steered while it trained, or forked, is named so."""
    short = []
    for run in runs:
        config = run.config
        text = beta_text(config.beta) if config.multirate else config.beta_words
        if config.likelihood == "gaussian":
            text += f", σ = {config.sigma:g}"
        text += ", σ-VAE" if config.likelihood == "sigma-vae" else ""
        short.append(text + ", steered" * config.by_hand)
    labels = []
    for run, text in zip(runs, short, strict=True):
        same = [other for other, found in zip(runs, short, strict=True) if found == text]
        if len({other.config.model for other in same}) > 1:
            text += f", {run.config.model}"
        alike = [other for other in same if other.config.model == run.config.model]
        if len(alike) > 1:
            text = (
                run.name
                if len({other.config.seed for other in alike}) == 1
                else (f"{text}, seed {run.config.seed}")
            )
        labels.append(text)
    twice = {label for label in labels if labels.count(label) > 1}
    return [run.name if label in twice else label for run, label in zip(runs, labels, strict=True)]


def state_labels(runs: Sequence[Run]) -> list[str]:
    """The names of one run's snapshots: the images seen."""
    return [state_title(run.images_seen or 0) for run in runs]


def state_title(images: int) -> str:
    """The name of a snapshot for people, also on the page Traversals."""
    return f"{images:,} images" if images else "untrained"
