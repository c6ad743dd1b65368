"""Archives of arrays (.npz), read as a stream: checked, never unpickled, never entirely in
memory."""

import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from ..errors import InputError, damaged

DAMAGED = (  # the errors that an invalid file can cause
    *(zipfile.BadZipFile, zlib.error, tokenize.TokenError, NotImplementedError),
    *(EOFError, OSError, ValueError, KeyError, RuntimeError),
)
STEP = 16 * 2**20  # bytes read at once


@contextmanager
def reading(path: Path, what: str, advice: str) -> Iterator[None]:
    """Turn any error while `path` is read into one sentence: it is not `what`."""
    try:
        yield
    except InputError:
        raise
    except DAMAGED as error:
        raise damaged(path, error, advice, f"is not {what} or is damaged") from error


def header(stream: IO[bytes], name: str) -> tuple[tuple[int, ...], np.dtype, bool]:
    """Shape and dtype of a .npy stream, and whether it is in Fortran order; reads no data."""
    version = np.lib.format.read_magic(stream)
    read: Any = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read is None:
        raise ValueError(f"{name} has the unknown .npy version {version}")
    shape, fortran, dtype = read(stream)
    return shape, dtype, fortran


def rows(
    archive: zipfile.ZipFile, name: str, shape: tuple[int, ...], dtype: Any, start: int = 0
) -> Iterator[np.ndarray]:
    """The rows of the array `name` from `start` on, (n, *shape[1:]) at a time.

    Raises `ValueError` if shape or dtype differ, or if the data end early or continue after the
    last row (only a read to the end makes zipfile compare its checksum).
    """
    with archive.open(f"{name}.npy") as stream:
        found, kind, fortran = header(stream, name)
        if fortran:
            raise ValueError(f"{name} is stored in Fortran order")
        if found != shape or kind != np.dtype(dtype):
            raise ValueError(
                f"{name} has shape {found} and type {kind}, expected {shape} and {np.dtype(dtype)}"
            )
        size = int(np.prod(shape[1:], dtype=np.int64)) * np.dtype(dtype).itemsize
        row, step = 0, max(1, STEP // size)
        while row < shape[0]:
            count = min(step, shape[0] - row)
            raw = stream.read(count * size)
            if len(raw) != count * size:
                raise ValueError(f"{name} ends after {row + len(raw) // size} of {shape[0]} rows")
            if row + count > start:
                block = np.frombuffer(raw, dtype).reshape(count, *shape[1:])
                yield block[max(start - row, 0) :]
            row += count
        if stream.read(1):
            raise ValueError(f"{name} continues after its last row")
