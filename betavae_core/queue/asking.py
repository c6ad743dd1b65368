"""Asking for a training: what makes no sense is refused before it waits."""

from pathlib import Path

from ..config import RunConfig
from ..datasets import config_dataset
from ..errors import InputError, Refusal, other_images
from ..store import CONFIG, check_writable, find_run, load_run, read_config
from ..store.snapshots import snapshot_times
from ..training.fork import fork_config, state_after
from ..training.steering import check_unsteered
from .clearing import clear_old
from .entries import FOLDER, Entry, add_entry
from .room_left import check_room


def ask_for(
    root: Path, config: RunConfig, *, snapshots: int = 0, data_root: str | None = None
) -> Entry:
    """Put the training of a run into the queue; one that was begun is continued. Raises
    `InputError` if the run is finished or in the queue, cannot be trained, or does not fit on this
    machine."""
    check_askable(root, config, snapshots, data_root)
    entry = add_entry(root, config, snapshots=snapshots, data_root=data_root)
    clear_old(root)
    return entry


def ask_for_fork(root: Path, parent: str, after: int, **changes: float | int) -> Entry:
    """Put a fork of a run, of this folder or another one, into the queue: from its snapshot after
    `after` images, with changed settings. Raises `InputError` as `ask_for`, and if there is no such
    state."""
    run = load_run(find_run(parent, root))
    config = fork_config(run, after, **changes)
    state_after(run, after)
    check_askable(root, config, 0, None)
    beside = run.path.resolve().parent == root.resolve()
    parent = run.name if beside else str(run.path.resolve())
    entry = add_entry(root, config, parent=parent, after=after)
    clear_old(root)
    return entry


def check_askable(root: Path, config: RunConfig, snapshots: int, data_root: str | None) -> None:
    """Raise `InputError` if the training makes no sense, or does not fit on this machine."""
    if config.baseline:
        raise InputError(
            "A training needs one or more images to see.", Refusal.VALUE, name="images"
        )
    if not config.trainable:
        raise InputError("Training needs a beta.", Refusal.MISSING, name="beta")
    if snapshots:
        snapshot_times(config.images, snapshots)  # raises for too few
    path = root / config.run_id
    check_writable(root / FOLDER)
    check_writable(path)
    if (path / CONFIG).exists():
        check_unsteered(read_config(path))
        if load_run(path).status == "finished":
            raise InputError(
                f"{config.run_id} is trained already: open it, or choose another seed or β.",
                Refusal.EXISTS,
                run=config.run_id,
            )
    dataset = config_dataset(config, data_root)
    if dataset.shape != config.shape:
        raise other_images(dataset.title, dataset.shape, "the config", config.shape)
    check_room([config], root, snapshots)
