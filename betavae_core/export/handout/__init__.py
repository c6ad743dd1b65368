"""A page to take home: one HTML file with live models of one or several runs."""

from collections.abc import Sequence
from pathlib import Path

from ...datasets import Dataset
from ...disk_cache import Progress
from ...errors import cannot_write
from ...store import Run, write_atomically
from .content import Handout, handout
from .images import images_of, lacking
from .page import handout_html

__all__ = ["Handout", "export_handout", "handout", "handout_html", "images_of", "lacking"]


def export_handout(
    runs: Sequence[Run],
    dataset: Dataset | None,
    file: Path,
    *,
    missing: str = "",
    others: Sequence[Run] = (),
    progress: Progress | None = None,
) -> Path:
    """Write the page of `handout`. Returns the file; raises `InputError` as `handout`, and if the
    file cannot be written."""
    contents = handout(runs, dataset, missing=missing, others=others, progress=progress)
    page = handout_html(contents)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, page.encode())
    except OSError as error:
        raise cannot_write(file, error) from error
    return file
