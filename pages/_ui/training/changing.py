"""Whether a visitor may start and steer trainings, or only watch them."""

from pathlib import Path

from betavae_core.errors import InputError
from betavae_core.queue.entries import FOLDER
from betavae_core.store import check_writable
from pages._ui.mode import ONLY_LOOKING, read_only
from pages._ui.style import plain, without_paths


def only_watching(root: Path) -> str:
    """Why trainings in the folder of runs can only be watched: the dashboard is read-only, or may
    not write there; "" where they can be started and steered."""
    if read_only():
        return ONLY_LOOKING
    try:
        check_writable(root)
        check_writable(root / FOLDER)
    except InputError as error:
        return plain(without_paths(f"Trainings can only be watched here. {error}"))
    return ""


def can_change(root: Path) -> bool:
    """Whether a visitor may start and steer trainings."""
    return not only_watching(root)
