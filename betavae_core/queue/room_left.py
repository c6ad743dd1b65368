"""Whether this machine has the memory and the disk space for a training."""

import shutil
from pathlib import Path

from ..config import RunConfig
from ..errors import InputError, Refusal
from ..models import build_vae

PROCESS = 600 * 10**6  # bytes of memory of a training process besides its model
SPARE = 200 * 10**6  # bytes of disk that are left free
MEMINFO = Path("/proc/meminfo")


def check_room(config: RunConfig, root: Path, snapshots: int = 0) -> None:
    """Raise `InputError` if the weights, two checkpoints of three times their size and the
    snapshots do not fit on the disk of `root`, or the process not into the free memory (where the
    system tells it)."""
    weights = 4 * sum(each.numel() for each in build_vae(config).parameters())
    there = next(each for each in (root.absolute(), *root.absolute().parents) if each.exists())
    disk, free = 8 * weights + snapshots * weights // 2, shutil.disk_usage(there).free
    if disk + SPARE > free:
        raise _no_room("disk space", disk + SPARE, free)
    pixels = 4 * config.batch_size * config.pixels * 100  # activations, roughly
    memory, free_memory = PROCESS + 6 * weights + pixels, available_memory()
    if free_memory is not None and memory > free_memory:
        raise _no_room("memory", memory, free_memory)


def available_memory() -> int | None:
    """Bytes of memory that a new process can take; None if the system does not tell."""
    try:
        lines = MEMINFO.read_text().splitlines()
    except OSError:
        return None
    kilobytes = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return 1024 * int(kilobytes[0]) if kilobytes else None


def _no_room(what: str, needed: int, free: int) -> InputError:
    return InputError(
        f"This training needs about {needed / 1e6:,.0f} MB of {what}, and {free / 1e6:,.0f} MB are "
        "free.",
        Refusal.UNAVAILABLE,
        name=what,
        needed=needed,
        free=free,
    )
