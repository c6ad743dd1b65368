"""The examination of an opened checkpoint, from its file to β."""

from collections.abc import Iterator
from typing import Any

from ..importers import Imported
from .checkup import checkup
from .finding import Finding
from .opening import opened


def examine(imported: Imported, **settings: Any) -> Iterator[Finding]:
    """The findings on its file, then the checkup of its model; yields each `Finding` as soon as it
    is ready. settings: those of `checkup`. Raises `InputError` as `checkup` does; `refused` has the
    findings on a checkpoint that did not open."""
    yield from opened(imported)
    yield from checkup(imported.model, imported.config, **settings)
