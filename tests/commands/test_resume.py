"""Training that stopped: nothing is overwritten, and it goes on where it was."""

import errno
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from betavae_core import store
from betavae_core.__main__ import main
from betavae_core.datasets.rendered import shapes2d
from betavae_core.training.loop import train
from betavae_core.training.steering import steer
from tests.commands.running import SMALL, Output, refused, result
from tests.oracles import small_config, train_small

pytestmark = pytest.mark.usefixtures("quick_scores")


def test_an_existing_run_is_not_overwritten(capsys: Output, tmp_path: Path) -> None:
    config = small_config(images=24)
    train_small(tmp_path, config, name="mine")
    before = {file: file.read_bytes() for file in (tmp_path / "mine").iterdir()}
    line = refused(capsys, "train", *SMALL, "--out", str(tmp_path), "--name", "mine")
    assert str(tmp_path / "mine") in line
    assert "--resume" in line
    assert {file: file.read_bytes() for file in (tmp_path / "mine").iterdir()} == before


@pytest.mark.slow
def test_stopped_by_a_signal_and_resumed(
    capsys: Output, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGINT to ourselves at the third batch: saved, status 0, the command to continue."""
    shown: list[int] = []
    images = shapes2d.Rendered2DShapes._images

    def watched(self: Any, indices: Any) -> Any:
        shown.append(len(indices))
        if len(shown) == 3:
            signal.raise_signal(signal.SIGINT)
        return images(self, indices)

    monkeypatch.setattr(shapes2d.Rendered2DShapes, "_images", watched)
    out = ["--out", str(tmp_path)]
    assert main(["train", *SMALL, *out, "--name", "mine", "--json"]) == 0
    output = capsys.readouterr()
    assert json.loads(output.out)["status"] == "unfinished"
    assert f"train --resume {tmp_path / 'mine'}" in output.err
    printed = result(capsys, "train", "--resume", str(tmp_path / "mine"), "--device", "cpu")
    assert (printed["status"], printed["images"]) == ("finished", 320)
    result(capsys, "train", *SMALL, *out, "--name", "whole")
    mine, whole = ((tmp_path / name / store.WEIGHTS).read_bytes() for name in ("mine", "whole"))
    assert mine == whole


def test_resume_of_a_paused_run_says_why_it_waits(
    capsys: Output, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small_config(images=24)
    train_small(tmp_path, config, name="mine", stop=lambda: True)
    steer(tmp_path / "mine", state="pause")

    def goes_on(*arguments: Any, **options: Any) -> Any:
        steer(tmp_path / "mine", state="go")
        return train(*arguments, **options)

    monkeypatch.setattr("betavae_core.commands.train.train", goes_on)
    assert main(["train", "--resume", str(tmp_path / "mine"), "--device", "cpu"]) == 0
    assert f"mine is paused; it goes on after: steer {tmp_path / 'mine'}" in capsys.readouterr().err


def test_resume_with_other_settings(capsys: Output, tmp_path: Path) -> None:
    train_small(tmp_path, small_config(images=24), name="mine")
    line = refused(capsys, "train", "--resume", str(tmp_path / "mine"), "--beta", "1")
    assert "beta is 4.0 there and 1.0 here" in line


def test_resume_with_a_preset(capsys: Output, tmp_path: Path) -> None:
    train_small(tmp_path, small_config(images=24), name="mine")
    run = str(tmp_path / "mine")
    assert "preset" in refused(capsys, "train", "--resume", run, "--preset", "2dshapes-conv")


def test_a_full_disk_is_one_sentence(
    capsys: Output, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was saved before stays and the run can be resumed."""
    append = store.append_history

    def full(path: Path, record: dict[str, Any]) -> None:
        if record["images"] > 100:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path / store.HISTORY))
        append(path, record)

    run = ["train", *SMALL, "--out", str(tmp_path), "--name", "mine"]
    with monkeypatch.context() as patch:
        patch.setattr(store, "append_history", full)
        assert main(run) == 1
    line = capsys.readouterr().err.splitlines()[-1]
    assert "No space left on device" in line
    assert "--resume" in line
    assert main([*run, "--resume"]) == 0


def test_resume_of_a_run_that_states_no_beta(capsys: Output, tmp_path: Path) -> None:
    """As an imported one may."""
    train_small(tmp_path, small_config(images=24), name="mine")
    config = small_config(images=24, beta=None, origin="elsewhere")
    (tmp_path / "mine" / store.CONFIG).write_text(config.to_json())
    assert "beta" in refused(capsys, "train", "--resume", str(tmp_path / "mine"))
