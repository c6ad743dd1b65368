"""ONNX pairs made by hand that would be read as something else, or without end: refused."""

import tracemalloc
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto

from betavae_core.importers import read_checkpoint
from betavae_core.importers.onnx_graph import count_fields
from tests.importers.onnx_by_hand import (
    DECODE,
    ENCODE,
    HALF,
    Nodes,
    by_hand,
    norm,
)
from tests.oracles import one_sentence


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
