"""The origin recorded with every number and file: dataset, source, run, settings and versions."""

import platform
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import torch

from . import __version__
from .datasets import Dataset
from .store import Run


def versions(*packages: str) -> dict[str, str]:
    """The software versions that computed a number, stored beside it; packages: further ones, by
    their names in the package index."""
    return {
        "betavae": __version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def dataset_facts(dataset: Dataset) -> dict[str, Any]:
    """The origin recorded in every file of a dataset's images."""
    return {
        "dataset": dataset.name,
        "source": dataset.source,
        **({"part": dataset.note} if dataset.note else {}),
        "versions": versions(),
    }


def facts(run: Run, dataset: Dataset | None = None) -> dict[str, Any]:
    """The origin recorded in every file of a run. dataset: the images used for the file; by default
    those of the run's training."""
    config = run.config
    trained_on = {"dataset": config.dataset, "source": config.source, "versions": versions()}
    return {
        "run": run.name,
        "weights": run.weights_hash,
        "images_seen": run.images_seen,
        "beta": config.beta,
        "settings": asdict(config),
        **(trained_on if dataset is None else dataset_facts(dataset)),
    }
