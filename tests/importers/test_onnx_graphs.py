"""ONNX pairs made by hand: what they compute is what onnxruntime says."""

from pathlib import Path

import pytest
from onnx import TensorProto

from tests.importers.onnx_by_hand import (
    DECODE,
    ENCODE,
    HALF,
    Nodes,
    by_hand,
    norm,
    same_as_the_runtime,
)

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
