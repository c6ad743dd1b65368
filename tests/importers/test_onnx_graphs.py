"""ONNX pairs made by hand: what they compute is what onnxruntime says, or they are refused."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper

from betavae_core.importers import read_checkpoint
from betavae_core.importers.onnx_graph import count_fields
from betavae_core.models import VAE
from tests.oracles import one_sentence

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


READ: dict[str, tuple[Nodes, Nodes]] = {
    "as it is": (ENCODE, DECODE),
    "heads as products": (
        [
            *ENCODE[:3],
            ("MatMul", ["f", "wide"], "p", {}),
            ("Gemm", ["f", "log_var"], "v", {"transB": 1}),
            ("Add", ["two", "p"], "m", {}),
        ],
        DECODE,
    ),
    "products": (ENCODE, [("MatMul", ["z", "deep"], "l", {}), *DECODE[1:]]),
    "products with a bias": (
        ENCODE,
        [("MatMul", ["z", "deep"], "p", {}), ("Add", ["p", "eight"], "l", {}), *DECODE[1:]],
    ),
    "norm of a convolution": (
        [ENCODE[0], norm("c", 3), ("Relu", ["n"], "r", {}), *ENCODE[2:]],
        [*DECODE[:3], norm("o", 1), ("Sigmoid", ["n"], "image", {})],
    ),
    "norm of a linear layer": (
        ENCODE,
        [DECODE[0], norm("l", 8), ("Reshape", ["n", "sizes"], "u", {}), *DECODE[2:]],
    ),
    "leaky": (
        [ENCODE[0], ("LeakyRelu", ["c"], "r", {}), *ENCODE[2:]],
        [
            *DECODE[:2],
            ("LeakyRelu", ["u"], "k", {"alpha": 0.2}),
            ("ConvTranspose", ["k", "upconv"], "o", HALF),
            DECODE[3],
        ],
    ),
    "nothing done": (
        [
            ("Cast", ["x"], "d", {"to": TensorProto.DOUBLE}),
            ("Cast", ["d"], "y", {"to": TensorProto.FLOAT}),
            ("Identity", ["y"], "i", {}),
            ("Dropout", ["i"], "j", {}),
            ("Conv", ["j", "conv", "bias"], "c", HALF),
            *ENCODE[1:],
        ],
        DECODE,
    ),
}


@pytest.mark.parametrize("case", READ)
def test_what_is_read_computes_what_the_runtime_does(case: str, tmp_path: Path) -> None:
    same_as_the_runtime(by_hand(tmp_path / "theirs", *READ[case]))


@pytest.mark.parametrize("first", [-1, 0, 1])
def test_a_reshape_that_keeps_images_apart(first: int, tmp_path: Path) -> None:
    same_as_the_runtime(by_hand(tmp_path / "theirs", sizes=(first, 2, 2, 2)))


def test_a_reshape_behind_the_sigmoid(tmp_path: Path) -> None:
    """The sigmoid is not the last operation, and still the end."""
    decode: Nodes = [
        ("Gemm", ["z", "all"], "l", {}),
        ("Sigmoid", ["l"], "s", {}),
        ("Reshape", ["s", "sizes"], "image", {}),
    ]
    same_as_the_runtime(by_hand(tmp_path / "theirs", decode=decode, sizes=(1, 1, 4, 4)))


def test_half_precision(tmp_path: Path) -> None:
    """The runtime rounds after every operation, our layers compute with float32."""
    same_as_the_runtime(by_hand(tmp_path / "theirs", kind=TensorProto.FLOAT16), tolerance=2e-2)


def ended(*kinds: str) -> dict[str, Nodes]:
    """A decoder with other activations at its end."""
    values = ["o", *(f"end{i}" for i in range(len(kinds) - 1)), "image"]
    ends = [(kind, [values[i]], values[i + 1], {}) for i, kind in enumerate(kinds)]
    return {"decode": [*DECODE[:3], *ends]}  # type: ignore[list-item]


def begun(*nodes: tuple[str, list[str], str, dict[str, Any]]) -> dict[str, Nodes]:
    """An encoder with other operations, the last making y, before its convolution."""
    return {"encode": [*nodes, ("Conv", ["y", "conv", "bias"], "c", HALF), *ENCODE[1:]]}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "rounded": (
        begun(
            ("Cast", ["x"], "i", {"to": TensorProto.INT64}),
            ("Cast", ["i"], "y", {"to": TensorProto.FLOAT}),
        ),
        "Cast",
    ),
    "dropout that is on": (begun(("Dropout", ["x", "", "yes"], "y", {})), "Dropout"),
    "scaled": (begun(("Mul", ["x", "x"], "y", {})), "Mul"),
    "images from −1 to 1": (ended("Tanh"), "tanh"),
    "images without an end": (ended("Relu"), "relu"),
    "two sigmoids": (ended("Sigmoid", "Sigmoid"), "sigmoid and a sigmoid"),
    "images leaking out": (ended("LeakyRelu"), "leaky"),
    "a slope between thousandths": (
        {"encode": [ENCODE[0], ("LeakyRelu", ["c"], "r", {"alpha": 0.01234}), *ENCODE[2:]]},
        "0.01234",
    ),
    "a slope that is none": (
        {"encode": [ENCODE[0], ("LeakyRelu", ["c"], "r", {"alpha": float("nan")}), *ENCODE[2:]]},
        "slope nan",
    ),
    "an upward slope": (
        {"encode": [ENCODE[0], ("LeakyRelu", ["c"], "r", {"alpha": -0.5}), *ENCODE[2:]]},
        "slope -0.5",
    ),
    "five images made of one": ({"sizes": (5, 2, 2, 2)}, "mixes several images"),
    "two images as one": (
        {"encode": [*ENCODE[:2], ("Reshape", ["r", "flat"], "f", {}), *ENCODE[3:]]},
        "24 features",
    ),
    "no pixels": (
        {
            "decode": [DECODE[0], ("Reshape", ["l", "sizes"], "u", {"allowzero": 1}), *DECODE[2:]],
            "sizes": (0, 2, 2, 2),
        },
        "mixes several images",
    ),
    "flat across images": (
        {"encode": [*ENCODE[:2], ("Flatten", ["r"], "f", {"axis": 2}), *ENCODE[3:]]},
        "mixes several images",
    ),
    "norm in training mode": (
        {
            "encode": [
                ENCODE[0],
                norm("c", 3, training_mode=1),
                ("Relu", ["n"], "r", {}),
                *ENCODE[2:],
            ]
        },
        "training mode or has invalid",
    ),
    "norm of other channels": (
        {"encode": [ENCODE[0], norm("c", 2), ("Relu", ["n"], "r", {}), *ENCODE[2:]]},
        "channels",
    ),
    "norm without a layer": (
        {"encode": [norm("x", 1), ("Conv", ["n", "conv"], "c", HALF), *ENCODE[1:]]},
        "channels",
    ),
    "kernel of another size": (
        {"encode": [("Conv", ["x", "conv"], "c", HALF | {"kernel_shape": [5, 5]}), *ENCODE[1:]]},
        "not supported",
    ),
    "more inputs than it has": (
        {"encode": [ENCODE[0], ("Relu", ["c", "two"], "r", {}), *ENCODE[2:]]},
        "too many",
    ),
    "inputs without end": (
        {"encode": [ENCODE[0], ("Relu", ["c", *map(str, range(99))], "r", {}), *ENCODE[2:]]},
        "too many inputs or outputs",
    ),
    "weights first": ({"decode": [("MatMul", ["deep", "z"], "l", {}), *DECODE[1:]]}, "order"),
    "bias of another size": (
        {
            "decode": [
                ("MatMul", ["z", "deep"], "p", {}),
                ("Add", ["p", "two"], "l", {}),
                *DECODE[1:],
            ]
        },
        "bias has another size",
    ),
    "added to itself": (
        {
            "decode": [
                DECODE[0],
                ("Add", ["l", "l"], "k", {}),
                ("Reshape", ["k", "sizes"], "u", {}),
                *DECODE[2:],
            ]
        },
        "Add",
    ),
    "of its own": (
        {"decode": [*DECODE[:3], ("Sigmoid", ["o"], "image", {"domain": "mine"})]},
        "custom operations",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_graphs_that_would_be_read_as_something_else(fault: str, tmp_path: Path) -> None:
    changes, named = REFUSED[fault]
    folder = by_hand(tmp_path / "theirs", **changes)
    with one_sentence(named):
        read_checkpoint(folder)


def stuffed(*fields: int, parts: int = 2_000_000) -> bytes:
    """A message with so many empty parts in it, that deep: 2 bytes each."""
    data = bytes([fields[-1] << 3 | 2, 0]) * parts
    for field in fields[-2::-1]:
        length, size = len(data), b""
        while length > 127:
            size, length = size + bytes([length & 127 | 128]), length >> 7
        data = bytes([field << 3 | 2]) + size + bytes([length]) + data
    return data


@pytest.mark.parametrize(
    "fields", [(8,), (7, 1), (7, 5), (7, 1, 5), (7, 1, 5, 6, 1), (7, 11, 2, 1)]
)
def test_parts_without_end_are_not_parsed(fields: tuple[int, ...], tmp_path: Path) -> None:
    """40 MB of empty tensors once took 2.5 GB: operations, tensors, settings, a graph in one."""
    folder = by_hand(tmp_path / "theirs")
    (folder / "encoder.onnx").write_bytes(stuffed(*fields))
    tracemalloc.start()
    with one_sentence("encoder.onnx", "100,000 parts"):
        read_checkpoint(folder)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_messages_in_messages_without_end(tmp_path: Path) -> None:
    folder = by_hand(tmp_path / "theirs")
    deep = stuffed(7, *(1, 5, 6) * 40, 1, parts=1)  # graphs in settings of operations of graphs
    (folder / "encoder.onnx").write_bytes(deep)
    with one_sentence("encoder.onnx", "damaged"):
        read_checkpoint(folder)


@pytest.mark.parametrize("wire", range(8))
def test_fields_of_every_kind_are_stepped_over_as_protobuf_does(wire: int) -> None:
    """Of the kinds of fields that there are; of the others neither reads on."""
    known = onnx.ModelProto(producer_name="x").SerializeToString()
    unknown = bytes([15 << 3 | wire]) + {0: b"\x96\x01", 1: bytes(8), 2: b"\x03abc"}.get(
        wire, bytes(4)
    )
    if wire in (0, 1, 2, 5):
        assert onnx.load_model_from_string(unknown + known).producer_name == "x"
        left = count_fields(memoryview(unknown + known), onnx.ModelProto.DESCRIPTOR, 10)
        assert left == 10 - 2
    else:
        with pytest.raises(ValueError, match="groups"):
            count_fields(memoryview(unknown + known), onnx.ModelProto.DESCRIPTOR, 10)


def _twice(graph: Any) -> None:
    """Two weights of one name."""
    other = onnx.TensorProto()
    other.CopyFrom(graph.initializer[0])
    other.raw_data = b"\0" * len(other.raw_data)
    graph.initializer.append(other)


def _made_twice(graph: Any) -> None:
    graph.node[1].output[0] = graph.node[0].output[0]


def _second_output(graph: Any) -> None:
    graph.output.append(graph.output[0])
    graph.output[-1].name = "nowhere"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_twice, "two values named"),
        (_made_twice, "two values named"),
        (_second_output, "one output"),
    ],
)
def test_names_that_mean_two_things(change: Any, named: str, tmp_path: Path) -> None:
    folder = by_hand(tmp_path / "theirs")
    model = onnx.load_model_from_string((folder / "decoder.onnx").read_bytes())
    change(model.graph)
    (folder / "decoder.onnx").write_bytes(model.SerializeToString())
    with one_sentence("decoder.onnx", named):
        read_checkpoint(folder)
