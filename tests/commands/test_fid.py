"""The verb fid, and train with distances: what is printed, stored, warned about and refused."""

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from betavae_core import store
from betavae_core.__main__ import main
from betavae_core.commands.fid import AllRuns
from betavae_core.commands.progress import Silent
from betavae_core.scoring.distances import distance_observer
from betavae_core.store import Run


def verb(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(list(arguments))
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def test_the_verb_fid(built: list[str], small_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["fid", str(small_run.path), "--features", "coarse", "--images", "100"]
    command += ["--reference-images", "200"]
    status, out, err = verb(capsys, *command)
    assert status == 0
    assert "reconstructions: FD (tiles)" in out
    assert "samples: FD (tiles)" in out
    assert "100 images against 200" in out
    assert "2,048" in err
    status, out, _ = verb(capsys, *command, "--json")
    assert status == 0
    found = json.loads(out)
    assert [r["settings"]["kind"] for r in found] == ["reconstructions", "samples"]
    assert [r["run"] for r in found] == [small_run.name] * 2


def test_a_run_that_cannot_be_measured_does_not_stop_the_others(
    built: list[str], small_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a dataset whose file is not here; what could be measured is, and the status says so."""
    foreign = small_run.path.parent / "foreign"
    shutil.copytree(small_run.path, foreign)
    config = replace(small_run.config, source="official")
    (foreign / store.CONFIG).write_text(config.to_json())
    command = ["fid", str(foreign), str(small_run.path), "--features", "coarse"]
    command += ["--images", "50", "--reference-images", "60", "--json"]
    status, out, err = verb(capsys, *command)
    assert status == 2
    assert [r["run"] for r in json.loads(out)] == [small_run.name] * 2
    assert "data fetch 2dshapes" in err


def test_one_stage_for_all_runs() -> None:
    said: list[tuple[str, int, int]] = []

    class Shown(Silent):
        def __call__(self, what: str, done: int, total: int, **more: Any) -> None:
            assert what == "made images"
            said.append((more["about"], done, total))

    stage = AllRuns(Shown(), 2, 2)
    for kind in ("reconstructions", "samples"):
        stage.made(kind, 0, 8)
        stage.made(kind, 8, 8)
    stage.next_run()
    stage.made("samples", 4, 8)  # of this one the reconstructions were there
    assert said == [
        ("made images, run 1 of 2, reconstructions", 0, 32),
        ("made images, run 1 of 2, reconstructions", 8, 32),
        ("made images, run 1 of 2, samples", 8, 32),
        ("made images, run 1 of 2, samples", 16, 32),
        ("made images, run 2 of 2, samples", 20, 32),
    ]


def test_few_images_are_warned_about_as_many_as_there_are(
    built: list[str], own_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten thousand are asked for, and the dataset has 40; the warning is said once."""
    command = ["fid", str(own_run.path), str(own_run.path), "--features", "coarse"]
    status, _, err = verb(capsys, *command)
    assert status == 0, err
    assert err.count("40 images are fewer than 2,048") == 1


def test_the_last_line_tells_what_failed(
    built: list[str], own_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """For a page that shows only that; the run that could be measured comes after it."""
    command = ["fid", "nothing", str(own_run.path), "--features", "coarse"]
    status, _, err = verb(capsys, *command, "--images", "20")
    assert status == 2
    last = err.splitlines()[-1]
    assert last.startswith("1 of 2 runs could not be measured: There is no run")


def test_the_verb_fid_refuses_in_one_sentence(
    built: list[str], small_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, named in (
        (["fid"], "one or more runs"),
        (["fid", "nothing"], "nothing"),
        (["fid", str(small_run.path), "--kind", "pictures"], "reconstructions, samples"),
        (["fid", str(small_run.path), "--features", "coarse", "--images", "1"], "three or more"),
    ):
        status, out, err = verb(capsys, *arguments)
        assert status == 2
        assert out == ""
        assert named in err


def test_training_with_distances(
    built: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    quick = partial(distance_observer, features="coarse", reference_images=60)
    monkeypatch.setattr("betavae_core.commands.train.distance_observer", quick)
    common = ["--out", str(tmp_path), "--images", "128", "--latents", "3", "--name", "short"]
    status, _, err = verb(capsys, "train", *common, "--distances", "1")
    assert status == 2
    assert "two or more" in err
    status, _, err = verb(capsys, "train", *common, "--distances", "30", "--device", "cpu")
    assert status == 0, err
    seen = [r for r in store.read_history(tmp_path / "short")[0] if "distances" in r]
    assert [r["images"] for r in seen] == [64, 128]
