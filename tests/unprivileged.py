"""Work as a process that may not write everywhere: root may, whatever the permissions say."""

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# of linux/capability.h: reading, writing and changing the permissions of any file
CAPABILITIES = (1, 2, 3)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
VERSION_3 = 0x20080522
DROP_FROM_BOUNDING_SET = 24  # PR_CAPBSET_DROP


def unprivileged(work: Callable[[], None]) -> None:
    """Call `work` in a thread that has lost root's privilege; what fails there fails here."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            _drop_privilege()
            work()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


@contextmanager
def locked(*folders: Path) -> Iterator[None]:
    """While the block runs, nothing can be written into these folders, nor into what they hold."""
    every = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    modes = {path: path.stat().st_mode for path in every}
    try:
        for path, mode in modes.items():
            path.chmod(mode & ~0o222)
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def _drop_privilege() -> None:
    """Of this thread alone, and of what it starts."""
    if os.name != "posix" or os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "capset"):
        pytest.skip("root's privilege can be dropped on Linux alone")
    header = (ctypes.c_uint32 * 2)(VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable: the lower 32, the upper 32
    assert libc.capget(header, sets) == 0
    for each in CAPABILITIES:
        assert libc.prctl(DROP_FROM_BOUNDING_SET, each, 0, 0, 0) == 0
        for lower in range(3):
            sets[lower] &= ~(1 << each) & 0xFFFFFFFF
    assert libc.capset(header, sets) == 0
