"""Pictures and tables of a run as files, each with what it is of: what the dashboard's downloads
hold, without a browser."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from . import traversals
from .datasets import Dataset
from .datasets.base import to_float
from .embedding_svg import Drawn, embedding_svg
from .embeddings import embedding_table, encode_rows, fit_pca, path_numbers, star
from .errors import InputError
from .evaluation import active_latents, latents_by_kl, latest_elbo, versions
from .figures import FACTOR_COLOURS, gif, grid, labelled_grid, mp4, png
from .rng import generator
from .store import Run, write_atomically

STEPS, MOST_ROWS, COLUMNS = 9, 24, 10


def export_traversal(run: Run, dataset: Dataset, out: Path, *, image: int | None = None) -> Path:
    """Every active latent through the central 95 % of the prior, from one image: PNG, GIF and,
    where ffmpeg is installed, MP4. image: its index; by default that of the median of every factor,
    or the first. Returns the folder. Raises `InputError` for an image that is not there."""
    index = _start(dataset, image)
    with torch.no_grad():
        z = run.vae.encode(to_float(dataset.images([index])))[0][0]
    elbo = latest_elbo(run)
    kl = elbo["kl"] if elbo else [None] * len(z)
    on = active_latents(elbo) if elbo else [True] * len(z)
    order = latents_by_kl(elbo, len(z))
    latents = ([d for d in order if on[d]] or order)[:MOST_ROWS]
    values = traversals.prior_quantiles(STEPS)
    images = traversals.decode_grid(run.vae.decode, traversals.traversal_codes(z, latents, values))
    labels = [f"z{d}" + ("" if kl[d] is None else f"  {kl[d]:.2f}") for d in latents]
    about = _about(run, dataset, "traversal") | {
        "image": index,
        "rows": labels,
        "columns": [round(v, 4) for v in values.tolist()],
        "caption": "Each row moves one latent through the central 95 % of the prior; left: the "
        "latent and its KL in nats.",
        "link": f"traversals?run={run.name}",
    }
    frames = [grid(step[None], scale=2) for step in images.transpose(0, 1)]
    folder = _folder(out, run, "traversal")
    write_atomically(folder / "traversal.png", png(labelled_grid(images, labels, 2), about))
    write_atomically(folder / "traversal.gif", gif(frames, about))
    if video := mp4(frames, about):
        write_atomically(folder / "traversal.mp4", video)
    return _caption(folder, about)


def export_embedding(run: Run, dataset: Dataset, out: Path) -> Path:
    """The star of ground-truth traversals under PCA of its codes: the points and codes as CSV, the
    picture as SVG, the numbers in the caption. Raises `InputError` without factors."""
    space = dataset.space
    if space is None:
        raise InputError(f"{dataset.title} has no known factors of variation: nothing to traverse.")
    encode = getattr(run.model, "encode", None)
    if encode is None:
        raise InputError(f"{run.name} does not encode images: there is nothing to embed.")
    paths = star(space)
    rows = np.concatenate([path.rows for path in paths])
    mean, log_var = encode_rows(encode, dataset.images, rows)
    projection = fit_pca(mean[np.unique(rows, return_index=True)[1]])  # each image once
    points = mean @ projection.axes.T
    points = np.pad(points, ((0, 0), (0, 2 - points.shape[1])))
    groups = [space.names[path.factor] for path in paths for _ in path.rows]
    table = embedding_table(rows, groups, points, mean, log_var, space)
    about = _about(run, dataset, "embedding") | {
        "explained": projection.explained.tolist(),
        "numbers": path_numbers(paths, mean, log_var, space.names),
        "caption": "From the image with the median of every factor, one factor at a time through "
        "all its values; posterior means, PCA fitted on these codes; (0, 0) is the prior's mean.",
        "link": f"latent_space?dataset={dataset.title}",
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
    """Ten random images above their reconstructions, and ten prior samples below: PNG."""
    rows = torch.randint(len(dataset), (COLUMNS,), generator=generator(seed, "pictures"))
    x = to_float(dataset.images(rows))
    with torch.no_grad():
        made = run.vae.decode(run.vae.encode(x)[0])
        noise = torch.randn(COLUMNS, run.config.latents, generator=generator(seed, "prior"))
        samples = run.vae.decode(noise)
    labels = ["original", "redrawn", "samples"]
    about = _about(run, dataset, "reconstructions") | {
        "images": rows.tolist(),
        "seed": seed,
        "mean_squared_error": float((x - made).square().mean()),
        "rows": labels,
        "caption": "Images, their decoded posterior means, and decoded draws from the prior.",
        "link": f"reconstruction?dataset={dataset.title}",
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
    about = _about(run, dataset, "numbers") | {
        "scores": len(scores),
        "records": len(history),
        "caption": "Scores with their settings; means over each interval of training, nats per "
        "image.",
        "link": f"disentanglement?run={run.name}",
    }
    folder = _folder(out, run, "numbers")
    for name, rows in (("scores", scores), ("history", history)):
        text = pd.DataFrame(rows).to_csv(index=False)
        write_atomically(folder / f"{name}.csv", text.encode())
    return _caption(folder, about)


EXPORTS: dict[str, Callable[[Run, Dataset, Path], Path]] = {
    "traversal": export_traversal,
    "embedding": export_embedding,
    "reconstructions": export_reconstructions,
    "numbers": export_numbers,
}


def _start(dataset: Dataset, image: int | None) -> int:
    if image is None:
        space = dataset.space
        return 0 if space is None else int(space.index(space.median()[None])[0])
    if not 0 <= image < len(dataset):
        raise InputError(f"There is no image {image}: {dataset.title} has 0 to {len(dataset) - 1}.")
    return image


def _about(run: Run, dataset: Dataset, kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "run": run.name,
        "weights": run.weights_hash,
        "beta": run.config.beta,
        "dataset": dataset.name,
        "source": dataset.source,
        **({"part": dataset.note} if dataset.note else {}),
        "versions": versions(),
    }


def _folder(out: Path, run: Run, kind: str) -> Path:
    folder = out / f"{kind}-{run.name}"
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
