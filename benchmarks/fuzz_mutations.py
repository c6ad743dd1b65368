"""Random damage to checkpoints, for `benchmarks.fuzz_importers`: headers, tables, archives, graphs
and settings."""

import io
import json
import pickletools
import random
import struct
import zipfile
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import onnx
import torch
from onnx import helper

from benchmarks.fuzz_bytes import NUMBERS, cut, flip, flip_end, noise, number, splice
from betavae_core.importers.foreign import LEGACY_START

VALUES: tuple[Any, ...] = (
    *NUMBERS,
    0.5,
    1e308,
    None,
    True,
    "",
    "x" * 10_000,
    "β\n",
    [],
    {},
    [1, 2],
    [[[]]],
)


def header(data: bytes, chance: random.Random) -> bytes:
    """A safetensors header with another shape, type, offset or name of a tensor, otherwise
    `number`."""
    try:
        (length,) = struct.unpack("<Q", data[:8])
        table = json.loads(data[8 : 8 + length])
        entry = table[chance.choice(list(table))]
        key = chance.choice(("dtype", "shape", "data_offsets", "new"))
        odd = [chance.choice(NUMBERS) for _ in range(chance.randrange(5))]
        odd *= chance.choice((1, 1, 1, 100_000))
        entry[key] = chance.choice(("I64", "C64", "BOOL", "F64", odd, chance.choice(VALUES)))
        text = json.dumps(table).encode()
        if chance.random() < 0.2:  # two of one name
            text = text[:-1] + b"," + text[1:]
        return struct.pack("<Q", len(text)) + text + data[8 + length :]
    except (struct.error, ValueError, LookupError, TypeError, RecursionError):
        return number(data, chance)


def graph(data: bytes, chance: random.Random) -> bytes:
    """An ONNX file with one part of its graph replaced, doubled or removed, otherwise `flip`."""
    try:
        model = onnx.load_model_from_string(data)
        nodes, weights = model.graph.node, model.graph.initializer
        node = chance.choice(list(nodes))
    except Exception:  # protobuf's own errors differ between its versions
        return flip(data, chance)
    kind = chance.randrange(8)
    if kind == 0 and node.attribute:
        odd: Any = chance.choice(
            (0, -1, 2**62, 0.5, "x", [], [1], [2**40] * 2, [0, 0], [0.5], ["a"])
        )
        changed = chance.choice(list(node.attribute))
        whole = onnx.AttributeProto.INTS if odd == [] else None
        made = helper.make_attribute(changed.name, odd, attr_type=whole)
        if chance.random() < 0.8:
            node.attribute.remove(changed)
        node.attribute.append(made)
    elif kind == 1:
        node.op_type = chance.choice(
            ("Split", "Flatten", "Reshape", "Gemm", "Conv", "Constant", "Cast", "If", "")
        )
    elif kind == 2:
        other = chance.choice(list(nodes))
        names = chance.choice((node.input, node.output))
        del names[chance.randrange(len(names) + 1) :]
        names.extend(chance.choice((other.input, other.output, ["nowhere"])))
    elif kind == 3 and weights:
        tensor = chance.choice(list(weights))
        del tensor.dims[:]
        tensor.dims.extend(
            max(-(2**63), min(2**63 - 1, chance.choice(NUMBERS)))
            for _ in range(chance.randrange(6))
        )
    elif kind == 4 and weights:
        chance.choice(list(weights)).data_type = chance.choice((0, 2, 7, 9, 10, 11, 14, 99))
    elif kind == 5:
        nodes.extend([node] * chance.choice((1, 2, 600)))
    elif kind == 6:
        nodes.remove(node)
    else:
        value = chance.choice([*model.graph.input, *model.graph.output])
        shape = value.type.tensor_type.shape
        size = shape.dim.add() if chance.random() < 0.3 else chance.choice(list(shape.dim))
        size.dim_value = chance.choice((0, -1, 2, 3, 64, 2**31, 2**62))
    return bytes(model.SerializeToString())


def settings(data: bytes, chance: random.Random) -> bytes:
    """A settings file with one value replaced, removed or put deep into lists."""
    try:
        whole = json.loads(data)
        table = chance.choice(whole) if isinstance(whole, list) else whole
        key = chance.choice(list(table))
        del table[key]
    except (ValueError, TypeError, IndexError, KeyError, RecursionError):
        return flip(data, chance)
    if chance.random() < 0.8:
        table[key] = chance.choice(VALUES)
    text = json.dumps(whole)
    if whole is table and chance.random() < 0.1:  # one setting twice
        text = text[:-1] + f", {json.dumps(key)}: {json.dumps(chance.choice(VALUES))}}}"
    if whole is table and chance.random() < 0.05:
        text = text[:-1] + ', "deep": ' + "[" * 100_000 + "]" * 100_000 + "}"
    return text.encode()


def odd_tensors(data: bytes, chance: random.Random) -> bytes:
    """Well-formed but unusual files of tensors."""
    kind = chance.randrange(7)
    tensor: Any = torch.randn(3, 4)
    if kind == 0:
        tensor = torch.zeros(1).expand(10**9)  # 4 GB from 4 bytes
    elif kind == 1:
        tensor = torch.full((2,), chance.choice((float("nan"), float("inf"))))
    elif kind == 2:
        dtypes = (torch.int64, torch.bool, torch.complex64, torch.uint8, torch.float64)
        tensor = torch.ones(3).to(chance.choice(dtypes))
    elif kind == 3:
        tensor = torch.zeros(0, 10**6)
    elif kind == 4:
        tensor = torch.eye(3).to_sparse()
    elif kind == 5:
        tensor = [tensor] * 3
    names = chance.choice(
        (["a"], ["encoder.0.weight"], ["β\n" * 50], [f"t{i}" for i in range(3000)])
    )
    file = io.BytesIO()
    torch.save(
        dict.fromkeys(names, tensor), file, _use_new_zipfile_serialization=chance.random() < 0.7
    )
    return file.getvalue()


def entries(data: bytes, chance: random.Random) -> bytes:
    """A PyTorch file with moved entries: deeper, twice, under odd or long names, beside numbers of
    every kind; otherwise `table`."""
    try:
        value = torch.load(io.BytesIO(data), weights_only=True)
        assert isinstance(value, dict)
    except Exception:  # of another format, or of a PyTorch too old for this one
        return table(data, chance)
    for _ in range(chance.choice((1, 2, 5))):
        name = chance.choice(("ema", "module.vae", "", ".", "a." * 20, "β" * 900, "x" * 2000))
        way = chance.randrange(6)
        if way == 0:
            value = {name: value}
        elif way == 1:
            value = {name: value, "other": value, "step": torch.tensor(3)}
        elif way == 2:
            value = {f"{name}.{key}": each for key, each in value.items()}
        elif way == 3:
            odd = (torch.tensor(1), torch.zeros(1).expand(10**9), torch.ones(2).bool(), [1], None)
            value = {**value, name: chance.choice(odd)}
        elif way == 4:
            value = {**value, name: dict.fromkeys(map(str, range(2000)), torch.zeros(1))}
        else:
            value = {key: each for key, each in value.items() if chance.random() < 0.9}
    file = io.BytesIO()
    torch.save(value, file, _use_new_zipfile_serialization=chance.random() < 0.7,
               pickle_protocol=chance.choice((2, 2, 2, 2, 3, 4, 5)))  # fmt: skip
    return file.getvalue()


def table(data: bytes, chance: random.Random) -> bytes:
    """A PyTorch file with some instructions of its table changed: other references, tuples of
    references to tuples, instructions twice, left out or swapped, texts from elsewhere in the file,
    numbers at a limit; else `flip`."""
    try:
        if data.startswith(LEGACY_START):
            begin, end = _fourth_pickle(data)
            return data[:begin] + _rewritten(data[begin:end], chance) + data[end:]
        return _rezip(data, lambda n, d: _rewritten(d, chance) if n.endswith("data.pkl") else d)
    except Exception:  # damaged before: whatever the readers of tables and archives raise
        return flip(data, chance)


def _fourth_pickle(data: bytes) -> tuple[int, int]:
    """The position of the table in a file of the older format."""
    file = io.BytesIO(data)
    for _ in range(3):
        list(pickletools.genops(file))
    begin = file.tell()
    list(pickletools.genops(file))
    return begin, file.tell()


def bomb(chance: random.Random) -> bytes:
    """A value that doubles in size at every level, when it is hashed, printed or compared."""
    kind = chance.choice((b"\x86", b"\x86", b"\x87"))
    levels = range(100, 100 + chance.choice((3, 30, 60)))
    again = kind[0] - 0x85  # references besides the value itself
    parts = (b"q" + bytes([i]) + (b"h" + bytes([i])) * again + kind for i in levels)
    return b"K\x01\x85" + b"".join(parts)


def _rewritten(pickle: bytes, chance: random.Random) -> bytes:
    found = list(pickletools.genops(pickle))
    starts = [place or 0 for _, _, place in found] + [len(pickle)]
    steps = [pickle[a:b] for a, b in pairwise(starts)]
    of_kind = {
        kind: [i for i, (code, _, _) in enumerate(found) if kind in code.name]
        for kind in ("GET", "PUT", "UNICODE", "BINSTRING", "INT", "TUPLE", "SETITEM", "GLOBAL")
    }
    for _ in range(chance.choice((1, 1, 2, 4))):
        place = chance.randrange(1, len(steps))
        way = chance.randrange(9)
        kind = chance.choice([k for k, places in of_kind.items() if places])
        other = chance.choice(of_kind[kind])
        if way == 0:
            steps[other] = chance.choice((b"h", b"q")) + bytes([chance.randrange(256)])
        elif way == 1:
            steps[place] = steps[place] + bomb(chance)
        elif way == 2 and of_kind["UNICODE"]:
            key = chance.choice(of_kind["UNICODE"])
            steps[key] = bomb(chance) if chance.random() < 0.5 else steps[other]
        elif way == 3:
            steps[other : other + 1] = [steps[other]] * 2
        elif way == 4:
            steps[other] = b""
        elif way == 5:
            steps[place], steps[other] = steps[other], steps[place]
        elif way == 6 and len(of_kind["UNICODE"]) > 1:
            first, second = chance.sample(of_kind["UNICODE"], 2)
            steps[first] = steps[second]
        elif way == 7 and of_kind["INT"]:
            value = struct.pack("<q", chance.choice((-1, 2**31, 2**40, 2**62)))
            steps[chance.choice(of_kind["INT"])] = b"\x8a\x08" + value
        else:
            begin = chance.randrange(1, len(steps))
            steps[begin:begin] = steps[begin : begin + chance.choice((2, 20))]
    return b"".join(steps)


def _rezip(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return made.getvalue()


def directory(data: bytes, chance: random.Random) -> bytes:
    """An archive whose directory states other counts, sizes, places, names or lengths, or has
    bytes before or behind it; else `flip_end`."""
    start, end = data.find(b"PK\1\2"), data.rfind(b"PK\5\6")
    if start < 0 or end < start:
        return flip_end(data, chance)
    changed = bytearray(data)
    way = chance.randrange(6)
    if way == 0:  # counts, size, place, length of the comment
        changed[end + chance.choice((8, 10, 12, 16, 20))] ^= 1 << chance.randrange(8)
    elif way == 1 and (wide := data.rfind(b"PK\6\6")) >= 0:
        struct.pack_into(
            "<Q",
            changed,
            wide + chance.choice((24, 32, 40, 48)),
            chance.choice((0, 1, 3, 2**16, 2**32, 2**63)),
        )
    elif way == 2:  # one entry under another's name
        name, *others = _names(data, start, end)
        for place, length in others:
            if length == name[1]:
                changed[place : place + length] = data[name[0] : name[0] + length]
                break
    elif way == 3:  # lengths of name, extra and remark, sizes, place of the content
        place, _ = chance.choice(_names(data, start, end))
        changed[place - 46 + chance.choice((8, 10, 20, 24, 28, 30, 32, 42))] ^= (
            1 << chance.randrange(8)
        )
    elif way == 4:
        entry = data[start:end]
        times = min(chance.choice((2, 100, 5000)), 2 + 10_000_000 // len(entry))
        return data[:start] + entry * times + data[end:]
    else:
        extra = chance.randbytes(chance.choice((1, 20, 70_000)))
        return extra + data if chance.random() < 0.5 else data + extra
    return bytes(changed)


def _names(data: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """The positions and lengths of the names of a directory's entries."""
    found = []
    while start + 46 <= end and data.startswith(b"PK\1\2", start):
        lengths = struct.unpack("<3H", data[start + 28 : start + 34])
        found.append((start + 46, lengths[0]))
        start += 46 + sum(lengths)
    return found


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(flip, flip, flip, flip_end, cut, cut, splice, number, number, noise, header, header),
    *(odd_tensors, entries, entries, table, table, table, directory, directory),
)


def mutate(name: str, data: bytes, chance: random.Random, *, whole: bool) -> bytes:
    """One file with a mutation that usually fits its type. whole: it is still as written, so that
    this process may load it."""
    change = chance.choice(MUTATIONS)
    if change is entries and not whole:
        change = table
    if name.endswith((".json", ".jsonl")) and chance.random() < 0.8:
        change = settings
    if name.endswith(".onnx") and chance.random() < 0.6:
        change = graph
    return change(data or b"\0", chance)
