"""Traversals as PNG, GIF and MP4."""

from collections.abc import Sequence
from pathlib import Path

from ..datasets import Dataset
from ..errors import InputError, Refusal, wrong_value
from ..store import Run
from ..traversal.codes import Values
from ..traversal.pictures import (
    MOST_RUNS,
    dataset_codes,
    every_latent,
    factor_sweep,
    from_image_to_image,
    image_start,
    other_runs,
    two_latents,
)
from .folder import _grid, _image, _images_of, _latents

USUAL = Values()


def export_traversal(
    run: Run, dataset: Dataset, out: Path, *, image: int | None = None, values: Values = USUAL
) -> Path:
    """Every active latent through `values`, from one image: PNG, GIF and, if ffmpeg is installed,
    MP4. image: its index; by default the image with the median of every factor, or the first.
    Returns the folder. Raises `InputError` for an unknown image."""
    start = image_start(run, dataset, _image(dataset, image))
    picture = every_latent(run, start, values, dataset_codes(dataset))
    return _grid(picture, "traversal", run, dataset, out, start.index)


def export_pair(
    run: Run,
    dataset: Dataset,
    out: Path,
    *,
    image: int | None = None,
    values: Values = USUAL,
    latents: Sequence[int] = (),
) -> Path:
    """Two latents, along the columns and the rows, by default the two with the largest KL;
    otherwise as `export_traversal`."""
    start = image_start(run, dataset, _image(dataset, image))
    across, down = _latents(run, latents, 2)
    picture = two_latents(run, start, values, dataset_codes(dataset), across, down)
    return _grid(picture, "pair", run, dataset, out, start.index)


def export_interpolation(
    run: Run,
    dataset: Dataset,
    out: Path,
    *,
    image: int | None = None,
    to: int | None = None,
    steps: int = USUAL.steps,
) -> Path:
    """From an image to another one (by default the one a third through the dataset), along a
    straight line and a sphere; otherwise as `export_traversal`."""
    start = image_start(run, dataset, _image(dataset, image))
    other = _image(dataset, len(dataset) // 3 if to is None else to)
    picture = from_image_to_image(run, dataset, start, other, steps)
    return _grid(picture, "interpolation", run, dataset, out, start.index)


def export_sweep(
    run: Run, dataset: Dataset, out: Path, *, image: int | None = None, factor: str = ""
) -> Path:
    """One true factor through its values, by default the first, with the reconstructions below;
    otherwise as `export_traversal`. Raises `InputError` without factors."""
    start = image_start(run, dataset, _image(dataset, image))
    first = "" if dataset.space is None else dataset.space.names[0]
    picture = factor_sweep(run, dataset, start, factor or first)
    return _grid(picture, "sweep", run, dataset, out, start.index)


def export_comparison(
    runs: Sequence[Run],
    dataset: Dataset,
    out: Path,
    *,
    image: int | None = None,
    values: Values = USUAL,
    latents: Sequence[int] = (),
) -> Path:
    """One latent of the first run, by default the one with the largest KL, and the best-matching
    latents of the others, a row per run; otherwise as `export_traversal`. Raises `InputError` for
    runs on other images."""
    run, *others = runs
    if not 1 <= len(others) < MOST_RUNS:
        raise wrong_value("A comparison", f"2 to {MOST_RUNS} runs", len(runs), "takes")
    for other in others:
        if _images_of(other) != _images_of(run):
            raise InputError(
                f"{other.name} was trained on other images than {run.name}: a comparison needs "
                "the same images for all.",
                Refusal.CONFLICT,
                runs=[run.name, other.name],
            )
    others.sort(key=lambda r: (bool(r.config.origin), r.config.model, r.config.beta or 0, r.name))
    start = image_start(run, dataset, _image(dataset, image))
    (latent,) = _latents(run, latents, 1)
    picture = other_runs(run, others, start, values, dataset_codes(dataset), latent)
    return _grid(picture, "comparison", run, dataset, out, start.index)
