"""A limit for the cache folder: of the arrays that `disk_cache.prepared` has made, those that were
not used for the longest time are removed. Any of them is made again when it is needed.

The lock file beside an array says that it is one of ours; other files are never touched. Lock files
stay, since removing one while a process waits for it would let two processes work on one array.
"""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from .errors import wrong_value
from .paths import cache_root

DEFAULT_GB = 5.0
VARIABLE = "BETAVAE_CACHE_LIMIT"
HOUR = 3600.0  # the time of the last use is kept to the hour
STALE_DAYS = 7  # after which an unfinished array is not expected to be continued


@dataclass(frozen=True)
class Entry:
    """An array in the cache folder, finished or not."""

    path: Path
    bytes: int
    used: float  # time of its last use, seconds since 1970

    @property
    def finished(self) -> bool:
        return self.path.suffix == ".npy"


def limit_bytes() -> int:
    """The limit in bytes: $BETAVAE_CACHE_LIMIT in gigabytes (10⁹ bytes), by default 5. Raises
    `InputError` for anything but a number of at least 0."""
    text = os.environ.get(VARIABLE) or str(DEFAULT_GB)
    with suppress(ValueError):
        if 0 <= (number := float(text)) < float("inf"):
            return int(number * 1e9)
    raise wrong_value(VARIABLE, "a number of gigabytes, such as 5", text, "must be")


def entries() -> list[Entry]:
    """The arrays in the cache folder, the one unused for the longest time first."""
    found = []
    with suppress(OSError), os.scandir(cache_root()) as files:
        for file in files:
            ours = Path(file.path).with_suffix(".lock").exists()
            if ours and file.name.endswith((".npy", ".part")):
                with suppress(OSError):
                    about = file.stat()
                    found.append(Entry(Path(file.path), about.st_size, about.st_mtime))
    return sorted(found, key=lambda entry: entry.used)


def mark_used(path: Path) -> None:
    """Note that an array of ours is used now; a folder that cannot be written notes nothing."""
    with suppress(OSError):
        path.with_suffix(".lock").touch()  # those of earlier versions had none
        if time.time() - path.stat().st_mtime > HOUR:
            os.utime(path)


def keep_within_limit(spared: Path) -> list[Entry]:
    """Remove arrays until the rest is within the limit, never `spared` nor one that is being made;
    returns the removed ones. A process that has one open keeps it until it ends."""
    here, limit = entries(), limit_bytes()
    total, removed = sum(entry.bytes for entry in here), []
    for entry in here:
        if total <= limit:
            break
        stale = time.time() - entry.used > STALE_DAYS * 24 * HOUR
        if entry.path != spared and (entry.finished or stale) and _remove(entry):
            total -= entry.bytes
            removed.append(entry)
    return removed


def clear() -> tuple[list[Entry], list[Entry]]:
    """Remove all arrays; returns the removed ones, and those that are left: being made, or not
    permitted."""
    here = entries()
    removed = [entry for entry in here if _remove(entry)]
    return removed, [entry for entry in here if entry not in removed]


def _remove(entry: Entry) -> bool:
    """Remove an array, unless it is being made."""
    try:
        with FileLock(entry.path.with_suffix(".lock"), timeout=0):
            entry.path.unlink(missing_ok=True)
            return True
    except (Timeout, OSError):
        return False
