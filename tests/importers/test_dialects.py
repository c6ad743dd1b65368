"""Innocent files as training loops, wrappers and older versions write them: they open, or what they
are is said without an accusation."""

import io
import json
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save as save_safetensors
from torch import nn

from benchmarks.fuzz_dialects import python2
from betavae_core.errors import InputError, Refusal
from betavae_core.importers import read_checkpoint, read_guarded, unpack_upload
from betavae_core.importers.beta_vae import BURGESS
from betavae_core.importers.foreign import LEGACY_START
from betavae_core.importers.layouts import Sizes, expected
from betavae_core.importers.pythae import MLP
from betavae_core.importers.tensors import read_tensors
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


def optimiser() -> dict[str, Any]:
    layer = nn.Linear(3, 4)
    made = torch.optim.Adam(layer.parameters())
    layer(torch.ones(2, 3)).sum().backward()
    made.step()
    return made.state_dict()


W = weights()
HALVES = {
    half: {n.removeprefix(f"{half}."): t for n, t in W.items() if n.startswith(half)}
    for half in ("encoder", "decoder")
}
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


def test_an_unknown_file_is_described_by_its_own_names(tmp_path: Path) -> None:
    """Not by those of a block in it that shares some with a layout."""
    block = {"conv1.weight": (64, 64, 3, 3), "bn1.weight": (64,), "conv2.weight": (64, 64, 3, 3)}
    shapes = {"conv1.weight": (64, 3, 7, 7), "bn1.running_mean": (64,)}
    shapes |= {
        f"layer{i}.{j}.{n}": s for i in range(1, 5) for j in (0, 1) for n, s in block.items()
    }
    state = {name: torch.zeros(shape) for name, shape in shapes.items()}
    for value, start in ((state, ""), ({"state_dict": state}, "state_dict.")):
        with pytest.raises(InputError) as told:
            read_checkpoint(saved(value, tmp_path))
        says = str(told.value)
        first = f"{start}conv1.weight 64×3×7×7, {start}bn1.running_mean 64, "
        assert f"no known layout: {first}{start}layer1.0.conv1.weight 64×64×3×3" in says
        assert f"and {len(shapes) - 8} more" in says
        assert "batch normalisation" in says
        assert "no known layout shares" in says
    disc = {"disc.0.weight": torch.zeros(3, 3)}
    less = {name: tensor for name, tensor in W.items() if name != "decoder.layers.0.0.bias"}
    with one_sentence("disc.0.weight 3×3, vae.encoder", 'under "vae" shared',
                      'lacks the tensor "vae.decoder.layers.0.0.bias"'):  # fmt: skip
        read_checkpoint(saved(disc | prefixed(less, "vae."), tmp_path))


def test_a_half_alone_lacks_the_other(tmp_path: Path) -> None:
    with one_sentence("encoder_state_dict.layers", "pythae", 'lacks the tensor "decoder.'):
        read_checkpoint(saved({"encoder_state_dict": HALVES["encoder"], "lr": 0.1}, tmp_path))


def test_an_entry_that_fits_nothing_is_compared(tmp_path: Path) -> None:
    path = saved({"model": W, "other": {"a": torch.zeros(3)}}, tmp_path)
    with one_sentence("no known layout", "a 3;"):
        read_checkpoint(path, entry="other")


BESIDE_THEM: dict[str, State] = {
    "a prior": {"prior_mean": torch.zeros(10)},
    "a float of one number": {"beta": torch.ones(1)},
    "whole numbers": {"counts": torch.zeros(2, dtype=torch.int64)},
    "a discriminator": {"disc.0.weight": torch.zeros(3, 3), "disc.0.bias": torch.zeros(3)},
    "NaN": {"last_loss_of_each": torch.full((3,), torch.nan)},
}


@pytest.mark.parametrize("prefix", ["", "vae.", "model.vae."])
@pytest.mark.parametrize("kind", BESIDE_THEM)
def test_what_belongs_to_no_layer_is_left_out_and_told(
    kind: str, prefix: str, tmp_path: Path
) -> None:
    more = BESIDE_THEM[kind]
    found = read_checkpoint(saved(prefixed(W | more, prefix), tmp_path))
    plain = read_checkpoint(saved(W, tmp_path, "plain.pt"))
    for name, tensor in found.model.state_dict().items():
        assert torch.equal(tensor, plain.model.state_dict()[name])
    assert all(any(name in note for note in found.notes) for name in more)
    assert found.facts["beside"] == len(more)


@pytest.mark.parametrize(
    "name", ["encoder.layers.1.0.weight", "decoder.log_sigma", "encoder2.weight", "Decoder.3.bias"]
)
def test_what_may_be_a_layer_of_the_model_is_not_left_out(name: str, tmp_path: Path) -> None:
    for prefix in ("", "vae."):
        with one_sentence(f'has the tensor "{prefix}{name}"'):
            read_checkpoint(saved(prefixed(W | {name: torch.zeros(3)}, prefix), tmp_path))


def test_layers_without_modules_have_none_beside_them(tmp_path: Path) -> None:
    """Where everything lies side by side, a batch normalisation more is another model."""
    state = {n: torch.zeros(s) for n, s in expected(BURGESS, Sizes(1, 32, 2)).items()}
    ema = read_checkpoint(saved(state | {"bn.ema.weight": torch.zeros(3)}, tmp_path))
    assert ema.layout == "betavae-burgess"
    for name in ("bn1.weight", "line3.bias", "conve_9.weight"):
        with one_sentence(f'has the tensor "{name}"'):
            read_checkpoint(saved(state | {name: torch.zeros(3)}, tmp_path))


def test_a_whole_number_in_place_of_a_weight(tmp_path: Path) -> None:
    name = "decoder.layers.0.0.bias"
    with one_sentence(name, "int64"):
        read_checkpoint(saved(W | {name: W[name].long()}, tmp_path))


def test_batch_normalisation_has_its_nearest_layout(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv2d(3, 32, 3), nn.BatchNorm2d(32))
    state = {f"encoder.{name}": tensor for name, tensor in model.state_dict().items()}
    for path in (saved(state, tmp_path), tmp_path / "m.safetensors"):
        (tmp_path / "m.safetensors").write_bytes(save_safetensors(state))
        with pytest.raises(InputError, match="batch normalisation") as told:
            read_checkpoint(path)
        assert told.value.kind is Refusal.UNKNOWN
        assert "nearest are" in str(told.value)


STORAGE = (
    b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x02NtQ"
)


def five_pickles(table: bytes) -> bytes:
    """A file of the older format with this table, and a storage "0" of two numbers."""
    data = LEGACY_START + b"\x80\x02M\xe9\x03." + b"\x80\x02}." + table
    return data + b"\x80\x02]X\x01\x00\x00\x000a." + struct.pack("<qff", 2, 1.5, -2.0)


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


ACCUSING = ("harm", "damaged", "quantised", "cut-off", "malicious")
FOREIGN: dict[str, tuple[bytes, Refusal, str]] = {
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:a\n", Refusal.FOREIGN,
                "git lfs pull"),
    "git-annex": (b"/annex/objects/SHA256E-s1--a.pt\n", Refusal.FOREIGN, "git annex get"),
    "page": (b"\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", Refusal.FOREIGN, "HTML page"),
    "page without a doctype": (b"<HTML lang=en>", Refusal.FOREIGN, "HTML page"),
    "storage": (b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>',
                Refusal.FOREIGN, "storage server's refusal"),
    "XML": (b'<?xml version="1.0"?><opencv_storage/>', Refusal.FOREIGN, "an XML document"),
    "XHTML": (b'<?xml version="1.0"?><html xmlns="a">', Refusal.FOREIGN, "HTML page"),
    "Keras": (b"\x89HDF\r\n\x1a\n" + bytes(99), Refusal.FOREIGN, "Keras"),
    "settings": (b'{"beta": 4}', Refusal.FOREIGN, "JSON"),
    "settings as a list": (b'[{"a": 1}, 2, 3]', Refusal.FOREIGN, "JSON"),
    "text": ("β = 4, wie besprochen".encode(), Refusal.FOREIGN, "a text"),
    "packed": (b"\x1f\x8b\x08" + bytes(99), Refusal.FOREIGN, "unpack it"),
    "tar": (bytes(257) + b"ustar" + bytes(250), Refusal.FOREIGN, "tar archive"),
    "pickle": (pickle.dumps({"a": 1}, 2), Refusal.FOREIGN, "torch.save did not write"),
    "pickle of another protocol": (pickle.dumps({"a": 1}, 5), Refusal.FOREIGN, "did not write"),
    "array": (b"\x93NUMPY\x01\x00" + bytes(99), Refusal.FOREIGN, "numpy"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FOREIGN)
def test_other_files_are_called_what_they_are(kind: str, tmp_path: Path) -> None:
    data, refusal, named = FOREIGN[kind]
    (tmp_path / "model.pt").write_bytes(data)
    refused(tmp_path / "model.pt", refusal, named)


def refused(path: Path, kind: Refusal, *named: str) -> None:
    with pytest.raises(InputError) as told:
        read_checkpoint(path)
    assert told.value.kind is kind
    with one_sentence(*named):
        raise told.value
    assert not any(word in str(told.value).lower() for word in ACCUSING)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("compressed", [True, False])
def test_programs_are_called_so(compressed: bool, tmp_path: Path) -> None:
    """Also where parts of their archives are compressed."""
    layer = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    scripted = torch.jit.script(layer) if compressed else torch.jit.trace(layer, torch.zeros(1, 3))
    torch.jit.save(scripted, tmp_path / "model.pt")
    exported = io.BytesIO()
    torch.export.save(torch.export.export(layer, (torch.zeros(2, 3),)), exported)
    (tmp_path / "model.pt2").write_bytes(exported.getvalue())
    for name, kind in (("model.pt", "TorchScript"), ("model.pt2", "torch.export")):
        refused(tmp_path / name, Refusal.PROGRAM, kind, "state_dict()")
        uploaded = unpack_upload({name: (tmp_path / name).read_bytes()}, tmp_path / f"up {name}")
        refused(uploaded, Refusal.PROGRAM, kind)


def test_floats_of_8_bits(tmp_path: Path) -> None:
    small = {name: tensor.to(torch.float8_e4m3fn) for name, tensor in W.items()}
    (tmp_path / "m.safetensors").write_bytes(save_safetensors(small))
    for path in (tmp_path / "m.safetensors", saved(small, tmp_path)):
        refused(path, Refusal.TYPE, "float32")


class Settings:
    """Of somebody's own."""


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_other_protocols_of_pickle(zipped: bool, protocol: int, tmp_path: Path) -> None:
    options = {"pickle_protocol": protocol, "_use_new_zipfile_serialization": zipped}
    path = saved(W, tmp_path, **options)
    refused(path, Refusal.PROTOCOL, f"protocol {protocol}", "save it again")


BESIDE: dict[str, tuple[Any, Refusal, str]] = {
    "numpy number": ({"state_dict": W, "best_loss": np.float64(1)}, Refusal.NUMPY, '"best_loss"'),
    "numpy array": ({"log": {"kl": np.ones(3)}, "model": W}, Refusal.NUMPY, '"log.kl"'),
    "alone in a dict": ({"log": {"kl": np.float32(3)}}, Refusal.NUMPY, '"log.kl"'),
    "in a list": ({"w": 1, "losses": [1.0, np.float64(2)]}, Refusal.NUMPY, "losses"),
    "object": ({"model": W, "args": Settings()}, Refusal.OBJECT, '"args"'),
    "path": ({"where": Path("x"), "model": W}, Refusal.OBJECT, '"where"'),
}


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("kind", BESIDE)
def test_what_is_beside_the_tensors_is_named(kind: str, zipped: bool, tmp_path: Path) -> None:
    value, refusal, named = BESIDE[kind]
    path = saved(value, tmp_path, _use_new_zipfile_serialization=zipped)
    refused(path, refusal, named, "save")


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


@pytest.mark.parametrize("name", ["last.ckpt", "pytorch_model.bin", "a.pth.tar", "no suffix"])
def test_a_folder_with_one_file_of_tensors(name: str, tmp_path: Path) -> None:
    saved({"state_dict": W}, tmp_path, name)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "vae", "latent_dim": 2}))
    (tmp_path / "specs.json").write_text(json.dumps({"latent_spec": {"cont": 2}, "lr": [1e-3]}))
    (tmp_path / "log.txt").write_text("epoch 1")
    found = read_checkpoint(tmp_path)
    assert found.layout == "pythae-state"
    assert any("config.json, specs.json" in note for note in found.notes)


def test_a_folder_whose_file_is_a_pointer(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(FOREIGN["Git LFS"][0])
    (tmp_path / "config.json").write_text("{}")
    refused(tmp_path, Refusal.FOREIGN, "git lfs pull")


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


def test_a_refusal_has_its_kind_through_the_guard(tmp_path: Path) -> None:
    (tmp_path / "m.pt").write_bytes(FOREIGN["Git LFS"][0])
    with pytest.raises(InputError, match="git lfs pull") as told:
        read_guarded(tmp_path / "m.pt")
    assert told.value.kind is Refusal.FOREIGN
