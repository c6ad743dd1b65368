"""The table of the pages' widgets and addresses: each key, its pages and its noun in messages; and
the addresses themselves, in the pages' spelling.

A widget's key is also the name of its value in addresses. A key on several pages is a choice that
these pages share; no other two widgets may have the same key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np

from .datasets.titles import dataset_title
from .store.labels import state_title

if TYPE_CHECKING:
    from .datasets import Dataset
    from .store import Run

Choices = Mapping[str, str | Sequence[str]]

TRAINED = "end of training"  # the last state of a training
FITS_BEST = "best-fitting dataset"
STARTS = {"image": "dataset image", "prior": "prior sample", "zero": "zero code"}
VIEWS = {
    "every": "every latent",
    "pair": "two latents",
    "between": "image to image",
    "sweep": "factor sweep",
    "compare": "same latent in other models",
    "training": "one latent during training",
}

# key → former name of a value in addresses, which still works → present name
FORMER_VALUES: dict[str, dict[str, str]] = {
    "start": {"zero": STARTS["zero"]},
    "view": {
        "from image to image": VIEWS["between"],
        "a factor's sweep": VIEWS["sweep"],
        "the same latent in other runs": VIEWS["compare"],
        "a latent as it was learned": VIEWS["training"],
    },
    "after-*": {"trained": TRAINED},
    "against": {"whichever fits best": FITS_BEST},
    "classifier": {
        "linear (PyTorch)": "linear",
        "MLP": "mlp",
        "logistic (scikit-learn)": "logistic",
        "random forest": "forest",
    },
    "live-classifier": {"MLP": "mlp"},
    "present": {"": "true"},
    "print": {"": "true"},
}


PAGES = (
    "overview",
    "lessons",
    "traversals",
    "latent_space",
    "disentanglement",
    "sensitivity",
    "reconstruction",
    "findings",
    "checkpoint",
    "datasets",
    "training",
)


@dataclass(frozen=True)
class Key:
    """One row of the table; a name with a * matches every name of this form, where * is a dataset,
    a run, a factor or a number."""

    name: str
    pages: tuple[str, ...]
    noun: str  # noun for the value in messages
    choice: str = ""  # "dataset", "run" or "seed" if it follows the visitor from page to page
    linked: bool = True  # whether addresses contain it
    secret: bool = False  # whether links that are given away leave it out
    former: str = ""  # former name in its pages' addresses, which still works


_PICTURED = ("overview", "latent_space", "reconstruction")  # the runs of a dataset and a seed
_SCORED = ("disentanglement", "sensitivity")
_TRAVERSALS, _LATENT_SPACE, _DISENTANGLEMENT = ("traversals",), ("latent_space",), _SCORED[:1]
_SENSITIVITY, _RECONSTRUCTION = _SCORED[1:], ("reconstruction",)
_CHECKPOINT, _DATASETS = ("checkpoint",), ("datasets",)
_FINDINGS, _LESSONS, _TRAINING = ("findings",), ("lessons",), ("training",)
_ONE_RUN = (*_CHECKPOINT, *_TRAINING)

KEYS = (
    Key("dataset", (*_PICTURED, *_SCORED), "dataset", choice="dataset"),
    Key("data", _DATASETS, "dataset", choice="dataset"),  # also those without runs
    Key("run", (*_TRAVERSALS, *_DISENTANGLEMENT, *_ONE_RUN), "model", choice="run"),
    Key("live", _SENSITIVITY, "model", choice="run"),
    Key(
        "pick-*",
        (*_TRAVERSALS, *_SCORED, *_CHECKPOINT, *_TRAINING),
        "part of a model's identity",
        linked=False,
    ),
    Key("seed-*", _PICTURED, "random seed", choice="seed"),
    Key("length-*", (*_PICTURED, *_SCORED), "training length"),
    Key("architecture-*", _PICTURED, "architecture"),
    Key("runs", _PICTURED, "model"),
    Key("*-*", (*_TRAVERSALS, *_DATASETS), "value of a factor"),  # they choose an image
    Key("factors-*", _SCORED, "choice of factors"),
    Key("start", _TRAVERSALS, "starting point"),
    Key("image", _TRAVERSALS, "image"),
    Key("sample", _TRAVERSALS, "prior sample"),
    Key("after-*", _TRAVERSALS, "state of training"),
    Key("z", _TRAVERSALS, "latent code"),
    Key("beta", _TRAVERSALS, "β"),
    Key("view", _TRAVERSALS, "view"),
    Key("mode", _TRAVERSALS, "choice of values"),
    Key("steps", _TRAVERSALS, "number of steps"),
    Key("reach", _TRAVERSALS, "range of values"),
    Key("mass", _TRAVERSALS, "range of values"),
    Key("column", _TRAVERSALS, "latent", former="across"),
    Key("row", _TRAVERSALS, "latent", former="down"),
    Key("latent", _TRAVERSALS, "latent"),
    Key("to-*", _TRAVERSALS, "image"),
    Key("factor-*", _TRAVERSALS, "factor"),
    Key("with-*", _TRAVERSALS, "model to compare with"),
    Key("live-sliders", _TRAVERSALS, "latent code", linked=False),
    Key("visit", _LATENT_SPACE, "kind of traversal"),
    Key("paths", _LATENT_SPACE, "number of traversals"),
    Key("one-*", _LATENT_SPACE, "factor"),
    Key("two-*", _LATENT_SPACE, "factor"),
    Key("base-*", _LATENT_SPACE, "value of a factor"),
    Key("classes-*", _LATENT_SPACE, "class"),
    Key("after", _LATENT_SPACE, "state of training"),
    Key("map", _LATENT_SPACE, "embedding"),
    Key("across", _LATENT_SPACE, "latent"),
    Key("up", _LATENT_SPACE, "latent"),
    Key("shared", _LATENT_SPACE, "setting of the shared axes"),
    Key("deep", _LATENT_SPACE, "setting of the 3-D view"),
    Key("widths", _LATENT_SPACE, "setting of the encoder uncertainty"),
    Key("every", _LATENT_SPACE, "choice of the model for every β"),
    Key("opened", _LATENT_SPACE, "image"),
    Key("latent-map", _LATENT_SPACE, "image", linked=False),
    Key("judge", _FINDINGS, "setting of the blind judging"),
    Key("judge-*", _FINDINGS, "judgement", linked=False),
    Key("guess", _DISENTANGLEMENT, "setting of the guessing game"),
    Key("guess-*", _DISENTANGLEMENT, "guess", linked=False),
    Key("score", _DISENTANGLEMENT, "metric"),
    Key("middle", _DISENTANGLEMENT, "summary of seeds"),
    Key("classifier", _DISENTANGLEMENT, "classifier"),
    Key("matrix", _DISENTANGLEMENT, "matrix"),
    Key("cell-*", _DISENTANGLEMENT, "cell"),
    Key("cells-*", _DISENTANGLEMENT, "cell", linked=False),
    Key("protocol", _SENSITIVITY, "protocol"),
    Key("blind", _SENSITIVITY, "setting of the perfect code"),
    Key("missing-*", _SENSITIVITY, "factor"),
    Key("L", _SENSITIVITY, "number of pairs"),
    Key("B", _SENSITIVITY, "number of training points"),
    Key("live-classifier", _SENSITIVITY, "classifier"),
    Key("live-*", _SENSITIVITY, "factor"),
    Key("more-*", _SENSITIVITY, "setting", linked=False),
    Key("show", _RECONSTRUCTION, "kind of picture"),
    Key("draw", _RECONSTRUCTION, "random selection"),
    Key("images", _RECONSTRUCTION, "image"),
    Key("measured", _RECONSTRUCTION, "measurement"),
    Key("limit", _RECONSTRUCTION, "setting of the extrapolation"),
    Key("sigma", _RECONSTRUCTION, "value of σ"),
    Key("claim", _FINDINGS, "claim"),
    Key("table", _FINDINGS, "table"),
    Key("from", _CHECKPOINT, "place of checkpoints"),
    Key("checkpoint", _CHECKPOINT, "checkpoint"),
    Key("against", _CHECKPOINT, "dataset"),
    Key("upload", _CHECKPOINT, "upload", linked=False),
    Key("keep-*", _CHECKPOINT, "name", linked=False),
    Key("trained-on-*", _CHECKPOINT, "dataset", linked=False),
    Key("card-*", _CHECKPOINT, "card", linked=False),
    Key("source", _DATASETS, "source of the data"),
    Key("factor", _DATASETS, "factor"),
    Key("mosaic", _DATASETS, "random selection"),
    Key("lesson", _LESSONS, "lesson"),
    Key("step", _LESSONS, "step"),
    Key("said-*", _LESSONS, "guess"),
    Key("told-*", _LESSONS, "step with its answer"),
    Key("set-*", _LESSONS, "setting"),
    Key("present", _LESSONS, "presenter mode"),
    Key("why", _LESSONS, "the reason in presenter mode"),
    Key("print", _LESSONS, "printed lesson"),
    Key("class", _LESSONS, "class"),
    Key("lecturer", _LESSONS, "lecturer's key", secret=True),
    Key("join-*", _LESSONS, "address for the class", linked=False),
    Key("watched", _TRAINING, "training"),
    Key("train-*", _TRAINING, "setting of a training", linked=False),
    Key("steer-*", _TRAINING, "change of a training", linked=False),
    Key("discard-*", _TRAINING, "button", linked=False),
    Key("hide", PAGES, "list of hidden controls"),
    Key("beta-explorer", ("overview",), "β", linked=False),
    Key("large", PAGES, "size of text"),
    # buttons: they have no value
    Key("save-*", PAGES, "download", linked=False),
    Key("start-*", PAGES, "button", linked=False),
    Key("cancel-*", PAGES, "button", linked=False),
    Key("go-*", (*_LESSONS, *_CHECKPOINT), "button", linked=False),
)


@cache
def table() -> dict[str, Key]:
    """Every row by its name. Raises `ValueError` if two rows have the same name."""
    rows = {row.name: row for row in KEYS}
    twice = [row.name for row in KEYS if rows[row.name] is not row]
    if twice:
        raise ValueError(f"Two widgets have the key {twice[0]}; every key belongs to one choice.")
    return rows


def key_of(name: str) -> Key | None:
    """The row of a widget's key; if several match, the most specific one."""
    rows = table()
    if name in rows:
        return rows[name]
    fitting = [row for row in KEYS if row.name.endswith("-*") and name.startswith(row.name[:-1])]
    if fitting:
        return max(fitting, key=lambda row: len(row.name))
    return rows["*-*"] if "-" in name else None


def value_now(name: str, text: str) -> str:
    """A widget's value in the present spelling of addresses; a former spelling is replaced."""
    row = key_of(name)
    return text if row is None else FORMER_VALUES.get(row.name, {}).get(text, text)


def keys_of(page: str) -> list[Key]:
    """The rows that a page's addresses contain."""
    return [row for row in KEYS if page in row.pages and row.linked]


def link(page: str, choices: Choices) -> str:
    """An address relative to the dashboard: "traversals?run=…&view=…"."""
    return f"{page}?{urlencode(choices, doseq=True)}" if choices else page


def image_choices(dataset: Dataset, index: int) -> dict[str, str]:
    """A starting image of the page Traversals: its factors if they are known, otherwise its
    number."""
    start = {"start": STARTS["image"]}
    if dataset.space is None:
        return start | {"image": str(index)}
    return start | _factors(dataset, index, dataset.name)


def base_choices(dataset: Dataset, index: int) -> dict[str, str]:
    """The starting image of the page Latent space, by its factors."""
    return _factors(dataset, index, f"base-{dataset.name}")


def _factors(dataset: Dataset, index: int, prefix: str) -> dict[str, str]:
    space = dataset.space
    assert space is not None, "needs a dataset with factors"
    values = space.factors(np.array([index]))[0]
    return {
        f"{prefix}-{name}".replace(" ", "-"): str(value)
        for name, value, size in zip(space.names, values.tolist(), space.sizes, strict=True)
        if size > 1  # one value: no slider
    }


def run_choices(run: Run) -> dict[str, str]:
    """The runs shown together on a page for one dataset and one seed."""
    config = run.config
    chosen = {"dataset": dataset_title(config.dataset)}
    return chosen if config.origin else chosen | {f"seed-{config.dataset}": str(config.seed)}


def state_choices(run: Run) -> dict[str, str]:
    """The snapshot of a run, if it is not at the end of its training, and the β of a multi-rate
    run."""
    after = {} if run.snapshot is None else {f"after-{run.name}": state_title(run.snapshot)}
    return after if run.at is None else {**after, "beta": f"{run.at:.6g}"}
