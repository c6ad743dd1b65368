"""The datasets: one visible table, one file per dataset."""

from pathlib import Path

from ..errors import InputError
from ..paths import data_root
from .base import Dataset, DatasetEntry
from .shapes2d import SHAPES2D

__all__ = ["DATASETS", "Dataset", "load_dataset"]

DATASETS: dict[str, DatasetEntry] = {entry.name: entry for entry in (SHAPES2D,)}


def load_dataset(name: str, source: str | None = None, root: str | Path | None = None) -> Dataset:
    """Open a dataset by name.

    name: a key of `DATASETS`. source: "rendered" (drawn here, nothing to download), "official"
    (the published file) or None: the official file where it is found, else rendered. root: the
    official file or the folder that holds it; default $BETAVAE_DATA, else the user's cache folder.
    Raises `InputError` for an unknown name or source, or a file that is missing or not what it
    should be.
    """
    if name not in DATASETS:
        raise InputError(f'There is no dataset "{name}"; there are: {", ".join(DATASETS)}.')
    entry = DATASETS[name]
    if source not in ("rendered", "official", None):
        raise InputError(f'source must be "rendered" or "official", got "{source}".')
    if source == "rendered":
        return entry.rendered()
    path = data_root(root)
    if path.suffix != Path(entry.official_file).suffix:  # a folder, there or not
        path /= entry.official_file
    if path.is_file():
        return entry.official(path)
    if source is None and root is None:
        return entry.rendered()
    raise InputError(
        f"The official file {entry.official_file} of {entry.title} is not at {path}; download it "
        f"from {entry.homepage} and put it there, or give its place with --root or BETAVAE_DATA."
    )
