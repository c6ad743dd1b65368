"""What a file is, whose layout it has, whether it loads: where it failed, and why."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core.doctor import content_key, file_hash, refused
from betavae_core.doctor.opening import opened
from betavae_core.errors import InputError
from betavae_core.importers import read_checkpoint
from betavae_core.store import load_run
from tests.doctor import damage

State = dict[str, Any]
NAN = torch.full((32,), torch.nan)


def saved(change: Callable[[State], Any]) -> Callable[[Path], Path]:
    """A file with the tensors of a good model after a change."""

    def make(folder: Path) -> Path:
        state = {name: t.clone() for name, t in damage.good()[0].state_dict().items()}
        torch.save(change(state), folder / "mine.pt")
        return folder / "mine.pt"

    return make


def without(name: str) -> Callable[[State], State]:
    return lambda state: {key: value for key, value in state.items() if key != name}


def changed(name: str, value: Any) -> Callable[[State], State]:
    return lambda state: state | {name: value}


def cut(folder: Path) -> Path:
    path = saved(dict)(folder)
    path.write_bytes(path.read_bytes()[:-5_000])
    return path


def text(folder: Path) -> Path:
    (folder / "mine.pt").write_text("this is no checkpoint of anything")
    return folder / "mine.pt"


def empty_folder(folder: Path) -> Path:
    return folder


def other_settings(folder: Path) -> Path:
    saved(dict)(folder).rename(folder / "model.pt")
    specs = {"img_size": [1, 64, 64], "loss": "VAE", "model_type": "Other"}
    (folder / "specs.json").write_text(json.dumps(specs))
    return folder


@pytest.mark.parametrize(
    ("make", "stage", "says", "cause"),
    [
        (text, "file", "not a file of tensors but a text", "not the file of the weights"),
        (cut, "file", "damaged", "truncated copy"),
        (saved(changed("encoder.0.bias", Path("x"))), "file", "encoder.0.bias", "other objects"),
        (saved(changed("encoder.0.bias", torch.ones(32).int())), "file", "int", "whole or complex"),
        (saved(changed("encoder.0.bias", NAN)), "file", "NaN", "diverged"),
        (saved(lambda s: {"a": torch.ones(3)}), "layout", "no known layout", "another project"),
        (saved(lambda s: {"model": s, "ema": {k: v + 1 for k, v in s.items()}}), "layout",
         '"model", "ema"', "their average"),
        (empty_folder, "layout", "without a checkpoint", "A folder"),
        (other_settings, "layout", "model_type", "An unsupported variant"),
        (saved(without("decoder.2.weight")), "loads", "lacks", "only in part"),
        (saved(changed("encoder.x.weight", torch.ones(3))), "loads", "not part", "discriminator"),
        (saved(changed("decoder.2.weight", torch.ones(3, 4))), "loads", "expected",
         "Another size"),
    ],
)  # fmt: skip
def test_a_refusal_says_where_it_failed_and_why(
    make: Callable[[Path], Path], stage: str, says: str, cause: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as told:
        read_checkpoint(make(tmp_path))
    findings = refused(told.value)
    keys = ["file", "layout", "loads"]
    assert [finding.key for finding in findings] == keys[: keys.index(stage) + 1]
    *passed, failed = findings
    assert {finding.verdict for finding in passed} <= {"fine"}
    assert failed.verdict == ("broken" if make is cut or "NaN" in says else "not opened")
    assert says in failed.says
    assert cause in failed.cause
    if stage == "loads":
        assert "our conv model" in findings[1].says


def test_an_entry_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        read_checkpoint(saved(dict)(tmp_path), entry="model")
    file, layout = refused(told.value)
    assert (file.verdict, layout.verdict) == ("fine", "not opened")
    assert "its weights are the file itself" in layout.says
    assert "average" not in layout.cause
    assert "entry" in layout.cause


def test_what_was_left_out_is_not_denied(tmp_path: Path) -> None:
    more = saved(lambda state: state | {"prior_mean": torch.zeros(10)})(tmp_path)
    _, layout, loads = opened(read_checkpoint(more))
    assert "prior_mean" in layout.says
    assert "and 1 other was left out" in loads.says


def test_what_opens_says_all_three() -> None:
    file, layout, loads = opened(read_checkpoint(damage.RUNS / damage.GREY))
    assert {each.verdict for each in (file, layout, loads)} == {"fine"}
    assert "This lab" in layout.says
    assert "fit by name, shape and type" in loads.says


def test_the_key_changes_with_every_file(tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(damage.RUNS / damage.GREY, run)
    assert file_hash(run) == load_run(run).weights_hash
    weights, keys = file_hash(run), {content_key(run)}
    config = run / "config.json"
    changed = config.read_text().replace('"beta": 4.0', '"beta": 5.0')
    assert len(changed) == config.stat().st_size, "of the same size"
    config.write_text(changed)
    keys.add(content_key(run))
    (run / "notes.txt").write_text("more")
    keys.add(content_key(run))
    (run / "notes.txt").rename(run / "other.txt")
    keys.add(content_key(run))
    assert len(keys) == 4
    assert file_hash(run) == weights
    copied = tmp_path / "copy"
    shutil.copytree(run, copied)
    assert content_key(copied) == content_key(run), "wherever it lies"


def test_what_cannot_be_read_has_no_hash(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt")
    (tmp_path / "link.pt").symlink_to("/dev/zero")
    for path in (tmp_path / "pipe.pt", tmp_path / "gone", tmp_path, Path("x" * 5_000)):
        assert file_hash(path) == ""
        assert content_key(path)
    with open(tmp_path / "huge.pt", "wb") as file:
        file.truncate(10**12)
    assert file_hash(tmp_path / "huge.pt") == ""
    assert content_key(tmp_path / "huge.pt")


def test_a_folder_of_many_large_files_is_not_read_whole(tmp_path: Path) -> None:
    for number in range(5):
        with open(tmp_path / f"{number}.pt", "wb") as file:
            file.truncate(400 * 2**20)
    read: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "betavae_core.doctor.opening._digest", lambda path, _: read.append(path.name) or "x"
        )
        before = content_key(tmp_path)
    assert len(read) == 1
    os.utime(tmp_path / "4.pt", (1, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("betavae_core.doctor.opening._digest", lambda path, _: "x")
        assert content_key(tmp_path) != before
