"""The embedding of ground-truth traversals as SVG and CSV."""

import json
from pathlib import Path

import numpy as np

from ..addresses import base_choices, image_choices, link
from ..datasets import Dataset
from ..embedding.numbers import embedding_table
from ..embedding.svg import Drawn, embedding_svg
from ..errors import InputError, Refusal, no_factors
from ..pictures.colours import FACTOR_COLOURS
from ..provenance import facts
from ..scoring.star import encoded_star
from ..store import Run, write_atomically
from .folder import _alone, _at_beta, _caption, _finite, _folder, _image


def export_embedding(run: Run, dataset: Dataset, out: Path, *, image: int | None = None) -> Path:
    """The star of ground-truth traversals from one image (its index; by default the image with the
    median of every factor) under PCA of its codes: the points and codes as CSV, the picture as SVG,
    the numbers in the caption. Raises `InputError` without factors."""
    space = dataset.space
    if space is None:
        raise no_factors(dataset.title, ": nothing to traverse")
    if not hasattr(run.model, "encode"):
        raise InputError(
            f"{run.name} does not encode images: there is nothing to embed.",
            Refusal.UNSUITABLE,
            run=run.name,
        )
    row = _image(dataset, image)
    found = encoded_star(run.model, dataset, space.factors(np.array([row]))[0])
    groups = [space.names[path.factor] for path in found.paths for _ in path.rows]
    table = embedding_table(found.rows, groups, found.points, found.mean, found.log_var, space)
    said = "the image with median factors" if image is None else f"image {image:,}"
    about = {
        "kind": "embedding",
        **facts(run, dataset),
        "image": row,
        "explained": found.explained.tolist(),
        "numbers": found.numbers,
        "caption": f"One factor at a time through all its values, starting from {said}; posterior "
        "means under PCA fitted on these codes; (0, 0) is the prior's mean.",
        "link": link("latent_space", _alone(run) | base_choices(dataset, row))
        if run.at is None
        else link("traversals", {**_at_beta(run), **image_choices(dataset, row)}),
    }
    folder = _folder(out, run, "embedding")
    write_atomically(folder / "embedding.csv", table.to_csv(index=False).encode())
    lines = [
        Drawn(name, FACTOR_COLOURS[number % len(FACTOR_COLOURS)], part)
        for number, (name, part) in enumerate(found.parts.items())
    ]
    picture = embedding_svg({run.name: lines}, about=json.dumps(_finite(about), ensure_ascii=False))
    write_atomically(folder / "embedding.svg", picture.encode())
    return _caption(folder, about)
