"""Short names of runs, of their trainings and of their snapshots, for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..beta import beta_text
from ..config import BASELINES, RunConfig
from ..presets import ONE_PASS

if TYPE_CHECKING:
    from .runs import Run


def run_labels(runs: Sequence[Run]) -> list[str]:
    """The shortest distinct names of the runs: β, and other settings that differ at the same β; a
    run that was steered while it trained, or forked, is named so."""
    short = []
    for run in runs:
        config = run.config
        text = beta_text(config.beta) if config.multirate else config.beta_words
        short.append(text + _likelihood(config) + ", steered" * config.by_hand)
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


def run_words(run: Run) -> str:
    """A run in a sentence, without its dataset: "β = 4, seed 123, 10 passes"; the last part is the
    images seen for a snapshot, and β for a model for every β that is shown at one. An imported run
    is named as its folder, which alone tells where it comes from, and a folder with a name of its
    own is added in brackets."""
    if run.config.origin and run.at is None:
        return run.name
    if run.at is not None:
        return f"{beta_text(run.at)} of one model for every β, seed {run.config.seed}"
    own = "" if run.name == run.config.run_id else f" ({run.name})"
    return training_words(run.config, run.snapshot) + own


def training_words(config: RunConfig, snapshot: int | None = None) -> str:
    """`run_words` by the settings of a training: β or the objective, the architecture unless it is
    the usual one, seed and length; snapshot: the images seen, if not at the training's end."""
    from ..models import BASELINE_MODELS, MODELS  # imports torch, which first words do not need

    title = (MODELS | BASELINE_MODELS)[config.model].title
    if config.model in BASELINES:
        return ", ".join(filter(None, (title, config.fit, f"seed {config.seed}")))
    if config.baseline:
        return f"{title}, untrained, seed {config.seed}"
    words = f"{config.beta_words} in one model" if config.multirate else config.beta_words
    words += _likelihood(config)
    usual = config.model == "conv" or config.multirate
    length = pass_words(config.images, ONE_PASS.get(config.dataset))
    seen = length if snapshot is None else f"after {snapshot:,} images" if snapshot else "untrained"
    parts = (words, "" if usual else title, "steered" * config.by_hand, f"seed {config.seed}", seen)
    return ", ".join(filter(None, parts))


def pass_words(images: int, size: int | None) -> str:
    """A number of images in passes over a dataset of that size, "10 passes"; as it is, if the size
    is unknown."""
    if not size:
        return f"{images:,} images"
    passes = f"{images / size:.3g}"
    return f"{passes} pass" + "es" * (passes != "1")


def _likelihood(config: RunConfig) -> str:
    if config.likelihood == "gaussian":
        return f", σ = {config.sigma:g}"
    return ", σ-VAE" if config.likelihood == "sigma-vae" else ""


def state_labels(runs: Sequence[Run]) -> list[str]:
    """The names of one run's snapshots: the images seen."""
    return [state_title(run.images_seen or 0) for run in runs]


def state_title(images: int) -> str:
    """The name of a snapshot for people, also on the page Traversals."""
    return f"{images:,} images" if images else "untrained"
