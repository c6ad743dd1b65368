"""Files that are damaged, hostile or of another kind: each is refused in one sentence."""

import io
import json
import os
import struct
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save as save_safetensors

from betavae_core.config import RunConfig
from betavae_core.errors import InputError
from betavae_core.importers import (
    Imported,
    files,
    import_checkpoint,
    keep,
    read_checkpoint,
    read_guarded,
)
from betavae_core.importers.layouts import Sizes, expected
from betavae_core.importers.own import CONV, MLP
from betavae_core.importers.pythae import MLP as SMALL
from betavae_core.importers.tensors import read_tensors
from betavae_core.models import build_vae
from betavae_core.store import (
    add_score,
    create_run,
    load_run,
    rewrite_history,
    save_weights,
    weights_images,
)
from tests.oracles import one_sentence

State = dict[str, Any]


def tensors(layout: Any = SMALL, sizes: Sizes | None = None) -> dict[str, torch.Tensor]:
    source = torch.Generator().manual_seed(0)
    shapes = expected(layout, sizes or Sizes(1, 4, 2))
    return {name: 0.1 * torch.randn(shape, generator=source) for name, shape in shapes.items()}


def zipped(state: Any) -> bytes:
    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


def older(state: Any) -> bytes:
    file = io.BytesIO()
    torch.save(state, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


FORMATS: dict[str, Callable[[Any], bytes]] = {
    "PyTorch": zipped,
    "PyTorch before 1.6": older,
    "safetensors": save_safetensors,
}
every_format = pytest.mark.parametrize("kind", FORMATS)


@every_format
@pytest.mark.parametrize("suffix", [".pt", ".safetensors", ".txt", ""])
def test_the_content_decides_and_not_the_name(kind: str, suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"Modell β 模型{suffix}"
    file.write_bytes(FORMATS[kind](tensors()))
    found = read_tensors(file)
    assert found.facts["format"] == kind
    assert found.facts["parameters"] == sum(t.numel() for t in tensors().values())
    for name, tensor in tensors().items():
        assert torch.equal(found.tensors[name], tensor)


@every_format
@pytest.mark.parametrize("model", ["conv", "mlp"])
@pytest.mark.parametrize("sizes", [Sizes(1, 64, 10), Sizes(3, 32, 3)], ids=str)
def test_our_state_dicts(kind: str, model: str, sizes: Sizes, tmp_path: Path) -> None:
    """Image size, channels and latents follow from the shapes; β is not stated."""
    state = tensors({"conv": CONV, "mlp": MLP}[model], sizes)
    (tmp_path / "model.bin").write_bytes(FORMATS[kind](state))
    found = read_checkpoint(tmp_path / "model.bin")
    assert found.layout == found.config.model == model
    assert (found.config.shape, found.config.latents) == (sizes.shape, sizes.latents)
    assert found.config.beta is None
    assert not found.model.training
    for name, tensor in found.model.state_dict().items():
        assert torch.equal(tensor, state[name])
        assert not tensor.requires_grad
    json.dumps(found.facts)


def test_more_latents_than_a_lab_needs(tmp_path: Path) -> None:
    """A whole file of a known layout, whose checkup would decode thousands of images at once."""
    state = {k: t.to(torch.float16) for k, t in tensors(MLP, Sizes(1, 64, 1001)).items()}
    (tmp_path / "model.safetensors").write_bytes(save_safetensors(state))
    with one_sentence("model.safetensors", "1,001 latents"):
        read_checkpoint(tmp_path / "model.safetensors")


def test_wrappers_and_prefixes_are_noted(tmp_path: Path) -> None:
    state = {f"module.{name}": tensor.double() for name, tensor in tensors().items()}
    file = tmp_path / "model.pt"
    file.write_bytes(zipped({"state_dict": state, "epoch": 7, "seed": 2**40}))
    found = read_checkpoint(file)
    assert found.facts["epoch"] == 7
    text = " ".join(found.notes)
    for part in ('"state_dict"', '"module."', "float64"):
        assert part in text
    with one_sentence('"module.encoder.β"'):
        file.write_bytes(zipped(state | {"module.encoder.β": torch.zeros(1)}))
        read_checkpoint(file)


def test_half_precision_is_read(tmp_path: Path) -> None:
    for dtype in (torch.float16, torch.bfloat16):
        (tmp_path / "model.pt").write_bytes(zipped({k: v.to(dtype) for k, v in tensors().items()}))
        found = read_checkpoint(tmp_path / "model.pt")
        assert found.facts["dtype"] == str(dtype).removeprefix("torch.")
        assert next(found.model.parameters()).dtype == torch.float32


@every_format
def test_truncated_at_every_percent(kind: str, tmp_path: Path) -> None:
    data = FORMATS[kind](tensors())
    file = tmp_path / "model.pt"
    for percent in range(100):
        file.write_bytes(data[: len(data) * percent // 100])
        with one_sentence("model.pt"):
            read_checkpoint(file)


@every_format
def test_flipped_bits(kind: str, tmp_path: Path) -> None:
    """Numbers may come out different, but nothing other than an `InputError` may come out."""
    data = FORMATS[kind](tensors())
    file = tmp_path / "model.pt"
    for place in range(0, len(data), max(1, len(data) // 150)):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        file.write_bytes(changed)
        with suppress(InputError):
            read_checkpoint(file)


NAME = "encoder.embedding.bias"  # of `tensors()`
ODD: dict[str, tuple[Any, str]] = {
    "whole numbers": (torch.ones(3, dtype=torch.int64), "int64"),
    "complex": (torch.ones(3, dtype=torch.complex64), "complex64"),
    "bool": (torch.ones(3, dtype=torch.bool), "bool"),
    "NaN": (torch.tensor([0.0, float("nan")]), "NaN"),
    "infinite": (torch.tensor([0.0, float("inf")]), "infinite"),
    "infinite as float32": (torch.tensor([1e300], dtype=torch.float64), "infinite"),
    "empty": (torch.zeros(0, 1000), "no values"),
    "one number as 4 GB": (torch.zeros(1).expand(10**9), "more numbers"),
    "sparse": (torch.eye(3).to_sparse(), "sparse"),
    "list": ([1.0, 2.0], f'lacks the tensor "{NAME}"'),
    "code": (Path("x"), "run"),
    "array": (bytearray(8), "bytearray"),
}


@pytest.mark.parametrize("kind", ["PyTorch", "PyTorch before 1.6"])
@pytest.mark.parametrize("fault", ODD)
def test_odd_values_are_refused(kind: str, fault: str, tmp_path: Path) -> None:
    value, named = ODD[fault]
    (tmp_path / "model.pt").write_bytes(FORMATS[kind](tensors() | {NAME: value}))
    with one_sentence("model.pt", named):
        read_checkpoint(tmp_path / "model.pt")


WHOLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "random": (bytes(range(256)) * 9, "not a file of tensors"),
    "text": (b"hello", "not a file of tensors"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), "not a file of tensors"),
    "tensor alone": (zipped(torch.zeros(3)), "named tensors"),
    "numbered": (zipped({1: torch.zeros(3)}), "named tensors"),
    "nothing": (zipped({}), "named tensors"),
    "many": (zipped({str(i): torch.zeros(1) for i in range(2001)}), "2,001"),
    "other zip": (b"PK\x05\x06" + bytes(18), "not a file of tensors"),
    "100 GB header": (struct.pack("<Q", 100 * 2**30) + b"{}" + bytes(99), "header"),
    "header beyond the file": (struct.pack("<Q", 200) + b"{}" + bytes(99), "header"),
    "header no JSON": (struct.pack("<Q", 2) + b"{x" + bytes(99), "damaged"),
    "header deep": (struct.pack("<Q", 99_999) + b'{"a":' + b"[" * 99_994, "damaged"),
}


@pytest.mark.parametrize("fault", WHOLE)
def test_other_files_are_refused(fault: str, tmp_path: Path) -> None:
    data, named = WHOLE[fault]
    (tmp_path / "model.pt").write_bytes(data)
    with one_sentence("model.pt", named):
        read_checkpoint(tmp_path / "model.pt")


def safe(*entries: tuple[str, str, list[int], list[int]], size: int = 8) -> bytes:
    parts = [
        f"{json.dumps(name)}: " + json.dumps({"dtype": d, "shape": s, "data_offsets": o})
        for name, d, s, o in entries
    ]
    text = ("{" + ", ".join(parts) + "}").encode()
    return struct.pack("<Q", len(text)) + text + bytes(size)


SAFE: dict[str, tuple[bytes, str]] = {
    "doubled name": (
        safe(("a", "F32", [1], [0, 4]), ("a", "F32", [1], [4, 8])),
        "two entries named",
    ),
    "whole numbers": (safe(("a", "I64", [1], [0, 8])), "no known layout"),
    "complex numbers": (safe(("a", "C64", [1], [0, 8])), "C64"),
    "absurd shape": (safe(("a", "F32", [2**62, 2**62], [0, 8])), "shape"),
    "negative shape": (safe(("a", "F32", [-1, -2], [0, 8])), "damaged"),
    "a million sides": (safe(("a", "F32", [9] * 1_000_000, [0, 8])), "shape"),
    "sides of many digits": (safe(("a", "F32", [10**4000] * 8, [0, 8])), "shape"),
    "sides that are no whole numbers": (safe(("a", "F32", [1.0, True], [0, 8])), "shape"),  # type: ignore[list-item]
    "beyond the file": (safe(("a", "F32", [4], [0, 16])), "cut off"),
    "negative place": (safe(("a", "F32", [2], [-8, 0])), "cut off"),
    "text as place": (safe(("a", "F32", [2], ["0", "8"])), "damaged"),  # type: ignore[list-item]
}


@pytest.mark.parametrize("fault", SAFE)
def test_odd_safetensors_headers(fault: str, tmp_path: Path) -> None:
    data, named = SAFE[fault]
    (tmp_path / "model.safetensors").write_bytes(data)
    with one_sentence("model.safetensors", named):
        read_checkpoint(tmp_path / "model.safetensors")


def rezip(data: bytes, change: Callable[[str, bytes], bytes], method: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return made.getvalue()


def test_a_compressed_archive_is_not_inflated(tmp_path: Path) -> None:
    bomb = rezip(
        zipped(tensors()),
        lambda name, data: bytes(20_000_000) if name.endswith("/0") else data,
        zipfile.ZIP_DEFLATED,
    )
    assert len(bomb) < 200_000
    (tmp_path / "model.pt").write_bytes(bomb)
    with one_sentence("compressed"):
        read_checkpoint(tmp_path / "model.pt")


def test_a_table_that_promises_more_than_its_entry_has(tmp_path: Path) -> None:
    """Reading on beyond the entry would show other memory."""

    def more(name: str, data: bytes) -> bytes:
        return data.replace(b"K\x20", b"K\x7f") if name.endswith("data.pkl") else data

    small = zipped({"a": torch.zeros(32), "b": torch.zeros(999)})
    (tmp_path / "model.pt").write_bytes(rezip(small, more, zipfile.ZIP_STORED))
    with one_sentence("model.pt", "damaged"):
        read_checkpoint(tmp_path / "model.pt")


def test_files_too_large_are_not_read(tmp_path: Path) -> None:
    for size in (files.MAX_FILE + 1, 2 * 2**30, 100 * 2**30):
        with open(tmp_path / "model.pt", "wb") as file:
            file.truncate(size)  # sparse: takes no disk
        start = time.perf_counter()
        with one_sentence("model.pt", "512 MB"):
            read_checkpoint(tmp_path / "model.pt")
        assert time.perf_counter() - start < 1


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt")
    with one_sentence("pipe.pt"):
        read_checkpoint(tmp_path / "pipe.pt")
    with one_sentence("zero"):
        read_checkpoint("/dev/zero")
    with one_sentence("does not exist"):
        read_checkpoint(tmp_path / "gone")
    with one_sentence():
        read_checkpoint(tmp_path / ("x" * 5000))
    with one_sentence():
        read_checkpoint("zero\0byte")


@pytest.mark.parametrize("name", ["model.pt", "specs.json", "config.json", "weights.safetensors"])
def test_links_out_of_the_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(zipped(tensors()))
    folder = tmp_path / "folder"
    folder.mkdir()
    if name.startswith("weights"):
        (folder / "config.json").write_text("{}")
    (folder / name).symlink_to(tmp_path / "secret")
    with one_sentence(name, "link"):
        read_checkpoint(folder)


def test_folders(tmp_path: Path) -> None:
    with one_sentence("without a checkpoint", "specs.json"):
        read_checkpoint(tmp_path)
    (tmp_path / "a.pt").write_bytes(zipped(tensors()))
    assert read_checkpoint(tmp_path).layout == "pythae-state"
    (tmp_path / "b.pt").write_bytes(zipped(tensors()))
    with one_sentence("2 files of tensors"):
        read_checkpoint(tmp_path)


def test_unknown_tensors_are_listed_with_the_nearest_layouts(tmp_path: Path) -> None:
    state = tensors(CONV, Sizes(1, 64, 10))
    del state["decoder.9.bias"]
    (tmp_path / "model.pt").write_bytes(zipped(state))
    with one_sentence("our conv model", '"decoder.9.bias"', "encoder.0.weight 32×1×4×4", "more"):
        read_checkpoint(tmp_path / "model.pt")
    wrong = tensors(CONV, Sizes(1, 64, 10)) | {"decoder.2.bias": torch.zeros(255)}
    (tmp_path / "model.pt").write_bytes(zipped(wrong))
    with one_sentence('"decoder.2.bias"', "(255,)", "(256,)"):
        read_checkpoint(tmp_path / "model.pt")
    (tmp_path / "model.pt").write_bytes(zipped({"x\ny" * 200: torch.zeros(1)}))
    with one_sentence("no known layout"):
        read_checkpoint(tmp_path / "model.pt")


def test_a_file_is_kept_under_its_own_or_another_name(tmp_path: Path) -> None:
    (tmp_path / "mine.pt").write_bytes(zipped(tensors()))
    run = load_run(import_checkpoint(tmp_path / "mine.pt", tmp_path / "runs"))
    assert (run.name, run.status, run.images_seen) == ("mine", "imported", None)
    assert run.config.baseline == ""
    found = read_checkpoint(tmp_path / "mine.pt", name="a name for people")
    assert found.config.origin.endswith("a name for people")
    for name in ("../out", "", ".hidden", "a/b"):
        with one_sentence():
            keep(found, tmp_path / "runs", name)


ODD_SETTINGS: list[dict[str, Any]] = [
    {"source": "two\nlines"},
    {"precision": "x" * 5000},
    {"no\nsetting": 1},
    {"layers": "\n->" + "x" * 5000},
]


def test_runs_of_ours(tmp_path: Path) -> None:
    (tmp_path / "mine.pt").write_bytes(zipped(tensors()))
    folder = import_checkpoint(tmp_path / "mine.pt", tmp_path / "runs")
    found = read_checkpoint(folder)
    assert (found.layout, found.config) == ("run", load_run(folder).config)
    config = json.loads((folder / "config.json").read_text())
    for changes in (
        {"latents": 10**18},
        {"latents": 1001},
        {"image_size": 257},
        {"model": "mlp", "layers": "", "image_size": 30_000},
        *ODD_SETTINGS,
    ):
        (folder / "config.json").write_text(json.dumps(config | changes))
        with one_sentence():
            read_checkpoint(folder)
    (folder / "config.json").write_text(json.dumps(config | {"model": "pca", "layers": ""}))
    with one_sentence():
        read_checkpoint(folder)


DOUBLED = {
    "config.json": '{"format": 1, "dataset": "2dshapes", "model": "mlp", "beta": 4, "beta": 1}',
    "specs.json": '{"img_size": [1, 32, 32], "latent_dim": 10, "latent_dim": 9}',
    "model_config.json": '{"name": "VAEConfig", "a": {"β": 1, "β": 1}}',
}


@pytest.mark.parametrize("name", DOUBLED)
def test_settings_given_twice(name: str, tmp_path: Path) -> None:
    """Python takes the last one, other readers the first."""
    (tmp_path / name).write_text(DOUBLED[name])
    with one_sentence(name, "two entries named"):
        read_checkpoint(tmp_path)


@pytest.mark.parametrize(
    "files",
    [
        {"specs.json": "{}"},
        {"specs.json": "{", "model.pt": "x"},
        {"model_config.json": "{}"},
        {"model_config.json": "{}", "model.pt": ""},
        {"encoder.onnx": ""},
        {"config.json": "{}"},
        {"config.json": "{}", "weights.safetensors": "x"},
        {"config.json": '{"format": 1}', "weights.safetensors": None},
        {"config.json": '{"format": 9}', "weights.safetensors": None},
        {"a.pt": "", "b.pt": ""},
        {},
    ],
    ids=str,
)
def test_sentences_have_the_name_that_people_know(
    files: dict[str, str | None], tmp_path: Path
) -> None:
    """A server keeps an upload in a folder whose name means nothing to who sent it."""
    place = tmp_path / "checkpoint-1phe2rsi"
    place.mkdir()
    for name, text in files.items():
        data = save_safetensors(tensors()) if text is None else text.encode()
        (place / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_checkpoint(place, name="my model")
    assert "1phe2rsi" not in str(caught.value)


def run_of_ours(place: Path, images: int, budget: int) -> Path:
    """A run with a history up to so many images, a score of its weights and one of others."""
    text = "flatten, linear 4 -> linear 16, unflatten 1 4 4"
    settings = {"model": "layers", "layers": text, "latents": 2, "channels": 1, "image_size": 4}
    config = RunConfig(dataset="any", beta=2.0, images=budget, **settings)  # type: ignore[arg-type]
    create_run(place, config)
    save_weights(place, build_vae(config), images, half=True)
    rewrite_history(place, [{"images": images, "nll": 1.0, "kl": [0.1, 0.2]}])
    measured = {"score": "irs", "value": 0.5, "settings": {"β": 1}, "details": {}, "versions": {}}
    add_score(place, measured | {"weights": load_run(place).weights_hash})
    add_score(place, measured | {"weights": "others", "settings": {}})
    return place


@pytest.mark.parametrize(("images", "status"), [(500, "finished"), (300, "unfinished")])
@pytest.mark.parametrize("reader", [read_checkpoint, read_guarded])
def test_a_run_of_ours_keeps_what_is_known_of_it(
    reader: Callable[[Path], Imported], images: int, status: str, tmp_path: Path
) -> None:
    theirs = load_run(run_of_ours(tmp_path / "theirs", images, 500))
    found = reader(theirs.path)
    assert any("1 scores" in note for note in found.notes)
    run = load_run(keep(found, tmp_path, "kept"))
    assert (run.status, run.images_seen, run.history) == (status, images, theirs.history)
    assert weights_images(run.path) == images
    assert run.scores == run.valid_scores  # under the hash that they have here
    (mine,) = run.scores
    (before,) = theirs.valid_scores
    assert {**mine, "weights": ""} == {**before, "weights": ""}
    for name, tensor in run.vae.state_dict().items():
        assert torch.equal(tensor, theirs.vae.state_dict()[name])


def test_a_run_without_a_history_says_from_its_weights_how_long_it_was(tmp_path: Path) -> None:
    theirs = run_of_ours(tmp_path / "theirs", 300, 500)
    (theirs / "history.jsonl").unlink()
    found = read_checkpoint(theirs)
    assert found.facts["images"] == 300
    assert weights_images(keep(found, tmp_path, "kept")) == 300
