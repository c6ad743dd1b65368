"""The views that stand still, as pictures: rows of a traversal, and reconstructions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ..beta import beta_text
from ..datasets import Dataset, dataset_title
from ..datasets.base import to_float
from ..datasets.telling import telling_images
from ..errors import InputError, Refusal, unknown_name
from ..pictures.grids import grid, labelled_grid
from ..pictures.reconstructions import Rows, add_samples, random_images, reconstruction_rows
from ..store import Run
from ..store.frozen import at_beta
from ..store.labels import run_labels, run_words
from ..traversal.codes import decode_grid, prior_quantiles, traversal_codes
from .latents import latents_of
from .views import View

STEPS = 9  # images in a row of a traversal
MASS = 0.95  # of the prior, through which a latent moves
LABEL = 32  # pixels of the labels' letters in the picture
MOST_ROWS = 6  # of a traversal


@dataclass(frozen=True)
class Still:
    """A picture, uint8 (height, width, 3 or 4), and what it shows."""

    pixels: np.ndarray
    caption: str


def image_index(view: View, dataset: Dataset) -> int:
    """The number of the image that a view starts from: every factor at its median, but for those
    that the view names; the first image of a dataset without factors. Raises `InputError`."""
    asked = view.settings.get("image", {})
    if dataset.space is None:
        return 0
    names, place = list(dataset.space.names), dataset.space.median()
    for factor, position in asked.items():
        if factor not in names:
            raise unknown_name("factor", factor, names)
        number = names.index(factor)
        place[number] = min(position, dataset.space.sizes[number] - 1)
    return int(dataset.space.index(place[None])[0])


def picture_rows(view: View, dataset: Dataset | None) -> list[int]:
    """The numbers of the images that a view needs of its dataset."""
    if dataset is None:
        return []
    if view.name == "reconstructions":
        draw, count = view.settings["draw"], view.settings["count"]
        if draw is None:
            return [int(row) for row in telling_images(dataset, count)]
        return random_images(len(dataset), draw)[:count]
    return [image_index(view, dataset)]


def still_of(
    view: View,
    runs: Sequence[Run],
    dataset: Dataset | None,
    *,
    named: bool = True,
    letter: float = 0.0,
) -> Still:
    """The picture of a view; runs: those that it shows, with weights; dataset: theirs, None if its
    images are not here; named: whether the rows have their names, which may be an answer; letter:
    the least height of the names' letters, as a share of the picture's height. Raises `InputError`
    if there is nothing to show."""
    if not runs:
        raise InputError(
            "None of the models that this picture needs is here with its weights.",
            Refusal.MISSING,
            view=view.name,
        )
    if view.name == "reconstructions":
        images, names, caption = _reconstructions(view, runs, dataset)
    else:
        images, names, caption = _traversal(view, runs[0], dataset)
    scale = 3 if images.shape[-1] <= 32 else 2
    if not named:
        return Still(grid(images, scale), caption)
    height = len(images) * images.shape[-2] * scale
    size = max(LABEL, math.ceil(letter * height))
    return Still(labelled_grid(images, names, scale, size), caption)


def beta_still(run: Run, betas: Sequence[float], dataset: Dataset, rows: Sequence[int]) -> Still:
    """Reconstructions of some images by a model for every β, a row for each of the β."""
    found = reconstruction_rows(
        [at_beta(run, beta).vae for beta in betas],
        [beta_text(beta) for beta in betas],
        to_float(dataset.images(rows)),
    )
    scale = 3 if found.images.shape[-1] <= 32 else 2
    caption = (
        f"{run_words(run)}. Top row: images of {dataset_title(dataset.name)} "
        f"({dataset.source_and_part}); below: their reconstructions at each of these β (decoded "
        "posterior means)."
    )
    return Still(labelled_grid(found.images, found.names, scale, LABEL), caption)


def _traversal(
    view: View, run: Run, dataset: Dataset | None
) -> tuple[torch.Tensor, list[str], str]:
    named = latents_of(run, view.settings["latents"])
    latents = named[:MOST_ROWS]
    if not latents:
        raise InputError(
            f"It was not measured which latents of {run_words(run)} are used, or none is.",
            Refusal.MISSING,
            run=run.name,
        )
    with torch.no_grad():
        if dataset is None:
            z, start = torch.zeros(run.config.latents), "the prior's mean"
        else:
            index = image_index(view, dataset)
            z = run.vae.encode(to_float(dataset.images([index])))[0][0]
            start = f"the code of image {index:,} of {dataset_title(dataset.name)}"
            start += f" ({dataset.source_and_part})"
    values = prior_quantiles(STEPS, MASS)
    images = decode_grid(run.vae.decode, traversal_codes(z, latents, values))
    caption = (
        f"{run_words(run)}: each row moves one latent through the middle {MASS:.0%} of the prior, "
        f"from {start}; the others stay fixed."
    )
    if len(named) > len(latents):
        caption += f" Latents with less KL, not shown: {len(named) - len(latents)}."
    return images, [f"z{d}" for d in latents], caption


def _reconstructions(
    view: View, runs: Sequence[Run], dataset: Dataset | None
) -> tuple[torch.Tensor, list[str], str]:
    labels, models, show = run_labels(runs), [run.vae for run in runs], view.settings["show"]
    title = dataset_title(runs[0].config.dataset)
    if dataset is None or show == "samples":
        rows = Rows()
        add_samples(rows, models, labels, view.settings["count"], view.settings["draw"] or 0)
        caption = f"Prior samples: images decoded from random codes. Trained on {title}"
        caption += f" ({runs[0].config.source})."
        if show != "samples":
            caption += f" The images of {title} are not on this machine."
    else:
        rows = reconstruction_rows(
            models,
            labels,
            to_float(dataset.images(picture_rows(view, dataset))),
            reconstructions=show != "errors",
            errors=show != "reconstructions",
        )
        caption = (
            f"Images of {title} ({dataset.source_and_part}) and their decoded posterior means."
        )
        if show in ("errors", "both"):
            caption += f" Error maps: black is 0, white {rows.largest:.2f}."
    word = "Model" if len(runs) == 1 else "Models"
    caption += f" {word}: {'; '.join(map(run_words, runs))}."
    return rows.images, rows.names, caption
