"""Whether this machine has the memory and the disk space for trainings."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from ..config import RunConfig
from ..errors import InputError, Refusal
from ..models import build_vae

PROCESS = 600 * 10**6  # bytes of memory of a training process besides its model
SPARE = 200 * 10**6  # bytes of disk that are left free
MEMINFO = Path("/proc/meminfo")


def check_room(
    configs: Sequence[RunConfig], root: Path, snapshots: int = 0, at_once: int | None = None
) -> None:
    """Raise `InputError` if the weights, two checkpoints of three times their size and the
    snapshots of all these trainings do not fit on the disk of `root`, or the processes of those
    that train at the same time not into the free memory (where the system tells it). at_once: their
    largest number (None: all)."""
    weights = [4 * sum(each.numel() for each in build_vae(c).parameters()) for c in configs]
    there = next(each for each in (root.absolute(), *root.absolute().parents) if each.exists())
    disk = sum(8 * each + snapshots * each // 2 for each in weights) + SPARE
    if disk > (free := shutil.disk_usage(there).free):
        raise _no_room(len(configs), "disk space", disk, free)
    processes = [
        PROCESS + 6 * each + 4 * config.batch_size * config.pixels * 100  # activations, roughly
        for config, each in zip(configs, weights, strict=True)
    ]
    memory, free_memory = sum(sorted(processes, reverse=True)[:at_once]), available_memory()
    if free_memory is not None and memory > free_memory:
        raise _no_room(len(configs), "memory", memory, free_memory)


def available_memory() -> int | None:
    """Bytes of memory that a new process can take; None if the system does not tell."""
    try:
        lines = MEMINFO.read_text().splitlines()
    except OSError:
        return None
    kilobytes = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return 1024 * int(kilobytes[0]) if kilobytes else None


def _no_room(trainings: int, what: str, needed: int, free: int) -> InputError:
    who = "This training needs" if trainings == 1 else f"These {trainings} trainings need"
    return InputError(
        f"{who} about {needed / 1e6:,.0f} MB of {what}, and {free / 1e6:,.0f} MB are free.",
        Refusal.UNAVAILABLE,
        name=what,
        needed=needed,
        free=free,
    )
