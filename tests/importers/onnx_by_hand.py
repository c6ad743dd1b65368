"""ONNX pairs made by hand, and what onnxruntime says that they compute."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper

from betavae_core.importers import read_checkpoint
from betavae_core.models import VAE

Nodes = list[tuple[str, list[str], str, dict[str, Any]]]  # operation, inputs, output, settings


def ran(file: Path, x: torch.Tensor) -> list[torch.Tensor]:
    """A graph's outputs for a batch, one image at a time, as exported ones take them."""
    runtime = onnxruntime.InferenceSession(file.read_bytes(), providers=["CPUExecutionProvider"])
    (given,) = runtime.get_inputs()
    kind = np.float16 if given.type == "tensor(float16)" else np.float32
    made = [runtime.run(None, {given.name: each[None].numpy().astype(kind)}) for each in x]
    return [torch.from_numpy(np.concatenate(parts)).float() for parts in zip(*made, strict=True)]


def same_as_the_runtime(folder: Path, tolerance: float = 1e-5) -> VAE:
    """The model that the pair is read as, after comparing it with the runtime's results."""
    model = read_checkpoint(folder).model
    source = torch.Generator().manual_seed(3)
    x = torch.rand(3, *model.shape, generator=source)
    mean, log_var = model.encode(x)
    close = {"rtol": tolerance, "atol": tolerance}
    torch.testing.assert_close([mean, log_var], ran(folder / "encoder.onnx", x), **close)
    z = torch.randn(3, model.latents, generator=source)
    torch.testing.assert_close([model.decode(z)], ran(folder / "decoder.onnx", z), **close)
    assert not torch.allclose(mean, log_var, atol=0.01)  # else the order would not show
    return model


HALF = {"strides": [2, 2], "pads": [1, 1, 1, 1]}
ENCODE: Nodes = [
    ("Conv", ["x", "conv", "bias"], "c", HALF),
    ("Relu", ["c"], "r", {}),
    ("Flatten", ["r"], "f", {}),
    ("Gemm", ["f", "mean", "two"], "m", {"transB": 1}),
    ("Gemm", ["f", "log_var"], "v", {"transB": 1}),
]
DECODE: Nodes = [
    ("Gemm", ["z", "linear"], "l", {"transB": 1}),
    ("Reshape", ["l", "sizes"], "u", {}),
    ("ConvTranspose", ["u", "upconv"], "o", HALF),
    ("Sigmoid", ["o"], "image", {}),
]
SHAPES: dict[str, tuple[int, ...]] = {"conv": (3, 1, 3, 3), "bias": (3,), "two": (2,)}
SHAPES |= {"mean": (2, 12), "log_var": (2, 12), "linear": (8, 2), "upconv": (2, 1, 4, 4)}
SHAPES |= {"wide": (12, 2), "eight": (8,), "deep": (2, 8), "all": (2, 16), "whole": (1, 2)}
NORM = ("scale", "shift", "middle", "spread")
SHAPES |= {f"{part}{channels}": (channels,) for channels in (1, 2, 3, 8) for part in NORM}


def by_hand(
    folder: Path,
    encode: Nodes = ENCODE,
    decode: Nodes = DECODE,
    kind: int = TensorProto.FLOAT,
    sizes: tuple[int, ...] = (-1, 2, 2, 2),
) -> Path:
    """A pair for images of 1×4×4 and 2 latents: convolution, two heads; linear, reshape, transposed
    convolution, sigmoid; or other operations on the same weights."""
    folder.mkdir()
    source = torch.Generator().manual_seed(0)
    weights = {name: torch.randn(shape, generator=source) for name, shape in SHAPES.items()}
    weights |= {name: w.abs() + 0.1 for name, w in weights.items() if name.startswith("spread")}
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    parts = (
        ("encoder", encode, ("x", (1, 1, 4, 4)), {"m": (1, 2), "v": (1, 2)}),
        ("decoder", decode, ("z", (1, 2)), {"image": (1, 1, 4, 4)}),
    )
    for name, nodes, given, made in parts:
        used = {value for _, inputs, _, _ in nodes for value in inputs}
        constants = [
            onnx.numpy_helper.from_array(weight.numpy().astype(dtype), key)
            for key, weight in weights.items()
            if key in used
        ]
        constants += [helper.make_tensor("sizes", TensorProto.INT64, (len(sizes),), sizes)]
        constants += [helper.make_tensor("flat", TensorProto.INT64, (2,), (-1, 24))]
        constants += [helper.make_tensor("yes", TensorProto.BOOL, (), [True])]
        values = [
            helper.make_tensor_value_info(value, kind, shape)
            for value, shape in (given, *made.items())
        ]
        graph = helper.make_graph(
            [helper.make_node(what, i, [o], **settings) for what, i, o, settings in nodes],
            name,
            values[:1],
            values[1:],
            constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 8
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
    return folder


def norm(value: str, channels: int, **settings: Any) -> tuple[str, list[str], str, dict[str, Any]]:
    constants = [f"{part}{channels}" for part in NORM]
    return ("BatchNormalization", [value, *constants], "n", {"epsilon": 1e-3} | settings)
