"""steer, and train --from: what they ask of a run, and the one sentence for bad input."""

from pathlib import Path

import pytest

from betavae_core.store import append_history, load_run
from betavae_core.training.steering import CONTROL, Wishes, read_wishes
from tests.commands.running import Output, refused, result
from tests.oracles import small_config, train_small

pytestmark = pytest.mark.usefixtures("quick_scores")
CONFIG = small_config(images=160)


def test_steer(capsys: Output, tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="mine", stop=lambda: True)
    place = ["--runs", str(tmp_path)]
    asked = result(capsys, "steer", "mine", "--beta", "2", "--pause", *place)
    assert (asked["state"], asked["beta"]) == ("pause", 2.0)
    result(capsys, "steer", "mine", "--go-on", "--learning-rate", "0.001", *place)
    assert read_wishes(tmp_path / "mine") == Wishes("go", 2.0, 0.001)
    assert "--pause" in refused(capsys, "steer", "mine", *place)
    assert "beta must be" in refused(capsys, "steer", "mine", "--beta", "-1", *place)
    assert 'no run "yours"' in refused(capsys, "steer", "yours", "--pause", *place)


def test_what_would_never_follow_is_refused(capsys: Output, tmp_path: Path) -> None:
    place = ["--runs", str(tmp_path)]
    train_small(tmp_path, CONFIG, name="whole")
    assert "has ended" in refused(capsys, "steer", "whole", "--beta", "2", *place)
    train_small(tmp_path, CONFIG, name="part", stop=lambda: True)
    append_history(tmp_path / "part", {"images": 8, "nll": 9.0, "stacked": 2})
    assert "in a stack" in refused(capsys, "steer", "part", "--beta", "2", *place)
    assert "in a stack" in refused(capsys, "steer", "part", "--learning-rate", "1e-3", *place)
    assert not list(tmp_path.glob(f"*/{CONTROL}"))
    assert result(capsys, "steer", "part", "--pause", *place)["state"] == "pause"


def test_train_from_a_snapshot(capsys: Output, tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="mine", snapshots=3)
    place = ["--runs", str(tmp_path), "--device", "cpu"]
    made = result(capsys, "train", "--from", "mine", "--after", "80", "--beta", "1", *place)
    run = load_run(made["run"])
    assert (run.status, run.config.beta, run.config.forked) == ("finished", 1.0, "mine after 80")
    assert "above 160" in refused(capsys, "train", "--from", "mine", *place)
    line = refused(capsys, "train", "--from", "mine", "--after", "7", *place)
    assert "no snapshot after 7 images" in line
    assert "--from RUN" in refused(capsys, "train", "--after", "7", *place)
