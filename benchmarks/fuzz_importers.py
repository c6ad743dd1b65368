"""Damaged and hostile checkpoints, made by chance from good ones, against the importers.

``python -m benchmarks.fuzz_importers --cases 10000 --seed 0`` reads mutated files in this process
(that is harder than `read_guarded`, where a crash costs a subprocess) and prints a JSON summary;
exit code 1 when a case broke a promise: an exception other than `InputError`, a refusal that is not
one sentence, more than 5 s, a file outside the target folder, or more memory than the limit.
"""

import argparse
import io
import json
import random
import resource
import shutil
import stat
import struct
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import TensorProto, helper
from safetensors.torch import save as save_safetensors

from betavae_core.config import RunConfig
from betavae_core.errors import InputError
from betavae_core.importers import read_checkpoint, unpack_upload
from betavae_core.importers.layouts import Sizes, expected
from betavae_core.importers.pythae import MLP
from betavae_core.models import build_vae
from betavae_core.store import create_run, rewrite_history, save_weights

MAX_SECONDS = 5.0  # for one case
MAX_GROWTH = 2 * 2**30  # bytes of memory above what the imports took
NAMES = (
    *("model.pt", "weights.safetensors", "config.json", "specs.json", "model_config.json"),
    "encoder.onnx",
)
EVIL: tuple[str, ...] = (
    "../out.pt",
    "/tmp/out.pt",
    "a/../../out.pt",
    "..\\out.pt",
    "C:\\out.pt",
    "",
    ".",
    "..",
)
EVIL += ("a" * 300, "模型.pt", "new\nline.pt", "zero\0byte.pt", "a/b/c/model.pt", "~/model.pt")
NUMBERS = (0, 1, -1, 2**31 - 1, 2**31, 2**32, 2**63 - 1, -(2**63), 2**64, 10**30)
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

Folder = dict[str, bytes]  # name → content


def corpus(seed: int) -> list[Folder]:
    """Good checkpoints, small ones, in every container: zip, the older pickle, safetensors, a run
    of ours, folders with settings and a pair of ONNX graphs."""
    source = torch.Generator().manual_seed(seed)
    shapes = expected(MLP, Sizes(1, 4, 2))
    tensors = {name: torch.randn(shape, generator=source) for name, shape in shapes.items()}
    settings = {"name": "BetaVAEConfig", "input_dim": [1, 4, 4], "latent_dim": 2, "beta": 4.0}
    zipped, older = io.BytesIO(), io.BytesIO()
    torch.save({"model_state_dict": tensors}, zipped)
    torch.save(tensors, older, _use_new_zipfile_serialization=False)
    specs = {"img_size": [1, 32, 32], "latent_dim": 10, "loss": "betaH", "betaH_B": 4, "seed": 1}
    specs |= {"dataset": "mnist", "model_type": "Burgess", "rec_dist": "bernoulli", "lr": 5e-4}
    specs |= {"epochs": 3, "batch_size": 64}
    return [
        {"model.pt": zipped.getvalue(), "model_config.json": json.dumps(settings).encode()},
        {"model.pt": zipped.getvalue()},
        {"model.pt": older.getvalue()},
        {"model.safetensors": save_safetensors(tensors, {"note": "β"})},
        {"model.pt": older.getvalue(), "specs.json": json.dumps(specs).encode()},
        _run_of_ours(),
        _onnx_pair(source),
    ]


def _run_of_ours() -> Folder:
    text = "flatten, linear 4 -> linear 16, unflatten 1 4 4"
    config = RunConfig(
        dataset="any", model="layers", layers=text, latents=2, channels=1, image_size=4
    )
    with tempfile.TemporaryDirectory() as place:
        run = Path(place) / "run"
        create_run(run, config)
        save_weights(run, build_vae(config), 0)
        rewrite_history(run, [{"images": 1, "nll": 1.0, "kl": [0.1, 0.2]}])
        return {file.name: file.read_bytes() for file in run.iterdir()}


def _onnx_pair(source: torch.Generator) -> Folder:
    """Convolution, two heads; linear, reshape, transposed convolution: images 1×4×4, 2 latents."""
    shapes = {"conv": (3, 1, 3, 3), "mean": (2, 12), "log_var": (2, 12), "linear": (8, 2)}
    shapes |= {"upconv": (2, 1, 4, 4)}
    weights = {
        name: helper.make_tensor(
            name, TensorProto.FLOAT, shape, torch.randn(shape, generator=source).flatten().tolist()
        )
        for name, shape in shapes.items()
    }
    sizes = helper.make_tensor("sizes", TensorProto.INT64, (4,), [-1, 2, 2, 2])
    to_mean = helper.make_node("Gemm", ["f", "mean"], ["mean_out"], transB=1)
    to_log_var = helper.make_node("Gemm", ["f", "log_var"], ["log_var_out"], transB=1)
    encoder = [
        helper.make_node("Conv", ["x", "conv"], ["c"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Flatten", ["r"], ["f"]),
        *(to_mean, to_log_var),
    ]
    decoder = [
        helper.make_node("Gemm", ["z", "linear"], ["l"], transB=1),
        helper.make_node("Constant", [], ["sizes"], value=sizes),
        helper.make_node("Reshape", ["l", "sizes"], ["u"]),
        helper.make_node("ConvTranspose", ["u", "upconv"], ["o"], strides=[2, 2], pads=[1] * 4),
        helper.make_node("Sigmoid", ["o"], ["image"]),
    ]
    heads = {"mean_out": (1, 2), "log_var_out": (1, 2)}
    parts = (
        ("encoder", encoder, ("x", (1, 1, 4, 4)), heads, ("conv", "mean", "log_var")),
        ("decoder", decoder, ("z", (1, 2)), {"image": (1, 1, 4, 4)}, ("linear", "upconv")),
    )
    files = {}
    for name, nodes, given, made, used in parts:
        values = [
            helper.make_tensor_value_info(value, TensorProto.FLOAT, shape)
            for value, shape in (given, *made.items())
        ]
        constants = [weights[weight] for weight in used]
        graph = helper.make_graph(nodes, name, values[:1], values[1:], constants)
        files[f"{name}.onnx"] = helper.make_model(graph).SerializeToString()
    return files


def flip(data: bytes, chance: random.Random) -> bytes:
    """Some bits turned, mostly in the first kilobytes, where the tables are."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        reach = len(changed) if chance.random() < 0.4 else min(len(changed), 4096)
        changed[chance.randrange(reach)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def flip_end(data: bytes, chance: random.Random) -> bytes:
    """Bits turned at the end, where a zip keeps its directory."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 2, 8))):
        changed[-chance.randrange(1, min(len(changed), 2048) + 1)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def splice(data: bytes, chance: random.Random) -> bytes:
    """A piece of the file copied over, or into, another place."""
    begin, place = chance.randrange(len(data)), chance.randrange(len(data))
    piece = data[begin : begin + chance.choice((1, 4, 16, 256, 4096))]
    return data[:place] + piece + data[place + chance.choice((0, len(piece))) :]


def number(data: bytes, chance: random.Random) -> bytes:
    """A number at a limit written over four or eight bytes."""
    place = chance.randrange(min(len(data), chance.choice((16, 512, 1 << 30))))
    width, kind = chance.choice(((4, "<I"), (8, "<Q")))
    value = chance.choice(NUMBERS) % 2 ** (8 * width)
    return data[:place] + struct.pack(kind, value) + data[place + width :]


def noise(data: bytes, chance: random.Random) -> bytes:
    start = chance.choice(
        (b"", data[:4], data[:64], b"PK\x03\x04", b"\x80\x02", b"\x00" * 8 + b"{")
    )
    return start + chance.randbytes(chance.choice((0, 1, 100, 5000)))


def header(data: bytes, chance: random.Random) -> bytes:
    """A safetensors header with another shape, type, place or name of a tensor, else `number`."""
    try:
        (length,) = struct.unpack("<Q", data[:8])
        table = json.loads(data[8 : 8 + length])
        entry = table[chance.choice(list(table))]
        key = chance.choice(("dtype", "shape", "data_offsets", "new"))
        odd = [chance.choice(NUMBERS) for _ in range(chance.randrange(5))]
        entry[key] = chance.choice(("I64", "C64", "BOOL", "F64", odd, chance.choice(VALUES)))
        text = json.dumps(table).encode()
        if chance.random() < 0.2:  # two of one name
            text = text[:-1] + b"," + text[1:]
        return struct.pack("<Q", len(text)) + text + data[8 + length :]
    except (struct.error, ValueError, LookupError, TypeError, RecursionError):
        return number(data, chance)


def graph(data: bytes, chance: random.Random) -> bytes:
    """An ONNX file with one thing in its graph replaced, doubled or taken out, else `flip`."""
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
        table = json.loads(data)
        key = chance.choice(list(table))
    except (ValueError, TypeError, IndexError, RecursionError):
        return flip(data, chance)
    if chance.random() < 0.2:
        del table[key]
    else:
        table[key] = chance.choice(VALUES)
    text = json.dumps(table)
    if chance.random() < 0.05:
        text = text[:-1] + ', "deep": ' + "[" * 100_000 + "]" * 100_000 + "}"
    return text.encode()


def odd_tensors(data: bytes, chance: random.Random) -> bytes:
    """Well-formed files of tensors as nobody makes them."""
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


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(flip, flip, flip, flip_end, cut, cut, splice, number, number, noise, header, header),
    odd_tensors,
)


def archive(files: Folder, chance: random.Random) -> bytes:
    """A zip of the files, with names, links, sizes or methods that none should have."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as z:
        for name, data in files.items():
            entry = zipfile.ZipInfo(chance.choice(EVIL) if chance.random() < 0.2 else f"a/{name}")
            entry.compress_type = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
            if chance.random() < 0.1:
                entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            z.writestr(entry, data)
        if chance.random() < 0.1:
            z.writestr("bomb.bin", bytes(20_000_000), zipfile.ZIP_DEFLATED)
        for i in range(200 if chance.random() < 0.1 else 0):
            z.writestr(f"a/{i}", b"x")
    return made.getvalue()


def make_case(good: list[Folder], chance: random.Random) -> tuple[Folder, str]:
    """Mutated files and how they arrive: "file", "folder" or "zip"."""
    files = dict(chance.choice(good))
    for _ in range(chance.choice((1, 1, 1, 2))):
        name = chance.choice(list(files))
        change = settings if name.endswith(".json") else chance.choice(MUTATIONS)
        if name.endswith(".onnx") and chance.random() < 0.6:
            change = graph
        files[name] = change(files[name] or b"\0", chance)
    if chance.random() < 0.1:  # under another file's name
        files[chance.choice(NAMES)] = files.pop(chance.choice(list(files)))
    way = chance.choice(("file", "folder", "folder", "zip"))
    if way == "file":
        name = chance.choice(list(files))
        return {name: files[name]}, way
    if way == "zip":
        packed = archive(files, chance)
        return {"upload.zip": flip_end(packed, chance) if chance.random() < 0.3 else packed}, way
    return files, way


def run_case(files: Folder, way: str, target: Path, chance: random.Random) -> str:
    """Upload and read one case in `target`; returns "opened" or the refusal's sentence."""
    try:
        given: dict[str, bytes | Path] = dict(files)
        if way == "file" and chance.random() < 0.2:
            given = {chance.choice(EVIL): data for data in files.values()}
        read_checkpoint(unpack_upload(given, target))
    except InputError as error:
        return str(error)
    return "opened"


def fuzz(cases: int, seed: int = 0, seconds: float = float("inf")) -> dict[str, Any]:
    """Run up to `cases` cases or `seconds` and count; "broken" lists the promises that broke."""
    good = corpus(seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin, slowest, done = time.perf_counter(), 0.0, 0
    ends: Counter[str] = Counter()
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        box = Path(place)
        while done < cases and time.perf_counter() - begin < seconds:
            chance = random.Random(f"{seed}-{done}")
            files, way = make_case(good, chance)
            start = time.perf_counter()
            try:
                end = run_case(files, way, box / "target", chance)
            except Exception:
                broken.append(f"case {done}: {traceback.format_exc(limit=-3)}")
                end = "exception"
            took = time.perf_counter() - start
            slowest = max(slowest, took)
            if took > MAX_SECONDS:
                broken.append(f"case {done}: {took:.1f} s")
            if end not in ("opened", "exception"):
                if "\n" in end or not end.endswith(".") or len(end) > 1000:
                    broken.append(f"case {done}: not one sentence: {end[:300]!r}")
                end = "refused"
            if any(path.name != "target" for path in box.iterdir()):
                broken.append(f"case {done}: wrote outside of the target")
            ends[f"{way} {end}"] += 1
            shutil.rmtree(box / "target", ignore_errors=True)
            done += 1
            if done % 500 == 0:
                print(f"{done} cases, {len(broken)} broken", file=sys.stderr, flush=True)
    growth = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    if growth > MAX_GROWTH:
        broken.append(f"memory grew by {growth / 2**20:,.0f} MB")
    return {
        "cases": done,
        "seed": seed,
        "seconds": round(time.perf_counter() - begin, 1),
        "slowest_case_s": round(slowest, 3),
        "memory_growth_mb": round(growth / 2**20, 1),
        "ends": dict(sorted(ends.items())),
        "broken": broken,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    options = parser.parse_args()
    torch.set_num_threads(1)
    found = fuzz(options.cases, options.seed, options.seconds)
    print(json.dumps(found, indent=1, ensure_ascii=False))
    return 1 if found["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
