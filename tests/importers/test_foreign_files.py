"""Innocent files of other kinds: what they are is said without an accusation."""

import io
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save as save_safetensors
from torch import nn

from betavae_core.errors import InputError, Refusal
from betavae_core.importers import read_checkpoint, read_guarded, unpack_upload
from tests.importers.dialects import (
    W,
    refused,
    saved,
)

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


def test_a_refusal_has_its_kind_through_the_guard(tmp_path: Path) -> None:
    (tmp_path / "m.pt").write_bytes(FOREIGN["Git LFS"][0])
    with pytest.raises(InputError, match="git lfs pull") as told:
        read_guarded(tmp_path / "m.pt")
    assert told.value.kind is Refusal.FOREIGN
