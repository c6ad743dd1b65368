"""Files of tensors from anywhere, read as data: nothing in them is ever run.

A file is read into memory once and judged by its content, never by its name. What it declares
(sizes, names, types) is compared with the bytes that are there before anything is allocated for
it; only then PyTorch's restricted reader (``weights_only``) or safetensors builds the tensors.
"""

import io
import json
import math
import os
import stat
import struct
import zipfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load as load_safetensors

from ..errors import InputError
from .names import shown
from .table import MAX_SIDES, MAX_TABLE, Table
from .zips import entry_names

MAX_FILE = 512 * 2**20  # bytes
MAX_JSON = 2**20  # bytes of a settings file
MAX_HEADER = 8 * 2**20  # bytes of a safetensors header
MAX_TENSORS = 2_000
SAFE_TYPES = {"F16": 2, "BF16": 2, "F32": 4, "F64": 8}  # safetensors' names → bytes of a value
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
LEGACY_START = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # PyTorch's magic number, pickled
LEGACY_VERSION = 1001
WRAPPERS = ("state_dict", "model_state_dict")  # where training loops keep the weights
PREFIXES = ("module.", "_orig_mod.", "_model.", "model.")  # put before every name by wrappers


@dataclass(frozen=True)
class TensorFile:
    """The tensors of a file, all float32, finite and not empty, and what was noticed."""

    tensors: dict[str, torch.Tensor]
    notes: list[str] = field(default_factory=list)  # sentences for people
    facts: dict[str, Any] = field(default_factory=dict)  # JSON-able: format, dtype, bytes, …


def read_bytes(path: Path, limit: int = MAX_FILE, name: str = "") -> bytes:
    """The content of a regular, not empty file of at most `limit` bytes; `name` for sentences."""
    name = name or shown(path.name)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe does not hold us up
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise InputError(f"{name} cannot be opened ({reason}).") from error
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{name} is not a regular file.")
        if status.st_size > limit:
            raise InputError(
                f"{name} has {status.st_size / 2**20:,.0f} MB; at most {limit / 2**20:,.0f} MB are "
                "read."
            )
        data = file.read(status.st_size + 1)  # as much is set aside, so not the limit
    if not data:
        raise InputError(f"{name} is empty.")
    if len(data) != status.st_size:
        raise InputError(f"{name} changed while it was read; try it again.")
    return data


def check_size(path: Path, limit: int) -> None:
    """Refuse what is no regular file, or larger than `limit` bytes, before others read it."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
        raise InputError(
            f"{shown(path.name)} is no regular file of at most {limit / 2**20:,.0f} MB."
        )


def inside(folder: Path, name: str, label: str = "") -> Path:
    """folder/name, if that is a file which does not lead out of the folder by a link; `label`
    stands for the folder in sentences."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{shown(name)} is a link that leads out of its folder; it is not read.")
    if not path.is_file():
        raise InputError(f"{label or shown(folder.name)} has no file {shown(name)}.")
    return path


def read_json(path: Path) -> dict[str, Any]:
    """A settings file: one JSON object, and no setting in it given twice."""
    name = shown(path.name)
    try:
        data = json.loads(read_bytes(path, MAX_JSON), object_pairs_hook=partial(_unique, name))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{name} is not readable JSON.") from error
    if not isinstance(data, dict):
        raise InputError(f"{name} must hold one JSON object with settings.")
    return data


def _unique(name: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object without doubled names: of two readers each may believe another one of them."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InputError(f'{name} has two entries of one name, "{shown(key)}".')
        found[key] = value
    return found


def read_tensors(path: Path, name: str = "") -> TensorFile:
    """The named tensors of a .safetensors, .pt or .pth file, whatever it is called; `name` stands
    for it in sentences.

    Returns them as float32. Raises `InputError` with one sentence for everything else: other or
    damaged files, declared sizes that the file does not have, compressed or doubled entries,
    anything that is no tensor, whole or complex numbers, NaN, infinite values, empty tensors.
    """
    name = name or shown(path.name)
    data = read_bytes(path, name=name)
    try:
        if data.startswith(b"PK\x03\x04"):
            kind, loaded = "PyTorch", _zipped(data, name)
        elif data.startswith(LEGACY_START):
            kind, loaded = "PyTorch before 1.6", _legacy(data, name)
        elif data[8:9] == b"{":
            kind, loaded = "safetensors", _safetensors(data, name)
        else:
            raise InputError(
                f"{name} is no file of tensors: neither PyTorch's format nor safetensors begins "
                "like this."
            )
    except (InputError, MemoryError):
        raise
    except Exception as error:  # damaged bytes fail in dozens of ways inside the readers
        reason = shown(str(error).split("\n")[0].rstrip(". "), 120) or type(error).__name__
        raise InputError(
            f"{name} is no plain file of tensors, or is damaged ({reason})."
        ) from error
    notes: list[str] = []
    facts: dict[str, Any] = {"format": kind, "bytes": len(data)}
    return TensorFile(_floats(_named(loaded, name, notes, facts), name, notes, facts), notes, facts)


def _safetensors(data: bytes, name: str) -> dict[str, torch.Tensor]:
    (length,) = struct.unpack("<Q", data[:8])
    if length > min(len(data) - 8, MAX_HEADER):
        raise InputError(
            f"{name} announces a header of {length:,} bytes, more than it can have; it is damaged."
        )
    header = json.loads(data[8 : 8 + length], object_pairs_hook=partial(_unique, name))
    header.pop("__metadata__", None)
    if len(header) > MAX_TENSORS:
        raise InputError(f"{name} has {len(header):,} tensors; at most {MAX_TENSORS:,} are read.")
    for key, entry in header.items():
        begin, end = entry["data_offsets"]
        if entry["dtype"] not in SAFE_TYPES:
            raise InputError(_wrong_type(name, key, shown(str(entry["dtype"]))))
        shape = entry["shape"]  # multiplied out, many would be a number of millions of digits
        if len(shape) > MAX_SIDES or not all(type(n) is int and 0 <= n < 2**63 for n in shape):
            raise InputError(
                f'{name}: tensor "{shown(key)}" has a shape that none can have; it is damaged.'
            )
        size = math.prod(shape) * SAFE_TYPES[entry["dtype"]]
        if not 0 <= begin <= end <= len(data) - 8 - length or end - begin != size:
            raise InputError(
                f'{name}: tensor "{shown(key)}" does not have the bytes that its shape needs; the '
                "file is cut off or damaged."
            )
    return load_safetensors(data)


def _zipped(data: bytes, name: str) -> Any:
    """PyTorch's format since 1.6: a zip of one table and the bytes of each tensor, uncompressed."""
    stored = entry_names(data, 4 * MAX_TENSORS, name)
    # as its reader looks for the table: in the first entry's folder, whatever the case of letters
    folders = {each.split(b"/")[0] for each in stored}
    lower = [each.lower() for each in stored]
    if len(set(lower)) < len(lower):
        raise InputError(f"{name} has two entries of one name.")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        for entry in entries:
            if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
                raise InputError(
                    f"{name} is a compressed archive, which PyTorch's files never are; if it is a "
                    "zip of a checkpoint's folder, upload it as such or unpack it."
                )
        if sum(entry.file_size for entry in entries) > len(data):
            raise InputError(f"{name} declares more bytes than it has; it is damaged.")
        if any(each.endswith(b"/constants.pkl") for each in lower):
            raise InputError(
                f"{name} is a TorchScript program and not tensors; save the model's state_dict()."
            )
        tables = [entry for entry in entries if entry.filename.lower().endswith("/data.pkl")]
        if len(tables) != 1 or len(folders) != 1 or tables[0].filename.count("/") != 1:
            raise InputError(f"{name} is a zip archive, but not one that PyTorch's save writes.")
        if tables[0].file_size > MAX_TABLE:
            raise InputError(f"{name} has a table of tensors too large to be one.")
        Table(io.BytesIO(archive.read(tables[0])), name, len(data)).read()
    return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)


def _legacy(data: bytes, name: str) -> Any:
    """PyTorch's format before 1.6: five pickles (magic number, version, sizes of the machine's
    types, table, keys of the storages), then the numbers. A version or a key of another kind would
    be printed or looked up, whatever it is."""
    file = io.BytesIO(data[: 2 * MAX_TABLE])  # no text in it is longer, either
    file.seek(len(LEGACY_START))
    table = Table(file, name, len(data))
    version, machine, _, keys = (table.read() for _ in range(4))
    if (
        (version.kind, version.value) != ("int", LEGACY_VERSION)
        or machine.kind != "dict"
        or keys.kind != "list"
        or not all(part.kind == "text" and part.value in table.storages for part in keys.parts)
    ):
        raise InputError(f"{name} does not begin as PyTorch's files before 1.6 do; it is damaged.")
    return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)


def _named(
    loaded: Any, name: str, notes: list[str], facts: dict[str, Any]
) -> dict[str, torch.Tensor]:
    """The dictionary of tensors in what was saved, without wrappers and prefixes."""
    if isinstance(loaded, dict):
        for wrapper in WRAPPERS:
            if isinstance(inner := loaded.get(wrapper), dict):
                others = [key for key in loaded if key != wrapper]
                for key in ("epoch", "global_step", "step", "iteration"):
                    if type(loaded.get(key)) is int:
                        facts[key] = loaded[key]
                left = f", {len(others)} other entries were left out" if others else ""
                notes.append(f'The weights are the entry "{wrapper}" of the file{left}.')
                loaded = inner
                break
    if (
        not isinstance(loaded, dict)
        or not loaded
        or not all(isinstance(key, str) for key in loaded)
        or not all(isinstance(value, torch.Tensor) for value in loaded.values())
    ):
        raise InputError(
            f"{name} holds something other than named tensors; save model.state_dict()."
        )
    if len(loaded) > MAX_TENSORS:
        raise InputError(f"{name} has {len(loaded):,} tensors; at most {MAX_TENSORS:,} are read.")
    for _ in range(len(PREFIXES)):  # each of them once is as many as wrappers put there
        prefix = next((p for p in PREFIXES if all(k.startswith(p) for k in loaded)), None)
        if prefix is None:
            break
        loaded = {key.removeprefix(prefix): value for key, value in loaded.items()}
        notes.append(f'Every name began with "{prefix}", which was left out.')
    return loaded


def _floats(
    tensors: dict[str, torch.Tensor], name: str, notes: list[str], facts: dict[str, Any]
) -> dict[str, torch.Tensor]:
    """The tensors as float32 of their own memory, if they are real, finite and of a sane size."""
    total = 0
    for key, tensor in tensors.items():
        if tensor.dtype not in FLOATS:
            raise InputError(_wrong_type(name, key, str(tensor.dtype)))
        if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.ndim > MAX_SIDES:
            raise InputError(f'{name}: "{shown(key)}" is no plain tensor.')
        if not tensor.numel():
            raise InputError(
                f'{name}: tensor "{shown(key)}" of shape {tuple(tensor.shape)} has no values.'
            )
        total += tensor.numel()
        # one stored number may stand for a whole tensor (stride 0): a bomb once it is copied
        if 4 * total > MAX_FILE or tensor.numel() > tensor.untyped_storage().nbytes():
            raise InputError(
                f'{name}: tensor "{shown(key)}" declares shape {tuple(tensor.shape)}, more numbers '
                "than the file has."
            )
    types = sorted({str(tensor.dtype).removeprefix("torch.") for tensor in tensors.values()})
    facts |= {"dtype": ", ".join(types), "tensors": len(tensors), "parameters": total}
    if "float64" in types:
        notes.append("The tensors are float64; they were rounded to float32.")
    made = {key: tensor.detach().float().contiguous() for key, tensor in tensors.items()}
    for key, tensor in made.items():
        if not tensor.isfinite().all():
            raise InputError(f'{name}: tensor "{shown(key)}" holds NaN or infinite values.')
    return made


def _wrong_type(name: str, key: str, kind: str) -> str:
    return (
        f'{name}: tensor "{shown(key)}" has type {kind}, expected float16, bfloat16, float32 or '
        "float64."
    )
