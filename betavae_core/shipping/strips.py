"""A strip of a run: its reconstructions of the few images shared by all runs of its dataset."""

import json

import numpy as np
import torch
from PIL import Image

from ..datasets import Dataset
from ..datasets.base import to_float
from ..errors import InputError, Refusal, cannot_read
from ..models import LinearCode
from ..pictures.files import png
from ..pictures.grids import grid
from ..rng import generator, random_rows
from ..store import RECORD, Run
from ..store import STRIP as STRIP_FILE

STRIP = 12  # images in it
RECONSTRUCTIONS, PRIOR = "reconstructions", "prior samples"
OTHERS = "reconstructions of other images"


def drawn(dataset: Dataset, seed: int) -> torch.Tensor:
    """Indices (STRIP,) of the same few random images for all runs."""
    return random_rows(len(dataset), STRIP, generator(seed, "strip"))


def strip_images(run: Run, images: torch.Tensor | None, seed: int) -> torch.Tensor:
    """A run's images (STRIP, C, H, W): reconstructions at the posterior mean, or prior samples if
    the dataset is missing; for a run kept without its weights, the stored ones (of seed 0). Raises
    `InputError` if that picture is damaged."""
    if not run.has_weights:
        return _stored(run)
    model = run.loaded if isinstance(run.loaded, LinearCode) else run.vae
    with torch.no_grad():
        if images is None:
            z = torch.randn(STRIP, run.config.latents, generator=generator(seed, "prior"))
        else:
            z, _ = model.encode(to_float(images))
        return model.decode(z)


def strip_source(run: Run, dataset: Dataset | None) -> str:
    """What `strip_images` shows: `RECONSTRUCTIONS` of the `drawn` images of the dataset, `PRIOR`
    samples, or `OTHERS`: the strip of a run kept without its weights is of the images that were
    there then. Raises `InputError` if its record is damaged."""
    if run.has_weights:
        return PRIOR if dataset is None else RECONSTRUCTIONS
    try:
        kept = json.loads((run.path / RECORD).read_text())["strip"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise cannot_read(f"{run.name}: {RECORD}", error) from error
    if kept == PRIOR:
        return PRIOR
    alike = dataset is not None and kept == named_images(dataset)
    return RECONSTRUCTIONS if alike else OTHERS


def named_images(dataset: Dataset) -> str:
    """The images of a strip, in the record of a run."""
    return f"{dataset.name} ({dataset.source})"


def strip_png(run: Run, images: torch.Tensor | None, seed: int = 0) -> bytes:
    """`strip_images` as one row of PNG."""
    return png(grid(strip_images(run, images, seed)[None]))


def _stored(run: Run) -> torch.Tensor:
    """The images of the run's strip.png, cut out of the grid."""
    channels, height, width = run.config.shape
    try:
        with Image.open(run.path / STRIP_FILE) as picture:
            pixels = torch.from_numpy(np.array(picture.convert("RGB")))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise cannot_read(f"{run.name}: {STRIP_FILE}", error) from error
    gap = (pixels.shape[0] - height) // 2
    if pixels.shape[:2] != (height + 2 * gap, STRIP * (width + gap) + gap) or gap < 0:
        raise InputError(
            f"{run.name}: {STRIP_FILE} is not a strip of {STRIP} images.",
            Refusal.CONTENT,
            path=STRIP_FILE,
            run=run.name,
        )
    images = pixels[gap : gap + height, gap:].view(height, STRIP, width + gap, 3)[:, :, :width]
    return to_float(images.permute(1, 3, 0, 2)[:, :channels])
