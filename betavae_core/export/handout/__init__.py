"""A page to take home: one HTML file with live models of one or several runs."""

from collections.abc import Sequence
from pathlib import Path

from ...disk_cache import Progress
from ...errors import cannot_write
from ...store import Run, list_runs, load_run, write_atomically
from ...store.snapshots import at_snapshot
from .content import Handout, handout
from .images import images_of
from .page import handout_html

__all__ = ["Handout", "export_handout", "handout", "handout_html", "handout_of", "made_from"]


def handout_of(
    runs: Sequence[Run],
    root: str | Path | None = None,
    data_root: str | Path | None = None,
    progress: Progress | None = None,
) -> Handout:
    """The contents for these runs, with their dataset if it is here. root: the folder of the runs
    that a model for every β is compared with; data_root: of the datasets. Raises `InputError` as
    `handout`."""
    dataset, missing = images_of(runs[0].config, data_root, progress)
    others = []
    if root is not None and any(run.config.multirate for run in runs):
        others = [run for run in list_runs(root) if isinstance(run, Run)]
    return handout(runs, dataset, missing=missing, others=others, progress=progress)


def made_from(runs: Sequence[tuple[str, int | None]], root: str) -> bytes:
    """The page of runs that are given by their folders and, for those that are not at the end of
    their training, the images seen: a call that another process can make."""
    opened = []
    for folder, snapshot in runs:
        run = load_run(folder)
        opened.append(run if snapshot is None else at_snapshot(run, snapshot))
    return handout_html(handout_of(opened, root)).encode()


def export_handout(contents: Handout, file: Path) -> Path:
    """Write the page. Returns the file; raises `InputError` if it cannot be written."""
    page = handout_html(contents).encode()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, page)
    except OSError as error:
        raise cannot_write(file, error) from error
    return file
