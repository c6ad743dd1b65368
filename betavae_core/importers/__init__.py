"""Other projects' checkpoints to our runs: one table, one file per project."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .. import store
from ..config import RunConfig
from ..errors import InputError
from ..models import VAE
from . import disentangling_vae

__all__ = ["IMPORTERS", "import_checkpoint"]


@dataclass(frozen=True)
class ImporterEntry:
    """One row of the table of projects whose checkpoints open here."""

    layout: str  # what its folder looks like, for people
    recognises: Callable[[Path], bool]
    read: Callable[[Path], tuple[RunConfig, VAE]]


IMPORTERS: dict[str, ImporterEntry] = {
    "disentangling-vae": ImporterEntry(
        disentangling_vae.LAYOUT, disentangling_vae.recognises, disentangling_vae.read
    ),
}


def import_checkpoint(path: str | Path, out: str | Path, name: str | None = None) -> Path:
    """Turn a checkpoint folder into a run under `out` (named after the folder); returns the run's
    folder. Nothing is unpickled, every tensor must fit. Raises `InputError` with one sentence."""
    path = Path(path)
    if not path.is_dir():
        raise InputError(f"{path} is no folder; give the folder that holds the checkpoint's files.")
    for entry in IMPORTERS.values():
        if entry.recognises(path):
            config, model = entry.read(path)
            target = Path(out) / (name or path.resolve().name)
            store.create_run(target, config)
            store.save_weights(target, model, config.images)
            store.rewrite_history(target, [])
            return target
    known = "; ".join(f"{name}: {entry.layout}" for name, entry in IMPORTERS.items())
    raise InputError(f"{path} is no checkpoint of a known project; known are {known}.")
