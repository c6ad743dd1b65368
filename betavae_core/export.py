"""Pictures and tables of runs as files, each with what it is of and a link to it: what the
dashboard's downloads hold, without a browser."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from .addresses import (
    Choices,
    base_choices,
    dataset_title,
    image_choices,
    link,
    run_choices,
    state_choices,
)
from .datasets import Dataset
from .datasets.base import to_float
from .describe import facts
from .embedding_svg import Drawn, embedding_svg
from .embeddings import embedding_table, encode_rows, fit_pca, path_numbers, star
from .errors import InputError
from .evaluation import latents_by_kl, latest_elbo
from .figures import FACTOR_COLOURS, gif, grid, labelled_grid, mp4, png
from .rng import generator
from .store import Run, write_atomically
from .traversal_pictures import (
    MOST_RUNS,
    Picture,
    dataset_codes,
    every_latent,
    factor_sweep,
    from_image_to_image,
    image_start,
    other_runs,
    two_latents,
)
from .traversals import Values

COLUMNS, MOST_DRAWS = 10, 9999  # of reconstructions
USUAL = Values()


def export_traversal(
    run: Run, dataset: Dataset, out: Path, *, image: int | None = None, values: Values = USUAL
) -> Path:
    """Every active latent through `values`, from one image: PNG, GIF and, where ffmpeg is
    installed, MP4. image: its index; by default that of the median of every factor, or the first.
    Returns the folder. Raises `InputError` for an image that is not there."""
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
    """Two latents, across and down, by default the two of most KL; else as `export_traversal`."""
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
    straight line and along a sphere; else as `export_traversal`."""
    start = image_start(run, dataset, _image(dataset, image))
    other = _image(dataset, len(dataset) // 3 if to is None else to)
    picture = from_image_to_image(run, dataset, start, other, steps)
    return _grid(picture, "interpolation", run, dataset, out, start.index)


def export_sweep(
    run: Run, dataset: Dataset, out: Path, *, image: int | None = None, factor: str = ""
) -> Path:
    """One true factor through its values, by default the first, the reconstructions below; else as
    `export_traversal`. Raises `InputError` without factors."""
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
    """One latent of the first run, by default that of most KL, and those of the others that match
    it best, a row per run; else as `export_traversal`. Raises `InputError` for runs of other
    images."""
    run, *others = runs
    if not 1 <= len(others) < MOST_RUNS:
        raise InputError(f"A comparison takes 2 to {MOST_RUNS} runs, got {len(runs)}.")
    for other in others:
        if _images_of(other) != _images_of(run):
            raise InputError(
                f"{other.name} was trained on other images than {run.name}: a comparison needs "
                "the same for all."
            )
    others.sort(key=lambda r: (bool(r.config.origin), r.config.model, r.config.beta or 0, r.name))
    start = image_start(run, dataset, _image(dataset, image))
    (latent,) = _latents(run, latents, 1)
    picture = other_runs(run, others, start, values, dataset_codes(dataset), latent)
    return _grid(picture, "comparison", run, dataset, out, start.index)


def export_embedding(run: Run, dataset: Dataset, out: Path, *, image: int | None = None) -> Path:
    """The star of ground-truth traversals from one image (its index; by default that of the median
    of every factor) under PCA of its codes: the points and codes as CSV, the picture as SVG, the
    numbers in the caption. Raises `InputError` without factors."""
    space = dataset.space
    if space is None:
        raise InputError(f"{dataset.title} has no known factors of variation: nothing to traverse.")
    encode = getattr(run.model, "encode", None)
    if encode is None:
        raise InputError(f"{run.name} does not encode images: there is nothing to embed.")
    row = _image(dataset, image)
    paths = star(space, space.factors(np.array([row]))[0])
    rows = np.concatenate([path.rows for path in paths])
    mean, log_var = encode_rows(encode, dataset.images, rows)
    projection = fit_pca(mean[np.unique(rows, return_index=True)[1]])  # each image once
    points = mean @ projection.axes.T
    points = np.pad(points, ((0, 0), (0, 2 - points.shape[1])))
    groups = [space.names[path.factor] for path in paths for _ in path.rows]
    table = embedding_table(rows, groups, points, mean, log_var, space)
    said = "the median of every factor" if image is None else f"number {image:,}"
    about = {
        "kind": "embedding",
        **facts(run, dataset),
        "image": row,
        "explained": projection.explained.tolist(),
        "numbers": path_numbers(paths, mean, log_var, space.names),
        "caption": f"From the image with {said}, one factor at a time through all its values; "
        "posterior means, PCA fitted on these codes; (0, 0) is the prior's mean.",
        "link": link("latent_space", _alone(run) | base_choices(dataset, row)),
    }
    parts = np.split(points, np.cumsum([len(path.rows) for path in paths])[:-1])
    folder = _folder(out, run, "embedding")
    write_atomically(folder / "embedding.csv", table.to_csv(index=False).encode())
    lines = [
        Drawn(name, FACTOR_COLOURS[number % len(FACTOR_COLOURS)], part)
        for number, (name, part) in enumerate(zip(space.names, parts, strict=True))
    ]
    picture = embedding_svg({run.name: lines}, about=json.dumps(_finite(about), ensure_ascii=False))
    write_atomically(folder / "embedding.svg", picture.encode())
    return _caption(folder, about)


def export_reconstructions(run: Run, dataset: Dataset, out: Path, *, seed: int = 0) -> Path:
    """Ten random images above their reconstructions, and ten prior samples below: PNG. seed: of
    the draw, 0 to 9999, as the page counts them."""
    if not 0 <= seed <= MOST_DRAWS:
        raise InputError(f"Draws are numbered from 0 to {MOST_DRAWS}, got {seed}.")
    rows = torch.randint(len(dataset), (COLUMNS,), generator=generator(seed, "pictures"))
    x = to_float(dataset.images(rows))
    with torch.no_grad():
        made = run.vae.decode(run.vae.encode(x)[0])
        noise = torch.randn(COLUMNS, run.config.latents, generator=generator(seed, "prior"))
        samples = run.vae.decode(noise)
    labels = ["original", "redrawn", "samples"]
    about = {
        "kind": "reconstructions",
        **facts(run, dataset),
        "images": rows.tolist(),
        "seed": seed,
        "mean_squared_error": float((x - made).square().mean()),
        "rows": labels,
        "caption": "Images, their decoded posterior means, and decoded draws from the prior.",
        "link": link("reconstruction", _alone(run) | {"draw": str(seed)}),
    }
    folder = _folder(out, run, "reconstructions")
    picture = labelled_grid(torch.stack([x, made, samples]), labels, 2)
    write_atomically(folder / "reconstructions.png", png(picture, about))
    return _caption(folder, about)


def export_numbers(run: Run, dataset: Dataset, out: Path) -> Path:
    """All that was measured of a run as CSV: scores.csv, a row per score and settings, and
    history.csv, a row per interval of its training."""
    scores = [
        {"score": record["score"], "value": record.get("value"), **record.get("settings", {})}
        for record in run.valid_scores
    ]
    history = [
        {key: value for key, value in record.items() if key != "kl"}
        | {f"kl z{d}": value for d, value in enumerate(record["kl"])}
        for record in run.history
        if "nll" in record
    ]
    about = {
        "kind": "numbers",
        **facts(run, dataset),
        "scores": len(scores),
        "records": len(history),
        "caption": "Scores with their settings; means over each interval of training, nats per "
        "image.",
        "link": link("reconstruction", _alone(run))
        if dataset.space is None
        else link("disentanglement", {"dataset": dataset_title(dataset.name), "run": run.name}),
    }
    folder = _folder(out, run, "numbers")
    for name, rows in (("scores", scores), ("history", history)):
        text = pd.DataFrame(rows).to_csv(index=False)
        write_atomically(folder / f"{name}.csv", text.encode())
    return _caption(folder, about)


@dataclass(frozen=True)
class Export:
    """One row of the table of what can be written."""

    write: Callable[..., Path]  # of a run (or runs), its dataset, a folder and the kind's options
    usual: bool = False  # whether "all" has it
    factors: bool = False  # whether it needs known factors
    together: bool = False  # whether it takes all runs at once
    states: bool = False  # whether it takes earlier states of a training


EXPORTS: dict[str, Export] = {
    "traversal": Export(export_traversal, usual=True, states=True),
    "embedding": Export(export_embedding, usual=True, factors=True),
    "reconstructions": Export(export_reconstructions, usual=True),
    "numbers": Export(export_numbers, usual=True),
    "pair": Export(export_pair, states=True),
    "interpolation": Export(export_interpolation, states=True),
    "sweep": Export(export_sweep, factors=True, states=True),
    "comparison": Export(export_comparison, together=True, states=True),
}


def _image(dataset: Dataset, image: int | None) -> int:
    if image is None:
        space = dataset.space
        return 0 if space is None else int(space.index(space.median()[None])[0])
    if not 0 <= image < len(dataset):
        raise InputError(f"There is no image {image}: {dataset.title} has 0 to {len(dataset) - 1}.")
    return image


def _latents(run: Run, latents: Sequence[int], count: int) -> list[int]:
    """As many as are needed, by default those of most KL."""
    chosen = list(latents) or latents_by_kl(latest_elbo(run), run.config.latents)[:count]
    if len(chosen) != count:
        raise InputError(f"This needs {count} of the run's latents, got {len(chosen)}.")
    return chosen


def _images_of(run: Run) -> tuple[Any, ...]:
    return run.config.dataset, run.config.source, run.config.shape


def _alone(run: Run) -> dict[str, str | Sequence[str]]:
    """The run and no other, on a page that shows several."""
    return {**run_choices(run), "runs": [run.name]}


def _grid(
    picture: Picture, kind: str, run: Run, dataset: Dataset, out: Path, image: int | None
) -> Path:
    """A picture of traversals as PNG, GIF and MP4."""
    assert image is not None, "begins at an image"
    choices: Choices = {
        "run": run.name,
        **state_choices(run),
        **image_choices(dataset, image),
        **picture.choices,
    }
    about = {
        "kind": kind,
        **facts(run, dataset),
        "image": image,
        **picture.about,
        "rows": picture.labels,
        "caption": picture.caption,
        "link": link("traversals", choices),
    }
    folder = _folder(out, run, kind)
    frames = [grid(step[None], scale=2) for step in picture.frames]
    write_atomically(folder / f"{kind}.png", png(picture.drawn(), about))
    write_atomically(folder / f"{kind}.gif", gif(frames, about))
    try:
        video = mp4(frames, about)
    except InputError as error:  # the other files are whole
        about["no video"], video = str(error), None
    if video:
        write_atomically(folder / f"{kind}.mp4", video)
    return _caption(folder, about)


def _folder(out: Path, run: Run, kind: str) -> Path:
    state = "" if run.snapshot is None else f"-after-{run.snapshot}"
    folder = out / f"{kind}-{run.name}{state}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"Cannot write to {folder} ({error.strerror}).") from error
    return folder


def _finite(value: Any) -> Any:
    """As JSON can hold it: null for what is no finite number."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _caption(folder: Path, about: dict[str, Any]) -> Path:
    text = json.dumps(_finite(about), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomically(folder / "caption.json", text.encode())
    return folder
