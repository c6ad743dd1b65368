"""Files that are damaged, hostile or of another kind: each is refused in one sentence."""

import io
import json
import os
import struct
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core.errors import InputError
from betavae_core.importers import (
    files,
    read_checkpoint,
)
from tests.importers.formats import FORMATS, every_format, tensors, zipped
from tests.oracles import one_sentence


@every_format
def test_truncated_at_every_percent(kind: str, tmp_path: Path) -> None:
    data = FORMATS[kind](tensors())
    file = tmp_path / "model.pt"
    for percent in range(100):
        file.write_bytes(data[: len(data) * percent // 100])
        with one_sentence("model.pt"):
            read_checkpoint(file)


@every_format
def test_flipped_bits(kind: str, tmp_path: Path) -> None:
    """Numbers may come out different, but nothing other than an `InputError` may come out."""
    data = FORMATS[kind](tensors())
    file = tmp_path / "model.pt"
    for place in range(0, len(data), max(1, len(data) // 150)):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        file.write_bytes(changed)
        with suppress(InputError):
            read_checkpoint(file)


NAME = "encoder.embedding.bias"  # of `tensors()`
ODD: dict[str, tuple[Any, str]] = {
    "whole numbers": (torch.ones(3, dtype=torch.int64), "int64"),
    "complex": (torch.ones(3, dtype=torch.complex64), "complex64"),
    "bool": (torch.ones(3, dtype=torch.bool), "bool"),
    "NaN": (torch.tensor([0.0, float("nan")]), "NaN"),
    "infinite": (torch.tensor([0.0, float("inf")]), "infinite"),
    "infinite as float32": (torch.tensor([1e300], dtype=torch.float64), "infinite"),
    "empty": (torch.zeros(0, 1000), "no values"),
    "one number as 4 GB": (torch.zeros(1).expand(10**9), "more numbers"),
    "sparse": (torch.eye(3).to_sparse(), "sparse"),
    "list": ([1.0, 2.0], f'lacks the tensor "{NAME}"'),
    "code": (Path("x"), "run"),
    "array": (bytearray(8), "bytearray"),
}


@pytest.mark.parametrize("kind", ["PyTorch", "PyTorch before 1.6"])
@pytest.mark.parametrize("fault", ODD)
def test_odd_values_are_refused(kind: str, fault: str, tmp_path: Path) -> None:
    value, named = ODD[fault]
    (tmp_path / "model.pt").write_bytes(FORMATS[kind](tensors() | {NAME: value}))
    with one_sentence("model.pt", named):
        read_checkpoint(tmp_path / "model.pt")


WHOLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "random": (bytes(range(256)) * 9, "not a file of tensors"),
    "text": (b"hello", "not a file of tensors"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), "not a file of tensors"),
    "tensor alone": (zipped(torch.zeros(3)), "named tensors"),
    "numbered": (zipped({1: torch.zeros(3)}), "named tensors"),
    "nothing": (zipped({}), "named tensors"),
    "many": (zipped({str(i): torch.zeros(1) for i in range(2001)}), "2,001"),
    "other zip": (b"PK\x05\x06" + bytes(18), "not a file of tensors"),
    "100 GB header": (struct.pack("<Q", 100 * 2**30) + b"{}" + bytes(99), "header"),
    "header beyond the file": (struct.pack("<Q", 200) + b"{}" + bytes(99), "header"),
    "header no JSON": (struct.pack("<Q", 2) + b"{x" + bytes(99), "damaged"),
    "header deep": (struct.pack("<Q", 99_999) + b'{"a":' + b"[" * 99_994, "damaged"),
}


@pytest.mark.parametrize("fault", WHOLE)
def test_other_files_are_refused(fault: str, tmp_path: Path) -> None:
    data, named = WHOLE[fault]
    (tmp_path / "model.pt").write_bytes(data)
    with one_sentence("model.pt", named):
        read_checkpoint(tmp_path / "model.pt")


def safe(*entries: tuple[str, str, list[int], list[int]], size: int = 8) -> bytes:
    parts = [
        f"{json.dumps(name)}: " + json.dumps({"dtype": d, "shape": s, "data_offsets": o})
        for name, d, s, o in entries
    ]
    text = ("{" + ", ".join(parts) + "}").encode()
    return struct.pack("<Q", len(text)) + text + bytes(size)


SAFE: dict[str, tuple[bytes, str]] = {
    "doubled name": (
        safe(("a", "F32", [1], [0, 4]), ("a", "F32", [1], [4, 8])),
        "two entries named",
    ),
    "whole numbers": (safe(("a", "I64", [1], [0, 8])), "no known layout"),
    "complex numbers": (safe(("a", "C64", [1], [0, 8])), "C64"),
    "absurd shape": (safe(("a", "F32", [2**62, 2**62], [0, 8])), "shape"),
    "negative shape": (safe(("a", "F32", [-1, -2], [0, 8])), "damaged"),
    "a million sides": (safe(("a", "F32", [9] * 1_000_000, [0, 8])), "shape"),
    "sides of many digits": (safe(("a", "F32", [10**4000] * 8, [0, 8])), "shape"),
    "sides that are no whole numbers": (safe(("a", "F32", [1.0, True], [0, 8])), "shape"),  # type: ignore[list-item]
    "beyond the file": (safe(("a", "F32", [4], [0, 16])), "cut off"),
    "negative place": (safe(("a", "F32", [2], [-8, 0])), "cut off"),
    "text as place": (safe(("a", "F32", [2], ["0", "8"])), "damaged"),  # type: ignore[list-item]
}


@pytest.mark.parametrize("fault", SAFE)
def test_odd_safetensors_headers(fault: str, tmp_path: Path) -> None:
    data, named = SAFE[fault]
    (tmp_path / "model.safetensors").write_bytes(data)
    with one_sentence("model.safetensors", named):
        read_checkpoint(tmp_path / "model.safetensors")


def rezip(data: bytes, change: Callable[[str, bytes], bytes], method: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return made.getvalue()


def test_a_compressed_archive_is_not_inflated(tmp_path: Path) -> None:
    bomb = rezip(
        zipped(tensors()),
        lambda name, data: bytes(20_000_000) if name.endswith("/0") else data,
        zipfile.ZIP_DEFLATED,
    )
    assert len(bomb) < 200_000
    (tmp_path / "model.pt").write_bytes(bomb)
    with one_sentence("compressed"):
        read_checkpoint(tmp_path / "model.pt")


def test_a_table_that_promises_more_than_its_entry_has(tmp_path: Path) -> None:
    """Reading on beyond the entry would show other memory."""

    def more(name: str, data: bytes) -> bytes:
        return data.replace(b"K\x20", b"K\x7f") if name.endswith("data.pkl") else data

    small = zipped({"a": torch.zeros(32), "b": torch.zeros(999)})
    (tmp_path / "model.pt").write_bytes(rezip(small, more, zipfile.ZIP_STORED))
    with one_sentence("model.pt", "damaged"):
        read_checkpoint(tmp_path / "model.pt")


def test_files_too_large_are_not_read(tmp_path: Path) -> None:
    for size in (files.MAX_FILE + 1, 2 * 2**30, 100 * 2**30):
        with open(tmp_path / "model.pt", "wb") as file:
            file.truncate(size)  # sparse: takes no disk
        start = time.process_time()
        with one_sentence("model.pt", "512 MB"):
            read_checkpoint(tmp_path / "model.pt")
        assert time.process_time() - start < 1


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt")
    with one_sentence("pipe.pt"):
        read_checkpoint(tmp_path / "pipe.pt")
    with one_sentence("zero"):
        read_checkpoint("/dev/zero")
    with one_sentence("does not exist"):
        read_checkpoint(tmp_path / "gone")
    with one_sentence():
        read_checkpoint(tmp_path / ("x" * 5000))
    with one_sentence():
        read_checkpoint("zero\0byte")
