"""Addresses of the dashboard's pages, with their choices as the pages' own widgets spell them."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import numpy as np

from .datasets import DATASETS, Dataset
from .store import Run

Choices = Mapping[str, str | Sequence[str]]

STARTS = {"image": "dataset image", "prior": "prior sample", "zero": "zero"}
VIEWS = {
    "every": "every latent",
    "pair": "two latents",
    "between": "from image to image",
    "sweep": "a factor's sweep",
    "compare": "the same latent in other runs",
    "training": "a latent as it was learned",
}


def link(page: str, choices: Choices) -> str:
    """Relative to the dashboard: "traversals?run=…&view=…"."""
    return f"{page}?{urlencode(choices, doseq=True)}" if choices else page


def dataset_title(name: str) -> str:
    """A dataset's name for people, which is also what pages offer it as."""
    return DATASETS[name].title if name in DATASETS else name


def image_choices(dataset: Dataset, index: int) -> dict[str, str]:
    """An image to start from on the page Traversals: its factors where they are known, else its
    number."""
    start = {"start": STARTS["image"]}
    if dataset.space is None:
        return start | {"image": str(index)}
    return start | _factors(dataset, index, dataset.name)


def base_choices(dataset: Dataset, index: int) -> dict[str, str]:
    """An image with known factors from which the page Latent space moves each of them."""
    return _factors(dataset, index, f"base-{dataset.name}")


def _factors(dataset: Dataset, index: int, prefix: str) -> dict[str, str]:
    space = dataset.space
    assert space is not None, "asked of datasets with factors"
    values = space.factors(np.array([index]))[0]
    return {
        f"{prefix}-{name}".replace(" ", "-"): str(value)
        for name, value, size in zip(space.names, values.tolist(), space.sizes, strict=True)
        if size > 1  # of one value: no slider
    }


def run_choices(run: Run) -> dict[str, str]:
    """The runs beside one another on a page that shows one dataset and one seed."""
    config = run.config
    chosen = {"dataset": dataset_title(config.dataset)}
    return chosen if config.origin else chosen | {f"seed-{config.dataset}": str(config.seed)}


def state_title(images: int) -> str:
    """A state of a training for people, which is also what the page Traversals offers it as."""
    return f"{images:,} images" if images else "untrained"


def state_choices(run: Run) -> dict[str, str]:
    """The state of its training that a run is in, where it is not the last."""
    return {} if run.snapshot is None else {f"after-{run.name}": state_title(run.snapshot)}
