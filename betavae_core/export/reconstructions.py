"""Originals, reconstructions and prior samples as one PNG."""

from pathlib import Path

from ..addresses import image_choices, link
from ..datasets import Dataset
from ..datasets.base import to_float
from ..errors import wrong_value
from ..pictures.files import png
from ..pictures.grids import labelled_grid
from ..pictures.reconstructions import (
    COLUMNS,
    LAST_SELECTION,
    add_samples,
    random_images,
    reconstruction_rows,
)
from ..provenance import facts
from ..store import Run, write_atomically
from .folder import _alone, _at_beta, _caption, _folder


def export_reconstructions(run: Run, dataset: Dataset, out: Path, *, seed: int = 0) -> Path:
    """Ten random images above their reconstructions, and ten prior samples below: PNG. seed: the
    number of the random selection, 0 to 9999, as on the page."""
    if not 0 <= seed <= LAST_SELECTION:
        raise wrong_value("Random selections", f"numbered from 0 to {LAST_SELECTION}", seed, "are")
    rows = random_images(len(dataset), seed)
    x = to_float(dataset.images(rows))
    pictured = reconstruction_rows([run.vae], ["reconstruction"], x)
    add_samples(pictured, [run.vae], ["prior sample"], COLUMNS, seed)
    about = {
        "kind": "reconstructions",
        **facts(run, dataset),
        "images": rows,
        "seed": seed,
        "mean_squared_error": pictured.errors[0],
        "rows": pictured.names,
        "caption": "Random images, their reconstructions (decoded posterior means) and prior "
        "samples.",
        "link": link("reconstruction", _alone(run) | {"draw": str(seed)})
        if run.at is None
        else link("traversals", {**_at_beta(run), **image_choices(dataset, rows[0])}),
    }
    folder = _folder(out, run, "reconstructions")
    picture = labelled_grid(pictured.images, pictured.names, 2)
    write_atomically(folder / "reconstructions.png", png(picture, about))
    return _caption(folder, about)
