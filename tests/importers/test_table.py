"""Tables of PyTorch files that are bombs, or differ from those of plain tensors in one thing."""

import collections
import io
import pickle
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from betavae_core.importers import read_checkpoint
from betavae_core.importers.entries import read_weights
from betavae_core.importers.foreign import LEGACY_START
from betavae_core.importers.tensors import read_tensors
from tests.oracles import one_sentence

TOOLONG = 30  # seconds of processor time; a bomb that went off would take 2^60 steps
SAVE = "torch._utils\n_rebuild_tensor_v2\n"


def archive(table: bytes, name: str = "a/data.pkl") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr(name, table)
        file.writestr("a/version", "3\n")
        file.writestr("a/data/0", bytes(16))
    return made.getvalue()


def nested(depth: int) -> bytes:
    """A tuple of two references to a tuple of two references to …: 5 bytes a level."""
    levels = (b"q" + bytes([i]) + b"h" + bytes([i]) + b"\x86" for i in range(depth))
    return b"K\x01\x85" + b"".join(levels)


def lists(depth: int) -> bytes:
    """The same with lists that are filled after they were put in, the innermost last."""
    made = b"".join(b"]q" + bytes([i]) for i in range(depth))
    filled = (b"h" + bytes([i]) + 2 * (b"h" + bytes([i + 1]) + b"a") for i in range(depth - 1))
    return b"(" + made + b"".join(filled) + b"t"


def tensor(size: bytes = b"K\x04\x85", stride: bytes = b"K\x01\x85", numbers: int = 4) -> bytes:
    storage = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000"
    storage += b"X\x03\x00\x00\x00cpuK" + bytes([numbers]) + b"tQ"
    hooks = b"ccollections\nOrderedDict\n)R"
    return (
        b"c" + SAVE.encode() + b"(" + storage + b"K\x00" + size + stride + b"\x89" + hooks + b"tR"
    )


KEY = b"X\x01\x00\x00\x00w"
TABLES: dict[str, tuple[bytes, str]] = {
    "tuple as a key": (b"}" + nested(60) + b"K\x01s", "key"),
    "flat tuple as a key": (b"}K\x01\x85K\x01s", "key"),
    "tensor as a key": (b"}" + tensor() + b"K\x01s", "key"),
    "nested tuples": (b"}" + KEY + nested(60) + b"s", "nested"),
    "nested lists": (b"}" + KEY + lists(60) + b"s", "nested"),
    "list in itself": (b"}" + KEY + b"]q\x01h\x01as", "nested"),
    "dict in itself": (b"}q\x01" + KEY + b"h\x01s", "nested"),
    "bomb that is thrown away": (nested(60) + b"0}", "POP"),
    "bomb left on the stack": (nested(60) + b"}", "damaged"),
    "bomb as an argument": (b"ccollections\nOrderedDict\n" + nested(60) + b"R", "REDUCE"),
    "bomb as a storage": (nested(60) + b"Q", "BINPERSID"),
    "bomb as a shape": (b"}" + KEY + tensor(nested(60)) + b"s", "REDUCE"),
    "set": (b"\x8f", "EMPTY_SET"),
    "attribute": (b"ccollections\nOrderedDict\n)R}X\x03\x00\x00\x00getK\x01sb", "BUILD"),
    "attributes of a tensor": (tensor() + b"}b", "BUILD"),
    "doubled name": (b"}(" + KEY + tensor() + KEY + tensor() + b"u", 'two entries named "w"'),
    "doubled later": (b"}" + KEY + tensor() + b"s" + KEY + tensor() + b"s", "two entries"),
    "doubled number": (b"}(K\x01K\x01J\x01\x00\x00\x00K\x01u", "two entries"),
    "more than stored": (b"}" + KEY + tensor(b"K\x05\x85") + b"s", "fewer"),
    "far apart": (b"}" + KEY + tensor(stride=b"K\x02\x85") + b"s", "fewer"),
    "negative": (b"}" + KEY + tensor(b"J\xff\xff\xff\xff\x85") + b"s", "fewer"),
    "more strides than sizes": (b"}" + KEY + tensor(stride=b"K\x01K\x01\x86") + b"s", "damaged"),
    "a hundred thousand sides": (
        b"}"
        + KEY
        + tensor(b"(" + b"K\x01" * 100_000 + b"t", b"(" + b"K\x01" * 100_000 + b"t")
        + b"s",
        "REDUCE",
    ),
    "large number": (b"}" + KEY + b"\x8a\xff" + b"\x7f" * 255 + b"s", "64 bits"),
    "odd items": (b"}(" + KEY + b"u", "SETITEM"),
    "one storage of two sizes": (
        b"}(" + KEY + tensor() + b"X\x01\x00\x00\x00v" + tensor(numbers=3) + b"u",
        "damaged",
    ),
    "instructions without end": (b"}" + b"N" * 400_000, "too large"),
}


@pytest.mark.parametrize("fault", TABLES)
def test_tables_that_are_not_followed(fault: str, tmp_path: Path) -> None:
    table, named = TABLES[fault]
    (tmp_path / "model.pt").write_bytes(archive(b"\x80\x02" + table + b"."))
    begin = time.process_time()
    with one_sentence("model.pt", named):
        read_checkpoint(tmp_path / "model.pt")
    assert time.process_time() - begin < TOOLONG


def test_a_text_longer_than_any_table(tmp_path: Path) -> None:
    """Of 40 million characters, each of four bytes in memory for the sake of one of them."""
    text = "😀".encode() + b"x" * 40_000_000
    table = b"X" + struct.pack("<I", len(text)) + text
    pickles = (b"M\xe9\x03", b"}", table, b"]")
    data = LEGACY_START + b"".join(b"\x80\x02" + each + b"." for each in pickles)
    (tmp_path / "model.pt").write_bytes(data)
    tracemalloc.start()
    with one_sentence("model.pt"):
        read_checkpoint(tmp_path / "model.pt")
    assert tracemalloc.get_traced_memory()[1] < 100_000_000  # the file itself, and little more
    tracemalloc.stop()


def test_the_table_of_these_tests_is_one_that_opens(tmp_path: Path) -> None:
    table = b"\x80\x02}" + KEY + tensor() + b"s."
    (tmp_path / "model.pt").write_bytes(archive(table))
    assert torch.equal(read_tensors(tmp_path / "model.pt").tensors["w"], torch.zeros(4))


OLDER: dict[str, list[bytes]] = {
    "version": [nested(60), b"}", b"}", b"]"],
    "version as text": [KEY, b"}", b"}", b"]"],
    "another version": [b"M\xe8\x03", b"}", b"}", b"]"],
    "machine": [b"M\xe9\x03", nested(60), b"}", b"]"],
    "table": [b"M\xe9\x03", b"}", nested(60), b"]"],
    "keys": [b"M\xe9\x03", b"}", b"}", nested(60)],
    "a key": [b"M\xe9\x03", b"}", b"}", b"]" + nested(60) + b"a"],
    "a key that is not there": [b"M\xe9\x03", b"}", b"}", b"]" + KEY + b"a"],
}


@pytest.mark.parametrize("fault", OLDER)
def test_the_five_pickles_of_the_older_format(fault: str, tmp_path: Path) -> None:
    pickles = b"".join(b"\x80\x02" + each + b"." for each in OLDER[fault])
    (tmp_path / "model.pt").write_bytes(LEGACY_START + pickles)
    begin = time.process_time()
    with one_sentence("model.pt"):
        read_checkpoint(tmp_path / "model.pt")
    assert time.process_time() - begin < TOOLONG


@pytest.mark.parametrize("name", ["b/data.pkl", "a/DATA.pkl", "a/b/data.pkl", "a/data.pkl\0x"])
def test_the_table_that_is_checked_is_the_one_that_is_read(name: str, tmp_path: Path) -> None:
    """PyTorch takes the first entry's folder, and capital letters for small ones."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("a/version", "3\n")
        file.writestr("a/Data.pkl", b"\x80\x02" + nested(60) + b".")
        file.writestr(name.replace("\0", "_"), b"\x80\x02}" + KEY + tensor() + b"s.")
    data = made.getvalue().replace(b"pkl_x", b"pkl\0x")
    (tmp_path / "model.pt").write_bytes(data)
    with one_sentence("model.pt"):
        read_checkpoint(tmp_path / "model.pt")


def _loop(state: dict[str, torch.Tensor]) -> dict[str, Any]:
    """What a training loop saves beside the weights: an optimiser with its moments, settings."""
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    optimizer = torch.optim.Adam(
        [{"params": model[0].parameters()}, {"params": model[2].parameters(), "lr": 1e-4}]
    )
    model(torch.ones(2, 3)).sum().backward()
    optimizer.step()
    shared = (0.9, 0.999)
    settings = {"betas": [shared, shared], "hidden": [32, 32], "name": "β", "resume": None}
    return {"state_dict": state, "optimizer": optimizer.state_dict(), "settings": settings} | {
        "epoch": 3
    }


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: collections.OrderedDict(state),
        lambda state: {n: nn.Parameter(v, v.is_floating_point()) for n, v in state.items()},
        _loop,
    ],
    ids=["dict", "ordered", "parameters", "training loop"],
)
def test_what_people_save_opens(
    wrap: Callable[[dict[str, torch.Tensor]], Any], zipped: bool, tmp_path: Path
) -> None:
    whole = torch.randn(6, 4)
    state = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)).state_dict()
    state |= {"a.t": whole.T, "a.part": whole[2:4], "a.tied": whole, "a.one": torch.tensor(3.0)}
    torch.save(wrap(state), tmp_path / "model.pt", _use_new_zipfile_serialization=zipped)
    found = read_weights(tmp_path / "model.pt", "model.pt", {}).tensors
    assert set(found) == set(state)
    for name, value in state.items():
        assert torch.equal(found[name], value)


def test_stand_ins_follow_pickles_as_pickle_does(tmp_path: Path) -> None:
    """Everything that the table of a whole state dict builds has the same parts."""
    values = {"a": [1, 2.5, None, True, "x", (), (1, (2, 3)), {"b": [], 7: {}}], "c": -(2**40)}
    (tmp_path / "model.pt").write_bytes(archive(pickle.dumps(values, protocol=2)))
    with one_sentence("named tensors"):  # followed to the end, and judged by what it holds
        read_checkpoint(tmp_path / "model.pt")
