"""A checkpoint that was opened, examined from its file to β."""

from collections.abc import Iterator
from typing import Any

from ..importers import Imported
from .checkup import checkup
from .finding import Finding
from .opening import opened


def examine(imported: Imported, **settings: Any) -> Iterator[Finding]:
    """What its file is, then the checkup of its model; yields each `Finding` as soon as it is
    there. settings: as of `checkup`. Raises `InputError` as `checkup` does; `refused` has the
    findings of a checkpoint that did not open."""
    yield from opened(imported)
    yield from checkup(imported.model, imported.config, **settings)
