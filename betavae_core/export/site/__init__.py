"""A folder of runs as a folder of web pages, for any web server: what there is to look at, a page
with live models for each run and for runs side by side, and what was measured."""

from collections.abc import Sequence
from pathlib import Path

from ...disk_cache import Progress
from ...errors import InputError, Refusal, exists
from ...store import Run
from .measured import charts_of
from .plan import groups_of
from .writer import Writer


def export_site(
    runs: Sequence[Run],
    out: Path,
    *,
    data_root: str | Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write the site of these runs into a new folder; the first page is index.html.

    The weights of each run are stored once; all addresses are relative. Runs without weights and
    baselines are in the tables and charts only. Returns the folder. Raises `InputError` if there is
    something in the folder already, or if no run can be shown.
    """
    groups = groups_of(runs)
    if not any(group.live or charts_of(group) for group in groups):
        raise InputError(
            "None of these runs is a trained VAE with its weights, and nothing was measured on "
            "several β: there is nothing to show.",
            Refusal.UNSUITABLE,
        )
    if out.is_dir() and any(out.iterdir()):
        raise exists(out, "choose a new folder for the site; nothing was overwritten", "has files")
    return Writer(out, groups, data_root, progress or (lambda what, done, total: None)).write()
