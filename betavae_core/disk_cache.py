"""One-time work on disk: arrays that are rendered or converted once, row by row, and then
memory-mapped."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np
from filelock import FileLock, Timeout

from .cache_limit import keep_within_limit, limit_bytes, mark_used
from .errors import InputError, Refusal
from .paths import cache_root

Progress = Callable[[str, int, int], None]  # activity, rows done, total rows


def is_prepared(name: str) -> bool:
    """Whether the complete array `name` is in the cache folder."""
    return (cache_root() / f"{name}.npy").exists()


def prepared(
    name: str,
    shape: tuple[int, ...],
    dtype: Any,
    blocks: Callable[[int], Iterator[np.ndarray]],
    *,
    title: str,
    progress: Progress | None = None,
) -> np.ndarray:
    """The array `name` of the cache folder, memory-mapped copy-on-write; made on first use.

    shape: (rows, …); blocks: called with the number of the first missing row, yields the rows from
    there on in order, (n, …) of `dtype`. Afterwards the folder is within its limit
    (`cache_limit`). Safe for several processes at once (one works, the others
    wait); after a kill the next call continues after the last complete row. Raises `InputError` if
    the cache folder cannot be written; exceptions of `blocks` pass through.
    """
    target = cache_root() / f"{name}.npy"
    limit_bytes()  # what is wrong with it is said before the work
    tell = progress or (lambda what, done, total: None)
    if (array := _open(target, shape, dtype)) is not None:
        mark_used(target)
        return array
    part = target.with_suffix(".part")
    header = _header(shape, dtype)
    row_bytes = int(np.prod(shape[1:], dtype=np.int64)) * np.dtype(dtype).itemsize

    def rows_in_part() -> int:
        with suppress(FileNotFoundError):
            return max(0, part.stat().st_size - len(header)) // row_bytes
        return 0

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = target.with_suffix(".lock")
        with _sole(lock, lambda: tell(f"{title} (another process)", rows_in_part(), shape[0])):
            if (array := _open(target, shape, dtype)) is not None:
                return array
            try:
                _fill(part, header, row_bytes, shape, dtype, blocks, title, tell)
                os.replace(part, target)
            except Exception:  # damaged source or full disk: keep nothing (a kill keeps the part)
                part.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise InputError(
            f"Cannot prepare {title} in the cache folder {target.parent} ({error.strerror or error}"
            f", {shape[0] * row_bytes / 1e6:,.0f} MB are needed); choose another with "
            "BETAVAE_CACHE.",
            Refusal.NOT_WRITTEN,
            path=str(target.parent),
            reason=str(error.strerror or error),
            remedy="BETAVAE_CACHE",
        ) from error
    array = _open(target, shape, dtype)
    if array is None:  # another process needed the room in this moment
        return prepared(name, shape, dtype, blocks, title=title, progress=progress)
    keep_within_limit(target)
    return array


def _fill(
    part: Path,
    header: bytes,
    row_bytes: int,
    shape: tuple[int, ...],
    dtype: Any,
    blocks: Callable[[int], Iterator[np.ndarray]],
    title: str,
    tell: Progress,
) -> None:
    """Complete the part file with its missing rows."""
    with open(part, "a+b") as file:
        done = _whole_rows(file, header, row_bytes)
        if (shape[0] - done) * row_bytes > shutil.disk_usage(part.parent).free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        tell(title, done, shape[0])
        for block in blocks(done) if done < shape[0] else ():
            assert block.shape[1:] == shape[1:], f"{block.shape} are not rows of {shape}"
            assert block.dtype == np.dtype(dtype), f"{block.dtype} is not {dtype}"
            file.write(np.ascontiguousarray(block).data)
            done += len(block)
            tell(title, done, shape[0])
        assert done == shape[0], f"{title}: {done} rows were made, expected {shape[0]}"
        file.flush()
        os.fsync(file.fileno())


def _whole_rows(file: IO[bytes], header: bytes, row_bytes: int) -> int:
    """Cut a part file after its last complete row and return the number of rows."""
    file.seek(0)
    if file.read(len(header)) != header:
        file.truncate(0)
        file.write(header)
        return 0
    rows = (file.seek(0, os.SEEK_END) - len(header)) // row_bytes
    file.truncate(len(header) + rows * row_bytes)
    file.seek(0, os.SEEK_END)
    return rows


def _header(shape: tuple[int, ...], dtype: Any) -> bytes:
    """The first bytes of a .npy file of this shape."""
    buffer = BytesIO()
    descr = np.lib.format.dtype_to_descr(np.dtype(dtype))
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": descr, "fortran_order": False, "shape": shape}
    )
    return buffer.getvalue()


def _open(path: Path, shape: tuple[int, ...], dtype: Any) -> np.ndarray | None:
    """The memory-mapped array, or None if there is none or another one."""
    try:
        array = np.load(path, mmap_mode="c")
    except (OSError, ValueError, EOFError):
        return None
    return array if array.shape == shape and array.dtype == np.dtype(dtype) else None


@contextmanager
def _sole(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold a lock file, calling `waiting` twice a second until it is free; a kill frees it."""
    lock = FileLock(path)
    while not lock.is_locked:
        try:
            lock.acquire(timeout=0.5)
        except Timeout:
            waiting()
    try:
        yield
    finally:
        lock.release()
