"""Entries of innocent files: weights are found wherever they are, and of several one is named."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from betavae_core.errors import InputError, Refusal
from betavae_core.importers import read_checkpoint, read_guarded
from tests.importers.dialects import HALVES, W, prefixed, saved, weights
from tests.oracles import one_sentence


def optimiser() -> dict[str, Any]:
    layer = nn.Linear(3, 4)
    made = torch.optim.Adam(layer.parameters())
    layer(torch.ones(2, 3)).sum().backward()
    made.step()
    return made.state_dict()


WRAPPED: dict[str, Any] = {
    "model, optimiser, epoch": {"model": W, "optimizer": optimiser(), "epoch": 50},
    "deep": {"iter": 1, "model_states": {"net": W}, "optim_states": {"optim": optimiser()}},
    "any name": {"what I call it": W, "args": {"beta": 4.0}},
    "dots in a key": {"a.b": W, "note": "x"},
    "prefix": prefixed(W, "vae."),
    "three prefixes in an entry": {"state_dict": prefixed(W, "_forward_module.module.net.")},
    "encoder and decoder apart": HALVES | {"epoch": 1},
    "halves of other names": {f"{half}_state_dict": HALVES[half] for half in HALVES},
    "halves in an entry": {"nets": {f"vae_{half[:3]}": HALVES[half] for half in HALVES}},
    "entries without names": {"": {"": W}, "epoch": 3},
    "beside a discriminator": prefixed(W, "vae.") | {"disc.0.weight": torch.zeros(3, 3)},
    "of an averaged model": prefixed(W, "module.") | {"n_averaged": torch.tensor(7)},
    "counters": W | {"step": torch.tensor(9), "num_updates": torch.zeros(1, dtype=torch.int)},
    "a float counter": {"ema": W | {"decay": torch.tensor(0.99)}},
    "the same twice": {"model": W, "best": {n: t.clone() for n, t in W.items()}},
    "a compiled half": {n.replace("encoder.", "encoder._orig_mod."): t for n, t in W.items()},
    "values beside the tensors": W | {"lr": 0.1},
}


@pytest.mark.parametrize("kind", WRAPPED)
def test_the_weights_are_found_wherever_they_are(kind: str, tmp_path: Path) -> None:
    found = read_checkpoint(saved(WRAPPED[kind], tmp_path))
    assert found.layout == "pythae-state"
    again = read_checkpoint(saved(W, tmp_path, "plain.pt"))
    for name, tensor in found.model.state_dict().items():
        assert torch.equal(tensor, again.model.state_dict()[name])
    assert len(found.notes) > len(again.notes), "what was left out is noted"


def test_an_entry_without_a_name(tmp_path: Path) -> None:
    assert read_checkpoint(saved({"": W}, tmp_path)).layout == "pythae-state"


def test_of_several_weights_one_is_named(tmp_path: Path) -> None:
    path = saved({"model": W, "ema": prefixed(weights(1), "module."), "epoch": 3}, tmp_path)
    for read in (read_checkpoint, read_guarded):
        with pytest.raises(InputError) as told:
            read(path)
        assert told.value.kind is Refusal.AMBIGUOUS
        assert told.value.facts["entries"] == ["model", "ema.module"]
        with one_sentence('"model", "ema.module"', "--entry"):
            raise told.value
    for entry, seed in (("model", 0), ("ema", 1), ("ema.module", 1)):
        mean = read_checkpoint(path, entry=entry).model.state_dict()["decoder.0.weight"]
        assert torch.equal(mean, weights(seed)["decoder.layers.0.0.weight"])
    with one_sentence('no entry "other"', '"model"'):
        read_checkpoint(path, entry="other")


NESTED: dict[str, tuple[Any, list[str]]] = {
    "a file with its average": ({**W, "ema": weights(1)}, [".", "ema"]),
    "Lightning": ({"state_dict": prefixed(W, "model.") | prefixed(weights(1), "model.ema.")},
                  ["state_dict.model", "state_dict.model.ema"]),
    "in one name": (prefixed(W, "net.") | prefixed(weights(1), "net.ema.module."),
                    ["net", "net.ema.module"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", NESTED)
def test_weights_with_others_in_them(kind: str, tmp_path: Path) -> None:
    """Neither is taken in silence, and each can be chosen."""
    value, entries = NESTED[kind]
    path = saved(value, tmp_path)
    with pytest.raises(InputError, match="--entry") as told:
        read_checkpoint(path)
    assert told.value.kind is Refusal.AMBIGUOUS
    assert told.value.facts["entries"] == entries
    assert ("the file itself" in str(told.value)) == (entries[0] == ".")
    for entry, seed in zip(entries, (0, 1), strict=True):
        mean = read_checkpoint(path, entry=entry).model.state_dict()["decoder.0.weight"]
        assert torch.equal(mean, weights(seed)["decoder.layers.0.0.weight"])
    same = {**W, "ema": {name: tensor.clone() for name, tensor in W.items()}}
    assert read_checkpoint(saved(same, tmp_path)).layout == "pythae-state"


def test_an_entry_of_a_file_without_entries(tmp_path: Path) -> None:
    path = saved(W, tmp_path)
    assert read_checkpoint(path, entry=".").layout == "pythae-state"
    with pytest.raises(InputError, match="the file itself") as told:
        read_checkpoint(path, entry="model")
    assert told.value.kind is Refusal.NO_ENTRY


def test_a_half_alone_lacks_the_other(tmp_path: Path) -> None:
    with one_sentence("encoder_state_dict.layers", "pythae", 'lacks the tensor "decoder.'):
        read_checkpoint(saved({"encoder_state_dict": HALVES["encoder"], "lr": 0.1}, tmp_path))


def test_an_entry_that_fits_nothing_is_compared(tmp_path: Path) -> None:
    path = saved({"model": W, "other": {"a": torch.zeros(3)}}, tmp_path)
    with one_sentence("no known layout", "a 3;"):
        read_checkpoint(path, entry="other")


def test_names_that_no_layout_has(tmp_path: Path) -> None:
    """A long key before many names would be long many times over."""
    path = saved({"x" * 5_000: W}, tmp_path)
    with one_sentence("5,0", "characters"):
        read_checkpoint(path)
    many = {f"{'a.' * 400}{i}": torch.zeros(1) for i in range(1_500)}
    with one_sentence("no known layout"):
        read_checkpoint(saved(many, tmp_path))
    with one_sentence("two entries", '"a.b"'):
        read_checkpoint(saved({"a": {"b": torch.zeros(1)}, "a.b": torch.zeros(1)}, tmp_path))
