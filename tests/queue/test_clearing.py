"""Entries whose work has ended leave the queue, and their runs stay."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from betavae_core.__main__ import main
from betavae_core.queue import clearing
from betavae_core.queue.asking import ask_for
from betavae_core.queue.clearing import clear, clear_entry
from betavae_core.queue.entries import (
    FOLDER,
    LOCK,
    Busy,
    Entry,
    add_entry,
    entries,
    held,
    set_state,
    stop_entry,
)
from betavae_core.store import load_run
from tests.oracles import one_sentence, small_config, train_small

CONFIG = small_config(dataset="sprites-mini", channels=None, image_size=None, images=160)
STATUSES = ("waiting", "running", "finished", "failed", "stopped", "discarded")


def one_of_each(root: Path) -> dict[str, Entry]:
    return {
        status: set_state(add_entry(root, replace(CONFIG, seed=seed)), status=status)
        for seed, status in enumerate(STATUSES)
    }


def left(root: Path) -> list[str]:
    return [entry.state.status for entry in entries(root)]


def test_what_has_ended_leaves_and_its_run_stays(tmp_path: Path) -> None:
    there = one_of_each(tmp_path)
    train_small(tmp_path, there["finished"].config)
    gone = clear(tmp_path)
    assert gone == [there[status].id for status in ("finished", "failed", "discarded")]
    assert left(tmp_path) == ["waiting", "running", "stopped"]
    assert load_run(there["finished"].run).status == "finished"
    assert not there["failed"].path.exists()
    assert clear(tmp_path / "nothing") == []
    assert not (tmp_path / "nothing").exists()


def test_the_newest_can_be_kept(tmp_path: Path) -> None:
    for seed in range(4):
        set_state(add_entry(tmp_path, replace(CONFIG, seed=seed)), status="failed")
    clear(tmp_path, keep=3)
    assert [entry.config.seed for entry in entries(tmp_path)] == [1, 2, 3]


def test_an_arrival_removes_the_oldest_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "MOST_ENDED", 2)
    one_of_each(tmp_path)
    ask_for(tmp_path, replace(CONFIG, seed=99))
    assert left(tmp_path) == ["waiting", "running", "stopped", "discarded", "waiting"]


def test_one_entry_is_removed_unless_work_is_left(tmp_path: Path) -> None:
    there = one_of_each(tmp_path)
    clear_entry(there["stopped"])
    assert left(tmp_path) == [status for status in STATUSES if status != "stopped"]
    for status in ("waiting", "running"):
        with one_sentence("has work left"):
            clear_entry(there[status])
    with held(there["failed"]), one_sentence("has work left"):
        clear_entry(there["failed"])
    assert len(left(tmp_path)) == len(STATUSES) - 1


def test_an_entry_that_is_gone_stays_gone(tmp_path: Path) -> None:
    """Also for those who have read it before."""
    entry = set_state(add_entry(tmp_path, CONFIG), status="failed")
    clear(tmp_path)
    with pytest.raises(Busy, match="no longer"), held(entry):
        pass
    with one_sentence():
        stop_entry(entry)
    assert not entry.path.exists()


def test_what_a_kill_left_is_removed(tmp_path: Path) -> None:
    entry = set_state(add_entry(tmp_path, CONFIG), status="stopped")
    half = entry.path.with_name(f".{entry.id}x")
    half.mkdir()
    only_a_lock = entry.path.with_name(f"{entry.id}y")
    only_a_lock.mkdir()
    (only_a_lock / LOCK).touch()
    clear(tmp_path)
    assert [path.name for path in (tmp_path / FOLDER).iterdir() if path.is_dir()] == [entry.id]


def test_the_verb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = one_of_each(tmp_path)
    runs = ["--runs", os.fspath(tmp_path), "--json"]
    assert main(["queue", "clear", there["stopped"].id, *runs]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": [there["stopped"].id]}
    assert main(["queue", "clear", *runs]) == 0
    assert len(json.loads(capsys.readouterr().out)["removed"]) == 3
    assert main(["queue", "clear", there["waiting"].id, *runs]) == 2
    assert main(["queue", "cancel", "--discard", there["waiting"].id, *runs]) == 0
    assert left(tmp_path) == ["discarded", "running"]
