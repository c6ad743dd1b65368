"""ONNX pairs: a folder with encoder.onnx and decoder.onnx, as models of the kind "layers".

The graphs are read as data with the optional package ``onnx`` and written out as our layers with
their weights; nothing runs them. That is possible for chains of convolutions, linear layers and
activations, which is what VAEs are exported as; the sentence names the first operation that is not
one of these. The encoder has two outputs, mean and log-variance (two layers, or one that is split):
of a single output the order could only be guessed.
"""

import math
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import NoneType
from typing import Any

import torch

from ..errors import InputError
from ..models import build_vae
from .files import inside, read_bytes, shown
from .layouts import NOTHING_STATED, Imported, Sizes, StateLayout, config_of

LAYOUT = "ONNX: a folder with encoder.onnx and decoder.onnx"
ENCODER, DECODER = "encoder.onnx", "decoder.onnx"
ACTIVATIONS = {"Relu": "relu", "Tanh": "tanh", "Sigmoid": "sigmoid"}
NOTHING = ("Identity", "Dropout", "Cast")  # at inference, between floats
ATTRIBUTES = {int: "INT", float: "FLOAT", bytes: "STRING", list: "INTS", NoneType: "INTS"}
MAX_NODES = 500


def _package() -> Any:
    """The package onnx, which is optional; its types are not known here."""
    try:
        return import_module("onnx")
    except ImportError as error:
        raise InputError(
            "ONNX files are read with the package onnx, which is not installed: pip install onnx."
        ) from error


@dataclass
class Chain:
    """Layers read so far: words for models/layers.py, and the weight and bias of each, or None."""

    words: list[str] = field(default_factory=list)
    weights: list[tuple[torch.Tensor, torch.Tensor] | None] = field(default_factory=list)

    def add(self, word: str, *weights: torch.Tensor) -> None:
        self.words.append(word)
        self.weights.append((weights[0], weights[1]) if weights else None)

    def state(self, half: str) -> dict[str, torch.Tensor]:
        return {
            f"{half}.{i}.{part}": tensor
            for i, pair in enumerate(self.weights)
            for part, tensor in zip(("weight", "bias"), pair or (), strict=False)
        }


class Graph:
    """One ONNX file as a chain that is followed from its input."""

    def __init__(self, path: Path) -> None:
        self.name = shown(path.name)
        onnx = _package()
        data = read_bytes(path)
        try:
            graph = onnx.load_model_from_string(data).graph
        except Exception as error:  # protobuf's own errors differ between its versions
            raise InputError(f"{self.name} is no ONNX file, or is damaged.") from error
        if len(graph.node) > MAX_NODES:
            raise InputError(f"{self.name} has {len(graph.node):,} operations, too many for a VAE.")
        self.nodes = list(graph.node)
        if empty := [node for node in self.nodes if not node.output]:
            raise InputError(
                f"{self.name}: the operation {shown(empty[0].op_type)} has no output; the file is "
                "damaged."
            )
        self.outputs = [output.name for output in graph.output]
        self.constants = {value.name: self._tensor(value) for value in graph.initializer}
        for node in self.nodes:
            if node.op_type == "Constant":
                for attribute in node.attribute:
                    if attribute.type == onnx.AttributeProto.TENSOR:
                        self.constants[node.output[0]] = self._tensor(attribute.t)
        inputs = [value for value in graph.input if value.name not in self.constants]
        if len(inputs) != 1:
            raise InputError(f"{self.name} has {len(inputs)} inputs, expected one.")
        self.input = inputs[0].name
        dims = inputs[0].type.tensor_type.shape.dim
        self.shape = tuple(int(dim.dim_value) for dim in dims)[1:]  # without N

    def _tensor(self, value: Any) -> torch.Tensor:
        """A constant as float32 or int64, if its bytes are in the file and are all there."""
        onnx = _package()
        dtypes = {
            onnx.TensorProto.FLOAT: (torch.float32, "float_data"),
            onnx.TensorProto.INT64: (torch.int64, "int64_data"),
        }
        where = f'{self.name}: tensor "{shown(value.name)}"'
        if value.data_location == onnx.TensorProto.EXTERNAL:
            raise InputError(f"{where} lies in another file; save it inside the ONNX file.")
        if value.data_type not in dtypes:
            raise InputError(f"{where} has a type not read here, expected float32.")
        dtype, field_name = dtypes[value.data_type]
        dims = [int(size) for size in value.dims]
        if value.raw_data:
            flat = torch.frombuffer(bytearray(value.raw_data), dtype=torch.uint8)
            whole = len(flat) % dtype.itemsize == 0
            flat = flat.view(dtype) if whole else flat[:0].view(dtype)
        else:
            flat = torch.tensor(list(getattr(value, field_name)), dtype=dtype)
        if min(dims, default=1) < 1 or len(dims) > 8 or math.prod(dims) != flat.numel():
            raise InputError(
                f"{where} of shape {tuple(dims[:9])} does not have the bytes it needs."
            )
        if not flat.isfinite().all():
            raise InputError(f"{where} holds NaN or infinite values.")
        return flat.reshape(dims)

    def users(self, value: str) -> list[Any]:
        return [node for node in self.nodes if value in node.input and node.op_type != "Constant"]

    def constant(self, node: Any, place: int) -> torch.Tensor:
        name = node.input[place] if place < len(node.input) else ""
        if name not in self.constants:
            raise InputError(
                f"{self.name}: the operation {shown(node.op_type)} has no constant weights."
            )
        return self.constants[name]

    def sizes(self, node: Any, place: int) -> list[int]:
        """A constant that is a list of whole numbers."""
        sizes = self.constant(node, place)
        if sizes.ndim != 1 or sizes.dtype != torch.int64:
            raise InputError(
                f"{self.name}: the sizes of a {shown(node.op_type)} are no list of whole numbers."
            )
        return [int(size) for size in sizes]

    def settings(self, node: Any, **usual: Any) -> dict[str, Any]:
        """Attributes of an operation with their defaults; refuses those that `usual` lacks and
        those of another kind: a list must have as many numbers as its default, where it has one."""
        onnx = _package()
        found = {}
        for attribute in node.attribute:
            where = f"{self.name}: {shown(node.op_type)} has the setting {shown(attribute.name)}"
            if attribute.name not in usual:
                raise InputError(f"{where}, which is not read here.")
            default = usual[attribute.name]
            if attribute.type != getattr(onnx.AttributeProto, ATTRIBUTES[type(default)]):
                raise InputError(f"{where} of a kind that it cannot have; the file is damaged.")
            value = onnx.helper.get_attribute_value(attribute)
            if isinstance(default, list) and len(value) != len(default):
                raise InputError(f"{where} of {len(value)} numbers, expected {len(default)}.")
            found[attribute.name] = value
        return usual | found

    def follow(self) -> tuple[Chain, list[str]]:
        """The chain from the input to the outputs; the outputs are the last values."""
        chain, value, left = Chain(), self.input, len(self.nodes) + 1
        while value not in self.outputs:
            left -= 1
            users = self.users(value)
            if not users or left < 0:
                raise InputError(f"{self.name} is not one chain from its input to its output.")
            if len(users) == 2 and all(user.op_type == "Gemm" for user in users):
                users.sort(key=lambda user: self._place(user.output[0]))
                pairs = [self._gemm(user) for user in users]
                if pairs[0][0].shape != pairs[1][0].shape:
                    raise InputError(f"{self.name}: its two outputs differ in size.")
                joined = [torch.cat(parts) for parts in zip(*pairs, strict=True)]
                chain.add(f"linear {len(joined[1])}", *joined)
                return chain, [user.output[0] for user in users]
            if len(users) != 1:
                raise InputError(f"{self.name} branches at {len(users)} places of one value.")
            node = users[0]
            if node.op_type == "Split":
                if self._uneven(node):
                    raise InputError(f"{self.name} is split into other than two equal halves.")
                return chain, list(node.output)
            self._step(chain, node)
            value = node.output[0]
        return chain, [value]

    def _place(self, output: str) -> int:
        return self.outputs.index(output) if output in self.outputs else len(self.outputs)

    def _uneven(self, node: Any) -> bool:
        set_ = self.settings(node, axis=0, num_outputs=2, split=None)
        sizes = set_["split"] or (self.sizes(node, 1) if len(node.input) > 1 else [1, 1])
        if not sizes:
            return True
        return len(node.output) != 2 or set_["axis"] not in (1, -1) or sizes[0] != sizes[-1]

    def _gemm(self, node: Any) -> tuple[torch.Tensor, torch.Tensor]:
        set_ = self.settings(node, alpha=1.0, beta=1.0, transA=0, transB=0)
        weight = self.constant(node, 1)
        if weight.ndim != 2 or (set_["alpha"], set_["beta"], set_["transA"]) != (1.0, 1.0, 0):
            raise InputError(f"{self.name}: a Gemm has factors or shapes that are not read here.")
        weight = weight if set_["transB"] else weight.T
        bias = self.constant(node, 2) if len(node.input) > 2 else torch.zeros(len(weight))
        if bias.shape != weight.shape[:1]:
            raise InputError(f"{self.name}: a Gemm has {len(weight)} outputs and another bias.")
        return weight.contiguous(), bias

    def _step(self, chain: Chain, node: Any) -> None:
        kind = node.op_type
        if kind in ACTIVATIONS:
            chain.add(ACTIVATIONS[kind])
        elif kind == "Flatten" and self.settings(node, axis=1)["axis"] == 1:
            chain.add("flatten")
        elif kind == "Reshape":
            sizes = self.sizes(node, 1)[1:]
            chain.add("flatten" if len(sizes) == 1 else f"unflatten {' '.join(map(str, sizes))}")
        elif kind == "Gemm":
            weight, bias = self._gemm(node)
            chain.add(f"linear {len(bias)}", weight, bias)
        elif kind in ("Conv", "ConvTranspose"):
            self._convolution(chain, node)
        elif kind not in NOTHING:
            raise InputError(
                f"{self.name} has the operation {shown(kind)}; those read here are Conv, "
                f"ConvTranspose, Gemm, Flatten, Reshape, Split, {', '.join(ACTIVATIONS)}."
            )

    def _convolution(self, chain: Chain, node: Any) -> None:
        usual: dict[str, Any] = {"auto_pad": b"NOTSET", "group": 1, "dilations": [1, 1]}
        usual |= {"strides": [1, 1], "pads": [0, 0, 0, 0], "kernel_shape": None}
        set_ = self.settings(node, **usual, output_padding=[0, 0])
        weight = self.constant(node, 1)
        plain = all(set_[name] == usual[name] for name in ("auto_pad", "group", "dilations"))
        even = len(set(set_["strides"])) == len(set(set_["pads"])) == 1 and weight.ndim == 4
        if not plain or not even or any(set_["output_padding"]) or len({*weight.shape[2:]}) != 1:
            raise InputError(
                f"{self.name}: a {node.op_type} is dilated, grouped, or not the same in both "
                "directions, which is not read here."
            )
        transposed = node.op_type == "ConvTranspose"
        out = weight.shape[1 if transposed else 0]
        bias = self.constant(node, 2) if len(node.input) > 2 else torch.zeros(out)
        numbers = out, weight.shape[2], set_["strides"][0], set_["pads"][0]
        word = "upconv" if transposed else "conv"
        chain.add(f"{word} {' '.join(map(str, numbers))}", weight, bias)


def recognises(folder: Path) -> bool:
    return (folder / ENCODER).is_file() or (folder / DECODER).is_file()


def read(folder: Path, label: str) -> Imported:
    """The pair as one model of layers. Raises `InputError` naming the first thing not read."""
    encoder, decoder = Graph(inside(folder, ENCODER, label)), Graph(inside(folder, DECODER, label))
    first, heads = encoder.follow()
    second, _ = decoder.follow()
    if len(heads) != 2 or heads != encoder.outputs:
        raise InputError(
            f"{ENCODER} must have two outputs, mean and log-variance, got {len(heads)}."
        )
    notes = ["The encoder's first output is taken as the mean, its second as the log-variance."]
    if second.words[-1:] == ["sigmoid"]:
        second.words.pop()
        second.weights.pop()
        notes.append("The decoder's final sigmoid was left out: our decoders give logits.")
    else:
        notes.append("The decoder has no final sigmoid; its output is taken as logits.")
    if (
        len(encoder.shape) != 3
        or len(decoder.shape) != 1
        or min(*encoder.shape, *decoder.shape) < 1
    ):
        raise InputError(
            f"{ENCODER} needs an input (N, C, H, W) and {DECODER} one (N, D) of stated sizes, got "
            f"{encoder.shape} and {decoder.shape} after N."
        )
    channels, height, width = encoder.shape
    if height != width:
        raise InputError(f"{ENCODER} takes images of {height}×{width}, expected square ones.")
    sizes = Sizes(channels, height, decoder.shape[0])
    text = f"{', '.join(first.words)} -> {', '.join(second.words)}"
    layout = StateLayout("ONNX", "layers", lambda _: sizes, lambda _: {}, lambda _: text)
    config = config_of(layout, sizes, origin=f"ONNX, {label}")
    model = build_vae(config)
    state, wanted = first.state("encoder") | second.state("decoder"), model.state_dict()
    for name, tensor in wanted.items():
        if name not in state or state[name].shape != tensor.shape:
            raise InputError(f"The weights of {label} do not fit its layer {name}.")
    model.load_state_dict({name: state[name].float() for name in wanted})
    model.eval().requires_grad_(False)
    count = sum(tensor.numel() for tensor in state.values())
    facts: dict[str, Any] = {
        "project": "ONNX",
        "model": "layers",
        "format": "ONNX",
        "dtype": "float32",
    }
    facts |= {"tensors": len(state), "parameters": count}
    return Imported("onnx", config, model, [*notes, NOTHING_STATED], facts)
