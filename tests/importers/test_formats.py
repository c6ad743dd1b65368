"""Files of tensors are read by their content: of every format, wrapped or not, of our models."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save as save_safetensors

from betavae_core.importers import (
    import_checkpoint,
    keep,
    read_checkpoint,
)
from betavae_core.importers.layouts import Sizes
from betavae_core.importers.own import CONV, MLP
from betavae_core.importers.tensors import read_tensors
from betavae_core.store import (
    load_run,
)
from tests.importers.formats import FORMATS, every_format, tensors, zipped
from tests.oracles import one_sentence


@every_format
@pytest.mark.parametrize("suffix", [".pt", ".safetensors", ".txt", ""])
def test_the_content_decides_and_not_the_name(kind: str, suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"Modell β 模型{suffix}"
    file.write_bytes(FORMATS[kind](tensors()))
    found = read_tensors(file)
    assert found.facts["format"] == kind
    assert found.facts["parameters"] == sum(t.numel() for t in tensors().values())
    for name, tensor in tensors().items():
        assert torch.equal(found.tensors[name], tensor)


@every_format
@pytest.mark.parametrize("model", ["conv", "mlp"])
@pytest.mark.parametrize("sizes", [Sizes(1, 64, 10), Sizes(3, 32, 3)], ids=str)
def test_our_state_dicts(kind: str, model: str, sizes: Sizes, tmp_path: Path) -> None:
    """Image size, channels and latents follow from the shapes; β is not stated."""
    state = tensors({"conv": CONV, "mlp": MLP}[model], sizes)
    (tmp_path / "model.bin").write_bytes(FORMATS[kind](state))
    found = read_checkpoint(tmp_path / "model.bin")
    assert found.layout == found.config.model == model
    assert (found.config.shape, found.config.latents) == (sizes.shape, sizes.latents)
    assert found.config.beta is None
    assert not found.model.training
    for name, tensor in found.model.state_dict().items():
        assert torch.equal(tensor, state[name])
        assert not tensor.requires_grad
    json.dumps(found.facts)


def test_more_latents_than_a_lab_needs(tmp_path: Path) -> None:
    """A whole file of a known layout, whose checkup would decode thousands of images at once."""
    state = {k: t.to(torch.float16) for k, t in tensors(MLP, Sizes(1, 64, 1001)).items()}
    (tmp_path / "model.safetensors").write_bytes(save_safetensors(state))
    with one_sentence("model.safetensors", "1,001 latents"):
        read_checkpoint(tmp_path / "model.safetensors")


def test_wrappers_and_prefixes_are_noted(tmp_path: Path) -> None:
    state = {f"module.{name}": tensor.double() for name, tensor in tensors().items()}
    file = tmp_path / "model.pt"
    file.write_bytes(zipped({"state_dict": state, "epoch": 7, "seed": 2**40}))
    found = read_checkpoint(file)
    assert found.facts["epoch"] == 7
    text = " ".join(found.notes)
    for part in ('"state_dict"', '"module."', "float64"):
        assert part in text
    with one_sentence('"module.encoder.β"'):
        file.write_bytes(zipped(state | {"module.encoder.β": torch.zeros(1)}))
        read_checkpoint(file)


def test_half_precision_is_read(tmp_path: Path) -> None:
    for dtype in (torch.float16, torch.bfloat16):
        (tmp_path / "model.pt").write_bytes(zipped({k: v.to(dtype) for k, v in tensors().items()}))
        found = read_checkpoint(tmp_path / "model.pt")
        assert found.facts["dtype"] == str(dtype).removeprefix("torch.")
        assert next(found.model.parameters()).dtype == torch.float32


def test_unknown_tensors_are_listed_with_the_nearest_layouts(tmp_path: Path) -> None:
    state = tensors(CONV, Sizes(1, 64, 10))
    del state["decoder.9.bias"]
    (tmp_path / "model.pt").write_bytes(zipped(state))
    with one_sentence("our conv model", '"decoder.9.bias"', "encoder.0.weight 32×1×4×4", "more"):
        read_checkpoint(tmp_path / "model.pt")
    wrong = tensors(CONV, Sizes(1, 64, 10)) | {"decoder.2.bias": torch.zeros(255)}
    (tmp_path / "model.pt").write_bytes(zipped(wrong))
    with one_sentence('"decoder.2.bias"', "(255,)", "(256,)"):
        read_checkpoint(tmp_path / "model.pt")
    (tmp_path / "model.pt").write_bytes(zipped({"x\ny" * 200: torch.zeros(1)}))
    with one_sentence("no known layout"):
        read_checkpoint(tmp_path / "model.pt")


def test_a_file_is_kept_under_its_own_or_another_name(tmp_path: Path) -> None:
    (tmp_path / "mine.pt").write_bytes(zipped(tensors()))
    run = load_run(import_checkpoint(tmp_path / "mine.pt", tmp_path / "runs"))
    assert (run.name, run.status, run.images_seen) == ("mine", "imported", None)
    assert run.config.baseline == ""
    found = read_checkpoint(tmp_path / "mine.pt", name="a name for people")
    assert found.config.origin.endswith("a name for people")
    for name in ("../out", "", ".hidden", "a/b"):
        with one_sentence():
            keep(found, tmp_path / "runs", name)
