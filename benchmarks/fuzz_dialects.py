"""State dicts in the form of Python 2's `torch.save`, for the fuzz and for tests."""

import io
import pickletools
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch


def older(state: object) -> bytes:
    """PyTorch's format before 1.6."""
    file = io.BytesIO()
    torch.save(state, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


def rewritten(data: bytes, change: Callable[[str, Any, bytes], bytes]) -> bytes:
    """The five pickles of the older format with each instruction (name, value, bytes) changed."""
    file, made = io.BytesIO(data), b""
    for _ in range(5):
        start = file.tell()
        steps = [(code.name, value, place) for code, value, place in pickletools.genops(file)]
        ends = [place for *_, place in steps[1:]] + [file.tell()]
        for (name, value, place), end in zip(steps, ends, strict=True):
            made += change(name, value, data[place:end])
        assert file.tell() > start
    return made + data[file.tell() :]


def byte_strings(name: str, value: Any, part: bytes) -> bytes:
    return b"U" + bytes([len(value)]) + value.encode() if name == "BINUNICODE" else part


def python2(state: dict[str, torch.Tensor]) -> bytes:
    """A state dict in the form of Python 2's `torch.save`: byte strings, and an ordered dictionary
    as a call with a list of pairs."""
    data = older(state)
    file = io.BytesIO(data)
    for _ in range(3):
        list(pickletools.genops(file))
    begin = file.tell()
    steps = [(code.name, value, place) for code, value, place in pickletools.genops(file)]
    end = file.tell()
    places = [place for *_, place in steps] + [end]
    parts = [data[a:b] for a, b in pairwise(places)]
    names = [name for name, *_ in steps]
    top, last = names.index("MARK"), len(names) - 2  # after EMPTY_DICT and its BINPUT; SETITEMS
    assert names[last] == "SETITEMS"
    items: list[bytes] = []
    depth, item = 0, b""
    for name, part in zip(names[top + 1 : last], parts[top + 1 : last], strict=True):
        if name == "BINUNICODE" and depth == 0 and item:
            items.append(item)
            item = b""
        depth += (name == "MARK") - (name in ("TUPLE", "SETITEMS"))
        item += part
    items.append(item)
    assert len(items) == len(state)
    pairs = b"".join(b"](" + item + b"e" for item in items)
    table = b"\x80\x02ccollections\nOrderedDict\n](" + pairs + b"e\x85R."
    return rewritten(data[:begin] + table + data[end:], byte_strings)
