"""Folders: which of their files is taken, what settings beside it do, what is said otherwise."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from betavae_core.doctor import refused, worst
from betavae_core.errors import InputError, Refusal
from betavae_core.importers import read_checkpoint, read_guarded, unpack_upload
from tests.doctor import damage
from tests.importers.dialects import HALVES, W, saved
from tests.oracles import one_sentence

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:a\nsize 1\n"
UNREADABLE: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"lr: 3\nx: 1\n", "is not readable JSON"),
    "cut off": (b'{"latent_dim": 1', "is not readable JSON"),
    "a pointer": (POINTER, "is a Git LFS pointer"),
    "a page": (b"<!DOCTYPE html><html>", "is an HTML page"),
    "empty": (b"", "is empty"),
    "a list": (b"[1, 2]", "is not a JSON object"),
    "no text": (bytes(range(128, 256)), "is not readable JSON"),
    "too deep": (b"[" * 100_000, "is not readable JSON"),
    "too large": (b" " * (2**20 + 1), "at most 1 MB"),
}
SETTINGS = ("config.json", "specs.json", "model_config.json", "args.json")


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("kind", UNREADABLE)
def test_settings_that_cannot_be_read_do_not_keep_weights_closed(
    name: str, kind: str, tmp_path: Path
) -> None:
    data, why = UNREADABLE[kind]
    saved(W, tmp_path)
    (tmp_path / name).write_bytes(data)
    found = read_checkpoint(tmp_path)
    assert found.layout == "pythae-state"
    (note,) = [note for note in found.notes if name in note]
    assert why in note
    assert note.startswith(f"{name} was not used: it ")
    assert note.endswith(".")


def test_an_upload_with_empty_settings(tmp_path: Path) -> None:
    data = saved(W, tmp_path).read_bytes()
    found = read_guarded(unpack_upload({"model.pt": data, "config.json": b""}, tmp_path / "up"))
    assert any("config.json was not used: it is empty" in note for note in found.notes)


@pytest.mark.parametrize("kind", UNREADABLE)
def test_settings_alone_are_said_to_be_unreadable(kind: str, tmp_path: Path) -> None:
    for name in SETTINGS[:3]:
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
        (tmp_path / name).write_bytes(UNREADABLE[kind][0])
        with one_sentence(name):
            read_checkpoint(tmp_path)


@pytest.mark.parametrize("beside", ["weights.safetensors", "history.jsonl"])
def test_a_run_of_ours_may_be_damaged(beside: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(damage.RUNS / damage.GREY, run)
    if beside == "history.jsonl":
        (run / "weights.safetensors").rename(run / "model.safetensors")
    (run / "config.json").write_text('{"format": 1,')
    with pytest.raises(InputError, match="is not readable JSON") as told:
        read_checkpoint(run)
    assert told.value.kind is Refusal.DAMAGED
    (run / "config.json").write_bytes(POINTER)
    with pytest.raises(InputError, match="git lfs pull") as told:
        read_checkpoint(run)
    assert told.value.kind is Refusal.FOREIGN
    assert worst(refused(told.value)) == "not opened"


def test_weights_of_a_run_that_pytorch_wrote(tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(damage.RUNS / damage.GREY, run)
    torch.save(damage.good()[0].state_dict(), run / "weights.safetensors")
    with pytest.raises(InputError, match="really a file of PyTorch") as told:
        read_checkpoint(run)
    assert told.value.kind is Refusal.FOREIGN


def halves(folder: Path) -> None:
    for half, state in HALVES.items():
        saved(state, folder, f"vae_{half}.pt")


def parts(folder: Path) -> None:
    for number, state in enumerate(HALVES.values(), 1):
        save_file(state, folder / f"model-0000{number}-of-00002.safetensors")
    index: dict[str, Any] = {"metadata": {}, "weight_map": {}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def one_part(folder: Path) -> None:
    parts(folder)
    (folder / "model-00002-of-00002.safetensors").unlink()


def below(*places: str) -> Any:
    def make(folder: Path) -> None:
        for place in places:
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            saved(W, folder, place)
        (folder / "hparams.yaml").write_text("beta: 4")

    return make


TOLD: list[tuple[Any, tuple[str, ...]]] = [
    (halves, ("encoder and decoder in two files", "vae_decoder.pt, vae_encoder.pt",
              'torch.save({"encoder"')),
    (parts, ("in 2 parts", "model-00001-of-00002", "put their dictionaries together")),
    (one_part, ("in 2 parts", "model-00001-of-00002")),
    (below("checkpoints/last.ckpt"),
     ("give the file of tensors in a subfolder", "checkpoints/last")),
    (below("v0/a.ckpt", "v0/checkpoints/b.ckpt"), ("give one of", "v0/a.ckpt, v0/checkpoints/b")),
    (below("a/b/c/d/e/too-deep.ckpt"), ("without a checkpoint",)),
]  # fmt: skip


@pytest.mark.parametrize(("make", "named"), TOLD)
def test_what_to_do_with_several_files(make: Any, named: tuple[str, ...], tmp_path: Path) -> None:
    make(tmp_path)
    with one_sentence(*named):
        read_checkpoint(tmp_path)


def test_halves_saved_as_the_sentence_says_open(tmp_path: Path) -> None:
    assert read_checkpoint(saved(HALVES, tmp_path)).layout == "pythae-state"


def test_a_part_alone(tmp_path: Path) -> None:
    parts(tmp_path)
    with one_sentence("model-00002-of-00002.safetensors has weights in 2 parts"):
        read_checkpoint(tmp_path / "model-00002-of-00002.safetensors")
    whole = tmp_path / "whole-00001-of-00002.safetensors"
    save_file(W, whole)
    assert read_checkpoint(whole).layout == "pythae-state", "the content decides"


def test_links_in_folders_below_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    saved(W, tmp_path / "elsewhere")
    folder = tmp_path / "folder" / "inner"
    folder.mkdir(parents=True)
    (folder / "model.pt").symlink_to(tmp_path / "elsewhere" / "model.pt")
    (folder.parent / "more").symlink_to(tmp_path / "elsewhere")
    with one_sentence("without a checkpoint"):
        read_checkpoint(folder.parent)
