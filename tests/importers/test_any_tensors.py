"""What holds for any tensors in a file: both formats are read alike, and damage is an error that
says so, or goes unnoticed, but nothing else."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some

from betavae_core.errors import InputError
from betavae_core.importers.tensors import read_tensors
from tests.importers.formats import FORMATS

State = dict[str, torch.Tensor]


words = some.text("abcdefgh0123456789_", min_size=1, max_size=8)
names = some.lists(words, min_size=1, max_size=3).map(".".join)
shapes = some.lists(some.integers(1, 4), max_size=4)
types = some.sampled_from([torch.float16, torch.bfloat16, torch.float32, torch.float64])


@some.composite
def states(draw: Any) -> State:
    seed = torch.Generator().manual_seed(draw(some.integers(0, 2**31)))
    return {
        name: torch.randn(draw(shapes), generator=seed).to(draw(types))
        for name in draw(some.lists(names, min_size=1, max_size=4, unique=True))
    }


def read(data: bytes) -> State:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "weights"
        path.write_bytes(data)
        return read_tensors(path).tensors


@settings(max_examples=40, deadline=None)
@given(states())
def test_every_format_gives_the_same_tensors(state: State) -> None:
    for save in FORMATS.values():
        found = read(save(state))
        assert found.keys() == state.keys()
        for name, tensor in state.items():
            assert found[name].dtype == torch.float32
            assert torch.equal(found[name], tensor.float())


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=60, deadline=None)
@given(states(), some.data())
def test_damage_gives_an_error_or_tensors(form: str, state: State, data: Any) -> None:
    content = bytearray(FORMATS[form](state))
    for _ in range(data.draw(some.integers(0, 3))):
        place = data.draw(some.integers(0, len(content) - 1))
        content[place] ^= data.draw(some.integers(1, 255))
    content = content[: data.draw(some.integers(0, len(content)) | some.just(len(content)))]
    with suppress(InputError):
        found = read(bytes(content))
        assert all(tensor.isfinite().all() for tensor in found.values())
