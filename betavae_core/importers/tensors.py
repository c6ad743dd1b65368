"""Files of tensors from any source, read as data: nothing in them is ever run.

The sizes, names and types that a file declares are compared with its actual bytes before anything
is allocated for it; only then does PyTorch's restricted reader (``weights_only``) or safetensors
build the tensors.
"""

import io
import json
import math
import struct
import zipfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load as load_safetensors

from ..errors import InputError, Refusal
from .files import MAX_FILE, read_bytes, unique
from .foreign import LEGACY_START, archive_of, kind_of, program_of
from .names import shown
from .table import MAX_SIDES, MAX_TABLE, Table, other_protocol
from .zips import LOCAL, entry_names

SAFETENSORS = "safetensors"  # the format, in facts
MAX_HEADER = 8 * 2**20  # bytes of a safetensors header
MAX_TENSORS = 2_000
SAFE_TYPES = {"F16": 2, "BF16": 2, "F32": 4, "F64": 8}  # safetensors' names → bytes of a value
SAFE_TYPES |= {"BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "I32": 4, "I64": 8}  # of counters
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
LEGACY_VERSION = 1001


@dataclass(frozen=True)
class Saved:
    """The contents of a file, as they were saved: dictionaries, plain values and tensors."""

    value: Any
    facts: dict[str, Any]  # JSON-able: format, bytes


@dataclass(frozen=True)
class TensorFile:
    """The tensors of a model in a file, with notes about them. If they fit `layout`, they are all
    float32, finite and not empty; if the file fits no layout, they are the nearest match."""

    tensors: dict[str, torch.Tensor]
    notes: list[str] = field(default_factory=list)  # sentences for people
    facts: dict[str, Any] = field(default_factory=dict)  # JSON-able: format, dtype, bytes, …
    layout: str = ""  # the key of the layout whose names these are; "" of none
    path: str = ""  # under which they lie, of those that fit no layout
    names: dict[str, str] = field(default_factory=dict)  # in the file, where not path.…
    whole: dict[str, tuple[int, ...]] = field(default_factory=dict)  # every tensor of the file


def read_saved(path: Path, name: str = "") -> Saved:
    """The contents of a .safetensors, .pt or .pth file, whatever its suffix; messages call it
    `name`.

    Raises `InputError` with one sentence for everything else: other or damaged files, declared
    sizes that the file does not have, compressed or doubled entries, anything but tensors and plain
    values.
    """
    name = name or shown(path.name)
    data = read_bytes(path, name=name)
    try:
        if data.startswith(LOCAL):
            kind, loaded = "PyTorch", _zipped(data, name)
        elif data.startswith(LEGACY_START):
            kind, loaded = "PyTorch before 1.6", _legacy(data, name)
        elif data[8:9] == b"{":
            kind, loaded = SAFETENSORS, _safetensors(data, name)
        elif LEGACY_START[2:] in data[:40]:
            raise other_protocol(name, data[1])
        else:
            found = kind_of(data)
            raise InputError(
                f"{name} is not a file of tensors but {found.what}: {found.remedy}.",
                Refusal.FOREIGN,
            )
    except (InputError, MemoryError):
        raise
    except Exception as error:  # damaged bytes fail in dozens of ways inside the readers
        reason = shown(str(error).split("\n")[0].rstrip(". "), 120) or type(error).__name__
        raise InputError(
            f"{name} is not a plain file of tensors, or it is damaged ({reason}).", Refusal.DAMAGED
        ) from error
    return Saved(loaded, {"format": kind, "bytes": len(data)})


def read_tensors(path: Path, name: str = "") -> TensorFile:
    """The tensors of a file that has only named tensors, as float32. Raises `InputError` as
    `read_saved` does, and for whole or complex numbers, NaN, infinite values and empty tensors."""
    name = name or shown(path.name)
    saved = read_saved(path, name)
    tensors = saved.value if isinstance(saved.value, dict) else {}
    if not tensors or not all(
        isinstance(key, str) and isinstance(value, torch.Tensor) for key, value in tensors.items()
    ):
        raise no_tensors(name)
    notes: list[str] = []
    facts = dict(saved.facts)
    return TensorFile(floats(tensors, name, notes, facts), notes, facts)


def no_tensors(name: str) -> InputError:
    return InputError(
        f"{name} contains something other than named tensors; save model.state_dict().",
        Refusal.NO_TENSORS,
    )


def _safetensors(data: bytes, name: str) -> dict[str, torch.Tensor]:
    (length,) = struct.unpack("<Q", data[:8])
    if length > min(len(data) - 8, MAX_HEADER):
        raise InputError(
            f"{name} declares a header of {length:,} bytes, more than a file can have; it is "
            "damaged.",
            Refusal.DAMAGED,
        )
    header = json.loads(data[8 : 8 + length], object_pairs_hook=partial(unique, name))
    header.pop("__metadata__", None)
    if len(header) > MAX_TENSORS:
        raise too_many(name, len(header))
    for key, entry in header.items():
        begin, end = entry["data_offsets"]
        if entry["dtype"] not in SAFE_TYPES:
            raise _wrong_type(name, key, shown(str(entry["dtype"])))
        shape = entry["shape"]  # multiplied out, many would be a number of millions of digits
        if len(shape) > MAX_SIDES or not all(type(n) is int and 0 <= n < 2**63 for n in shape):
            raise InputError(
                f'{name}: tensor "{shown(key)}" has an impossible shape; the file is damaged.',
                Refusal.DAMAGED,
            )
        size = math.prod(shape) * SAFE_TYPES[entry["dtype"]]
        if not 0 <= begin <= end <= len(data) - 8 - length or end - begin != size:
            raise InputError(
                f'{name}: tensor "{shown(key)}" does not have the bytes that its shape needs; the '
                "file is cut off or damaged.",
                Refusal.DAMAGED,
            )
    return load_safetensors(data)


def _zipped(data: bytes, name: str) -> Any:
    """PyTorch's format since 1.6: an uncompressed zip of one table and the bytes of each tensor."""
    stored = entry_names(data, 4 * MAX_TENSORS, name)
    if other := archive_of(stored):
        raise InputError(
            f"{name} is not a file of tensors but {other.what}: {other.remedy}.", Refusal.FOREIGN
        )
    if program := program_of(stored):
        raise InputError(
            f"{name} is {program} and not tensors; save the model's state_dict().", Refusal.PROGRAM
        )
    # PyTorch's reader looks for the table in the first entry's folder, ignoring upper and lower
    # case
    folders = {each.split(b"/")[0] for each in stored}
    lower = [each.lower() for each in stored]
    if len(set(lower)) < len(lower):
        raise InputError(f"{name} has two entries with the same name.", Refusal.DAMAGED)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        for entry in entries:
            if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
                raise InputError(
                    f"{name} is a compressed archive, which PyTorch's files never are; if it is a "
                    "zip of a checkpoint's folder, upload it as such or unpack it.",
                    Refusal.FOREIGN,
                )
        if sum(entry.file_size for entry in entries) > len(data):
            raise InputError(
                f"{name} declares more bytes than it has; it is damaged.", Refusal.DAMAGED
            )
        tables = [entry for entry in entries if entry.filename.lower().endswith("/data.pkl")]
        if len(tables) != 1 or len(folders) != 1 or tables[0].filename.count("/") != 1:
            raise InputError(
                f"{name} is a zip archive, but not one that PyTorch's save writes: unpack it, or "
                "upload it as a zip of a checkpoint's folder.",
                Refusal.FOREIGN,
            )
        if tables[0].file_size > MAX_TABLE:
            raise InputError(f"{name} has a table of tensors that is too large.", Refusal.TOO_LARGE)
        Table(io.BytesIO(archive.read(tables[0])), name, len(data)).read()
    return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)


def _legacy(data: bytes, name: str) -> Any:
    """PyTorch's format before 1.6: five pickles (magic number, version, sizes of the machine's
    types, table, keys of the storages), then the numbers. The version and the keys must be plain,
    because PyTorch prints or looks up any value in their place."""
    file = io.BytesIO(data[: 2 * MAX_TABLE])  # this bounds its texts, too
    file.seek(len(LEGACY_START))
    table = Table(file, name, len(data))
    version, machine, _, keys = (table.read() for _ in range(4))
    if (
        (version.kind, version.value) != ("int", LEGACY_VERSION)
        or machine.kind != "dict"
        or keys.kind != "list"
        or not all(part.kind == "text" and part.value in table.storages for part in keys.parts)
    ):
        raise InputError(
            f"{name} does not begin like a file of PyTorch before 1.6; it is damaged.",
            Refusal.DAMAGED,
        )
    return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)


def floats(
    tensors: dict[str, torch.Tensor], name: str, notes: list[str], facts: dict[str, Any]
) -> dict[str, torch.Tensor]:
    """The tensors as float32 in memory of their own, if they are real, finite and of a sane
    size."""
    total = 0
    for key, tensor in tensors.items():
        if tensor.dtype not in FLOATS:
            raise _wrong_type(name, key, str(tensor.dtype))
        if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.ndim > MAX_SIDES:
            raise InputError(f'{name}: "{shown(key)}" is not a plain tensor.', Refusal.TYPE)
        if not tensor.numel():
            raise InputError(
                f'{name}: tensor "{shown(key)}" of shape {tuple(tensor.shape)} has no values.',
                Refusal.SHAPE,
            )
        total += tensor.numel()
        # a whole tensor may repeat one stored number (stride 0): a bomb once it is copied
        if 4 * total > MAX_FILE or tensor.numel() > tensor.untyped_storage().nbytes():
            raise InputError(
                f'{name}: tensor "{shown(key)}" declares shape {tuple(tensor.shape)}, more numbers '
                "than the file has.",
                Refusal.DAMAGED,
            )
    types = sorted({str(tensor.dtype).removeprefix("torch.") for tensor in tensors.values()})
    facts |= {"dtype": ", ".join(types), "tensors": len(tensors), "parameters": total}
    if "float64" in types:
        notes.append("The tensors are float64; they were rounded to float32.")
    made = {key: tensor.detach().float().contiguous() for key, tensor in tensors.items()}
    for key, tensor in made.items():
        if not tensor.isfinite().all():
            raise InputError(
                f'{name}: tensor "{shown(key)}" contains NaN or infinite values.',
                Refusal.NOT_FINITE,
            )
    return made


def too_many(name: str, count: int) -> InputError:
    return InputError(
        f"{name} has {count:,} tensors; at most {MAX_TENSORS:,} are read.", Refusal.TOO_LARGE
    )


def _wrong_type(name: str, key: str, kind: str) -> InputError:
    return InputError(
        f'{name}: tensor "{shown(key)}" has type {kind}, expected float16, bfloat16, float32 or '
        "float64.",
        Refusal.TYPE,
    )
