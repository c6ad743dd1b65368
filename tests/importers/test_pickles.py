"""Pickles as older versions and other protocols write them."""

import io
from pathlib import Path

import pytest
import torch

from benchmarks.fuzz_dialects import python2
from betavae_core.errors import Refusal
from betavae_core.importers import read_checkpoint
from betavae_core.importers.tensors import read_tensors
from tests.importers.dialects import (
    STORAGE,
    W,
    five_pickles,
    refused,
    saved,
)
from tests.oracles import one_sentence


def test_state_dicts_of_pytorch_0_4(tmp_path: Path) -> None:
    """Tensors without hooks: None where later versions have an empty dictionary."""
    table = b"\x80\x02}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n("
    table += STORAGE + b"K\x00K\x02\x85K\x01\x85\x89NtRs."
    (tmp_path / "model.pt").write_bytes(five_pickles(table))
    assert read_tensors(tmp_path / "model.pt").tensors["w"].tolist() == [1.5, -2.0]


def test_state_dicts_of_python_2(tmp_path: Path) -> None:
    data = python2(W)
    assert b"U\x07storage" in data
    assert all(
        torch.equal(tensor, W[name])
        for name, tensor in torch.load(io.BytesIO(data), weights_only=True).items()
    )
    (tmp_path / "model.pt").write_bytes(data)
    found = read_tensors(tmp_path / "model.pt").tensors
    assert list(found) == list(W)
    assert all(torch.equal(found[name], W[name]) for name in W)
    assert read_checkpoint(tmp_path / "model.pt").layout == "pythae-state"


def test_state_dicts_before_pytorch_0_4(tmp_path: Path) -> None:
    """``_rebuild_tensor``: without hooks and without whether it wants a gradient."""
    table = b"\x80\x02}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor\n("
    table += STORAGE + b"K\x00K\x02\x85K\x01\x85tRs."
    (tmp_path / "model.pt").write_bytes(five_pickles(table))
    assert read_tensors(tmp_path / "model.pt").tensors["w"].tolist() == [1.5, -2.0]


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_other_protocols_of_pickle(zipped: bool, protocol: int, tmp_path: Path) -> None:
    options = {"pickle_protocol": protocol, "_use_new_zipfile_serialization": zipped}
    path = saved(W, tmp_path, **options)
    refused(path, Refusal.PROTOCOL, f"protocol {protocol}", "save it again")


@pytest.mark.parametrize("pairs", [b"]]K\x01aa", b"(K\x01K\x02t", b"K\x01", b"]N\x85a"])
def test_odd_calls_of_an_ordered_dictionary(pairs: bytes, tmp_path: Path) -> None:
    table = b"\x80\x02ccollections\nOrderedDict\n" + pairs + b"\x85R."
    (tmp_path / "m.pt").write_bytes(five_pickles(table))
    refused(tmp_path / "m.pt", Refusal.OBJECT, "REDUCE")


def test_a_doubled_name_in_pairs(tmp_path: Path) -> None:
    pair = b"](U\x01aK\x01e"
    table = b"\x80\x02ccollections\nOrderedDict\n](" + 2 * pair + b"e\x85R."
    (tmp_path / "m.pt").write_bytes(five_pickles(table))
    with one_sentence('two entries named "a"'):
        read_checkpoint(tmp_path / "m.pt")
