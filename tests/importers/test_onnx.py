"""ONNX pairs exported by PyTorch, which the importer reads as models of layers."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from torch import nn

from betavae_core.errors import InputError
from betavae_core.importers import keep, read_checkpoint
from betavae_core.models.conv import conv_vae
from betavae_core.models.layers import layers_vae
from betavae_core.models.mlp import mlp_vae
from betavae_core.models.vae import VAE
from betavae_core.store import load_run
from tests.importers.onnx_by_hand import same_as_the_runtime
from tests.oracles import one_sentence


class Heads(nn.Module):
    """An encoder whose mean and log-variance are two layers."""

    def __init__(self, encoder: nn.Sequential) -> None:
        super().__init__()
        self.body, whole = encoder[:-1], encoder[-1]
        assert isinstance(whole, nn.Linear)
        half = whole.out_features // 2
        self.mean, self.log_var = (nn.Linear(whole.in_features, half) for _ in range(2))
        for head, part in ((self.mean, slice(half)), (self.log_var, slice(half, None))):
            head.weight.data, head.bias.data = whole.weight.data[part], whole.bias.data[part]

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        h = self.body(x)
        return self.mean(h), self.log_var(h)


class Halves(nn.Module):
    """An encoder whose last layer is split."""

    def __init__(self, encoder: nn.Sequential) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return self.encoder(x).chunk(2, dim=1)


def export(model: VAE, folder: Path, heads: Any = Heads, sigmoid: bool = True) -> Path:
    folder.mkdir()
    decoder = nn.Sequential(*model.decoder, *([nn.Sigmoid()] if sigmoid else []))
    pairs = (
        ("encoder", heads(model.encoder), torch.zeros(1, *model.shape)),
        ("decoder", decoder, torch.zeros(1, model.latents)),
    )
    for name, part, example in pairs:
        program = torch.onnx.export(part.eval(), (example,), dynamo=True, verbose=False)
        assert program is not None
        (folder / f"{name}.onnx").write_bytes(program.model_proto.SerializeToString())
    return folder


SMALL = "conv 4 3 1 1, tanh, flatten, linear 6 -> linear 16, relu, unflatten 4 2 2, upconv 3 4 2 1"


@pytest.mark.parametrize("heads", [Heads, Halves])
@pytest.mark.parametrize(
    "model",
    [conv_vae((3, 32, 32), 4), mlp_vae((1, 8, 8), 3), layers_vae((3, 4, 4), 3, SMALL)],
    ids=["conv", "mlp", "layers"],
)
def test_an_exported_pair(model: VAE, heads: Any, tmp_path: Path) -> None:
    found = read_checkpoint(export(model, tmp_path / "theirs", heads))
    assert found.layout == "onnx"
    same_as_the_runtime(tmp_path / "theirs")
    assert found.config.beta is None
    assert found.config.shape == model.shape
    x = torch.rand(2, *model.shape)
    mean, log_var = found.model.encode(x)
    torch.testing.assert_close((mean, log_var), model.encode(x), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(found.model.decode(mean), model.decode(mean), rtol=1e-5, atol=1e-5)
    run = load_run(keep(found, tmp_path, "kept"))
    torch.testing.assert_close(run.vae.decode(mean), found.model.decode(mean))


@pytest.mark.slow
def test_pairs_that_are_not_read(tmp_path: Path) -> None:
    model = layers_vae((3, 4, 4), 3, SMALL)
    logits = read_checkpoint(export(model, tmp_path / "logits", sigmoid=False))
    assert any("logits" in note for note in logits.notes)
    with one_sentence("two outputs"):
        read_checkpoint(export(model, tmp_path / "one", heads=lambda encoder: encoder))
    model.decoder[1] = nn.ELU()
    with one_sentence("decoder.onnx", "Elu"):
        read_checkpoint(export(model, tmp_path / "elu"))
    (tmp_path / "elu" / "decoder.onnx").unlink()
    with one_sentence("decoder.onnx"):
        read_checkpoint(tmp_path / "elu")
    with one_sentence("half of a model", "encoder.onnx and decoder.onnx"):
        read_checkpoint(tmp_path / "elu" / "encoder.onnx")


def _strides(graph: Any) -> None:
    node = next(node for node in graph.node if node.op_type == "Conv")
    kept = [attribute for attribute in node.attribute if attribute.name != "strides"]
    del node.attribute[:]
    node.attribute.extend([*kept, onnx.helper.make_attribute("strides", 1)])


def _pads(graph: Any) -> None:
    node = next(node for node in graph.node if node.op_type == "Conv")
    next(a for a in node.attribute if a.name == "pads").ints.extend([1, 1])


def _narrow_head(graph: Any) -> None:
    """The second of two heads with the weights of other inputs."""
    head = [node for node in graph.node if node.op_type == "Gemm"][-1]
    weights = next(value for value in graph.initializer if value.name == head.input[1])
    narrow = onnx.helper.make_tensor(weights.name, onnx.TensorProto.FLOAT, (3, 1), [0.0] * 3)
    weights.CopyFrom(narrow)


def _short_bias(graph: Any) -> None:
    head = [node for node in graph.node if node.op_type == "Gemm"][-1]
    bias = next(value for value in graph.initializer if value.name == head.input[2])
    bias.CopyFrom(onnx.helper.make_tensor(bias.name, onnx.TensorProto.FLOAT, (1,), [0.0]))


def _no_output(graph: Any) -> None:
    del graph.node[0].output[:]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_strides, "strides with an impossible type"),
        (_pads, "pads of 6 numbers, expected 4"),
        (_narrow_head, "outputs differ in size"),
        (_short_bias, "bias has another size"),
        (_no_output, "has no output"),
    ],
)
def test_graphs_that_only_damage_makes(damage: Any, words: str, tmp_path: Path) -> None:
    """Each was a traceback once, found by benchmarks/fuzz_importers.py."""
    folder = export(layers_vae((3, 4, 4), 3, SMALL), tmp_path / "theirs")
    model = onnx.load_model_from_string((folder / "encoder.onnx").read_bytes())
    damage(model.graph)
    (folder / "encoder.onnx").write_bytes(model.SerializeToString())
    with one_sentence("encoder.onnx", words):
        read_checkpoint(folder)


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    """protobuf hands out invalid UTF-8 as bytes."""
    model = layers_vae((3, 4, 4), 3, SMALL)
    model.decoder[1] = nn.ELU()
    folder = export(model, tmp_path / "elu")
    data = (folder / "decoder.onnx").read_bytes()
    (folder / "decoder.onnx").write_bytes(data.replace(b"Elu", b"El\xff"))
    with one_sentence("decoder.onnx", "operation El\N{REPLACEMENT CHARACTER}"):
        read_checkpoint(folder)


def test_damaged_files_and_weights_elsewhere(tmp_path: Path) -> None:
    folder = export(layers_vae((3, 4, 4), 3, SMALL), tmp_path / "theirs")
    file = folder / "decoder.onnx"
    data = file.read_bytes()
    for percent in range(100):
        file.write_bytes(data[: len(data) * percent // 100])
        with one_sentence("decoder.onnx"):
            read_checkpoint(folder)
    for place in range(0, len(data), max(1, len(data) // 150)):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        file.write_bytes(changed)
        with suppress(InputError):  # some damage is harmless
            read_checkpoint(folder)
    proto = onnx.load_model_from_string(data)
    proto.graph.initializer[0].data_location = onnx.TensorProto.EXTERNAL
    file.write_bytes(proto.SerializeToString())
    with one_sentence("another file"):
        read_checkpoint(folder)
