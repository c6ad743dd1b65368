"""A small model's weights, saved as other programs save them, and refusals that accuse nobody."""

import struct
from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core.errors import InputError, Refusal
from betavae_core.importers import read_checkpoint
from betavae_core.importers.foreign import LEGACY_START
from betavae_core.importers.layouts import Sizes, expected
from betavae_core.importers.pythae import MLP
from tests.oracles import one_sentence

State = dict[str, torch.Tensor]


def weights(seed: int = 0) -> State:
    source = torch.Generator().manual_seed(seed)
    shapes = expected(MLP, Sizes(1, 4, 2))
    return {name: 0.1 * torch.randn(shape, generator=source) for name, shape in shapes.items()}


def saved(value: Any, place: Path, name: str = "model.pt", **options: Any) -> Path:
    torch.save(value, place / name, **options)
    return place / name


def prefixed(state: State, prefix: str) -> State:
    return {prefix + name: tensor for name, tensor in state.items()}


W = weights()
HALVES = {
    half: {n.removeprefix(f"{half}."): t for n, t in W.items() if n.startswith(half)}
    for half in ("encoder", "decoder")
}
STORAGE = (
    b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x02NtQ"
)


def five_pickles(table: bytes) -> bytes:
    """A file of the older format with this table, and a storage "0" of two numbers."""
    data = LEGACY_START + b"\x80\x02M\xe9\x03." + b"\x80\x02}." + table
    return data + b"\x80\x02]X\x01\x00\x00\x000a." + struct.pack("<qff", 2, 1.5, -2.0)


ACCUSING = ("harm", "damaged", "quantised", "cut-off", "malicious")


def refused(path: Path, kind: Refusal, *named: str) -> None:
    with pytest.raises(InputError) as told:
        read_checkpoint(path)
    assert told.value.kind is kind
    with one_sentence(*named):
        raise told.value
    assert not any(word in str(told.value).lower() for word in ACCUSING)
