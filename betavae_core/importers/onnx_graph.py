"""One ONNX file as data: its operations, constants (as tensors) and settings (with defaults)."""

import math
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np
import torch

from ..errors import InputError, Refusal
from .files import read_bytes
from .names import shown
from .tensors import MAX_TENSORS

ATTRIBUTES = {int: "INT", float: "FLOAT", bytes: "STRING", list: "INTS", NoneType: "INTS"}
MAX_FIELDS = 100_000  # of the file, nested ones included
MAX_DEPTH = 32  # depth of nested messages
MAX_NODES = 500
MAX_PORTS = 8  # inputs or outputs of an operation; a batch norm has 5


def package() -> Any:
    """The optional package onnx, which has no type information here."""
    try:
        return import_module("onnx")
    except ImportError as error:
        raise InputError(
            "ONNX files are read with the package onnx, which is not installed: pip install onnx.",
            Refusal.PACKAGE,
        ) from error


def count_fields(data: memoryview, kind: Any, left: int, depth: int = 0) -> int:
    """`left` minus the number of fields of a serialised message of this type (a protobuf
    descriptor), nested messages included; negative as soon as there are more. Parsing turns a part
    of two bytes into an object of more than a hundred. Raises `ValueError` or `IndexError` on
    damage."""
    place = 0
    while place < len(data) and left >= 0:
        left -= 1
        tag, place = _number(data, place)
        wire = tag & 7
        if wire == 0:
            _, place = _number(data, place)
        elif wire in (1, 5):
            place += 8 if wire == 1 else 4
        elif wire == 2:
            length, place = _number(data, place)
            field = kind.fields_by_number.get(tag >> 3)
            if field is not None and field.message_type is not None:
                if depth == MAX_DEPTH:
                    raise ValueError("nested too deeply")
                part = data[place : place + length]
                left = count_fields(part, field.message_type, left, depth + 1)
            place += length
        else:
            raise ValueError("groups, which ONNX does not have")
    return left


def _number(data: memoryview, place: int) -> tuple[int, int]:
    """A protobuf number, seven bits per byte, and the position after it."""
    value = 0
    for shift in range(0, 70, 7):
        value |= (data[place] & 127) << shift
        place += 1
        if data[place - 1] < 128:
            return value, place
    raise ValueError("a number of more than ten bytes")


class Graph:
    """One ONNX file, checked before anything in it is used."""

    def __init__(self, path: Path) -> None:
        self.name = shown(path.name)
        onnx = package()
        data = read_bytes(path)
        try:
            left = count_fields(memoryview(data), onnx.ModelProto.DESCRIPTOR, MAX_FIELDS)
            if left < 0:
                raise InputError(
                    f"{self.name} has more than {MAX_FIELDS:,} parts, too many for a VAE.",
                    Refusal.SETTINGS,
                )
            model = onnx.load_model_from_string(data)
        except (InputError, MemoryError):
            raise
        except Exception as error:  # protobuf's own errors differ between its versions
            raise InputError(
                f"{self.name} is not an ONNX file, or it is damaged.", Refusal.DAMAGED
            ) from error
        graph = model.graph
        if len(graph.node) > MAX_NODES or len(graph.initializer) > MAX_TENSORS:
            raise InputError(
                f"{self.name} has {len(graph.node):,} operations and {len(graph.initializer):,} "
                "tensors, too many for a VAE.",
                Refusal.SETTINGS,
            )
        self.nodes = list(graph.node)
        for node in self.nodes:
            if node.domain not in ("", "ai.onnx") or model.functions:
                raise InputError(
                    f"{self.name} has custom operations ({shown(node.domain or 'functions')}); "
                    "only those of ONNX are supported.",
                    Refusal.SETTINGS,
                )
            if not node.output or max(len(node.input), len(node.output)) > MAX_PORTS:
                raise InputError(
                    f"{self.name}: the operation {shown(node.op_type)} has no output, or too "
                    "many inputs or outputs; the file is damaged.",
                    Refusal.SETTINGS,
                )
        made = [name for node in self.nodes for name in node.output if name]
        self._check_unique([value.name for value in graph.initializer] + made)
        self._check_unique([value.name for value in graph.input] + made)
        self.outputs = [output.name for output in graph.output]
        self.constants = {value.name: self._tensor(value) for value in graph.initializer}
        for node in self.nodes:
            if node.op_type == "Constant":
                for attribute in node.attribute:
                    if attribute.type == onnx.AttributeProto.TENSOR:
                        self.constants[node.output[0]] = self._tensor(attribute.t)
        inputs = [value for value in graph.input if value.name not in self.constants]
        if len(inputs) != 1:
            raise InputError(
                f"{self.name} has {len(inputs)} inputs, expected one.", Refusal.SETTINGS
            )
        self.input = inputs[0].name
        dims = inputs[0].type.tensor_type.shape.dim
        self.shape = tuple(int(dim.dim_value) for dim in dims)[1:]  # without N

    def _check_unique(self, names: Iterable[str]) -> None:
        """Refuse two values with the same name, since either could be meant."""
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise InputError(
                    f'{self.name} has two values named "{shown(name)}".', Refusal.SETTINGS
                )
            seen.add(name)

    def _tensor(self, value: Any) -> torch.Tensor:
        """A constant as float32, int64 or bool, if all its bytes are in the file."""
        kinds = package().TensorProto
        dtypes = {  # the field and type of a constant that is not stored as bytes
            kinds.FLOAT: ("float_data", torch.float32, torch.float32),
            kinds.DOUBLE: ("double_data", torch.float64, torch.float64),
            kinds.FLOAT16: ("int32_data", torch.int16, torch.float16),
            kinds.INT64: ("int64_data", torch.int64, torch.int64),
            kinds.BOOL: ("int32_data", torch.bool, torch.bool),
        }
        where = f'{self.name}: tensor "{shown(value.name)}"'
        if value.data_location == kinds.EXTERNAL:
            raise InputError(
                f"{where} is in another file; save it inside the ONNX file.", Refusal.SETTINGS
            )
        if value.data_type not in dtypes:
            raise InputError(
                f"{where} has an unsupported type, expected float32.", Refusal.SETTINGS
            )
        place, stored, dtype = dtypes[value.data_type]
        dims = [int(size) for size in value.dims[:9]]
        numbers = getattr(value, place)
        stated = math.prod(dims) if min(dims, default=1) > 0 and len(dims) <= 8 else -1
        if stated * dtype.itemsize == len(value.raw_data):
            flat = torch.frombuffer(bytearray(value.raw_data), dtype=torch.uint8).view(dtype)
        elif not value.raw_data and stated == len(numbers):
            whole = np.fromiter(numbers, np.float64 if stored.is_floating_point else np.int64)
            flat = torch.from_numpy(whole).to(stored).view(dtype)
        else:
            raise InputError(
                f"{where} of shape {tuple(dims)} does not have the bytes it needs.",
                Refusal.SETTINGS,
            )
        flat = flat.float() if flat.is_floating_point() else flat
        if not flat.isfinite().all():
            raise InputError(f"{where} contains NaN or infinite values.", Refusal.SETTINGS)
        return flat.reshape(dims)

    def users(self, value: str) -> list[Any]:
        return [node for node in self.nodes if value in node.input and node.op_type != "Constant"]

    def constant(self, node: Any, place: int) -> torch.Tensor:
        name = node.input[place] if place < len(node.input) else ""
        if name not in self.constants:
            raise InputError(
                f"{self.name}: the operation {shown(node.op_type)} has no constant weights.",
                Refusal.SETTINGS,
            )
        return self.constants[name]

    def sizes(self, node: Any, place: int) -> list[int]:
        """A constant that is a list of whole numbers."""
        sizes = self.constant(node, place)
        if sizes.ndim != 1 or sizes.dtype != torch.int64:
            raise InputError(
                f"{self.name}: the sizes of a {shown(node.op_type)} are not a list of whole "
                "numbers.",
                Refusal.SETTINGS,
            )
        return [int(size) for size in sizes]

    def settings(self, node: Any, **usual: Any) -> dict[str, Any]:
        """Attributes of an operation with their defaults; refuses any that `usual` lacks or that
        have another type: a list must have as many numbers as its default, if there is one."""
        onnx = package()
        found = {}
        for attribute in node.attribute:
            where = f"{self.name}: {shown(node.op_type)} has the setting {shown(attribute.name)}"
            if attribute.name not in usual:
                raise InputError(f"{where}, which is not supported.", Refusal.SETTINGS)
            default = usual[attribute.name]
            if attribute.type != getattr(onnx.AttributeProto, ATTRIBUTES[type(default)]):
                raise InputError(
                    f"{where} with an impossible type; the file is damaged.", Refusal.SETTINGS
                )
            value = onnx.helper.get_attribute_value(attribute)
            if isinstance(default, list) and len(value) != len(default):
                raise InputError(
                    f"{where} of {len(value)} numbers, expected {len(default)}.", Refusal.SETTINGS
                )
            if attribute.name in found:
                raise InputError(f"{where} twice; the file is damaged.", Refusal.SETTINGS)
            found[attribute.name] = value
        return usual | found
