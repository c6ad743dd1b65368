"""What trains at the moment can be read, and what is gone is told from it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from betavae_core.__main__ import main
from betavae_core.training import under_way
from betavae_core.training.engines.cluster import folder_token
from betavae_core.training.under_way import (
    FOLDER,
    SILENCE,
    RunUnderWay,
    commands_under_way,
    publishing,
)
from tests.oracles import one_sentence

RUN = RunUnderWay("a", "running", 20, 100, 4.0, 20.0)


def left_by(root: Path, name: str, **changes: Any) -> Path:
    """A file as a command would have left it."""
    with publishing(root, "sweep") as publish:
        publish([RUN], 20.0)
        (file,) = (root / FOLDER).iterdir()
        content = json.loads(file.read_text()) | changes
    path = root / FOLDER / name
    path.write_text(json.dumps(content))
    return path


def own_name(host: str | None = None, pid: int | None = None, start: int | None = None) -> str:
    """A file name of this process, or of one that differs from it."""
    host = under_way._host() if host is None else host
    pid = os.getpid() if pid is None else pid
    start = under_way.process_start(pid) if start is None else start
    return f"{host}-{pid}-{start}-0123abcd.json"


def dead_pid() -> int:
    """The number of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_a_command_is_seen_while_it_runs(tmp_path: Path) -> None:
    before = time.time()
    with publishing(tmp_path, "sweep") as publish:
        assert commands_under_way(tmp_path) == []
        failed = RunUnderWay("b", "failed", 7, 100, reason="Its loss became NaN.", node="lab-3")
        publish([RUN, failed], 20.0)
        (command,) = commands_under_way(tmp_path)
    assert (command.verb, command.pid, command.seconds_left) == ("sweep", os.getpid(), 20.0)
    assert before <= command.began <= time.time()
    assert command.runs == [RUN, failed]
    assert commands_under_way(tmp_path) == []
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_a_folder_of_runs_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    with publishing(root, "train") as publish:
        publish([RUN], None)
        assert not root.exists()
        root.mkdir()
        publish([RUN], None)
        (command,) = commands_under_way(root)
    assert command.runs == [RUN]


def test_a_command_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with publishing(tmp_path, "zoo") as publish:
            publish([RUN], None)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_several_commands_are_told_apart(tmp_path: Path) -> None:
    with publishing(tmp_path, "zoo") as first, publishing(tmp_path, "train") as second:
        first([RUN], None)
        second([RUN, RUN], 1.0)
        assert [(c.verb, len(c.runs)) for c in commands_under_way(tmp_path)] == [
            ("zoo", 1),
            ("train", 2),
        ]


def test_it_is_written_about_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with publishing(tmp_path, "train") as publish:
        publish([RUN], 20.0)
        publish([], 10.0)
        assert commands_under_way(tmp_path)[0].seconds_left == 20.0
        monkeypatch.setattr(publish, "due", 0.0)
        publish([], 5.0)
        assert commands_under_way(tmp_path)[0].seconds_left == 5.0


@pytest.mark.parametrize("of", ["command", "token"])
def test_a_long_pause_is_no_death_on_another_machine(
    of: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No news for longer than `SILENCE`: as long as the process lives, its file is fresh."""
    monkeypatch.setattr(under_way, "BEAT", 0.05)
    monkeypatch.setattr(under_way, "SILENCE", 0.5)
    here = under_way._host()

    def stays() -> bool:
        """Whether a machine elsewhere, after a long silence, still sees it."""
        time.sleep(1.0)
        monkeypatch.setattr(under_way, "_host", lambda: "elsewhere")
        under_way.remove_stale(tmp_path)
        there = len(list((tmp_path / FOLDER).iterdir())) == 1
        monkeypatch.setattr(under_way, "_host", lambda: here)
        return there

    if of == "command":
        with publishing(tmp_path, "train") as publish:
            publish([RUN], 20.0)
            assert stays()
        with publishing(tmp_path, "train") as publish:
            publish([RUN], 20.0)
            monkeypatch.setattr(under_way, "SILENCE", -1.0)
            assert not stays()  # what is really silent does not
    else:
        with folder_token(tmp_path):
            assert stays()
    assert list((tmp_path / FOLDER).iterdir()) == []


@pytest.mark.parametrize(
    ("name", "age", "stale"),
    [
        (lambda: own_name(), 1e6, False),  # it lives, however long it is silent
        (lambda: own_name(pid=dead_pid()), 0, True),
        (lambda: own_name(start=1), 0, True),  # its number was given to this process
        (lambda: own_name(host="elsewhere", pid=1), 0, False),
        (lambda: own_name(host="elsewhere", pid=1), SILENCE + 60, True),
        (lambda: own_name(host="with-dashes-2", pid=dead_pid()), 0, False),
    ],
    ids=["lives", "dead", "number reused", "elsewhere", "elsewhere, silent", "dashes"],
)
def test_what_is_gone_is_passed_over_and_removed(
    name: Callable[[], str], age: float, stale: bool, tmp_path: Path
) -> None:
    file = left_by(tmp_path, name())
    os.utime(file, (time.time() - age,) * 2)
    assert [c.verb for c in commands_under_way(tmp_path)] == ([] if stale else ["sweep"])
    assert file.exists()  # reading changes nothing
    with publishing(tmp_path, "train"):
        assert file.exists() is not stale


@pytest.mark.parametrize(
    "changes",
    [
        {"verb": 3},
        {"pid": -1},
        {"began": "now"},
        {"runs": "all"},
        {"runs": [{"name": "a"}]},
        {"seconds_left": float("nan")},
        {"runs": [{"name": "a", "status": "running", "images": True, "budget": 3}]},
        {"more": 1},
    ],
    ids=str,
)
def test_what_no_command_writes_is_passed_over(changes: dict[str, Any], tmp_path: Path) -> None:
    left_by(tmp_path, own_name(), **changes)
    assert commands_under_way(tmp_path) == []


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_a_damaged_file_is_passed_over(text: str, tmp_path: Path) -> None:
    left_by(tmp_path, own_name()).write_text(text)
    (tmp_path / FOLDER / "notes.json").write_text("not ours")
    assert commands_under_way(tmp_path) == []
    with publishing(tmp_path, "train"):
        assert (tmp_path / FOLDER / "notes.json").exists()


def test_half_a_file_of_a_killed_command_is_removed(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    half = tmp_path / FOLDER / f".{own_name(pid=dead_pid())}-x1y2z3.part"
    half.write_text('{"verb"')
    with publishing(tmp_path, "train"):
        assert not half.exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(unwritable: Path) -> None:
    with one_sentence(str(unwritable)), publishing(unwritable, "train"):
        pass


@pytest.mark.slow
def test_train_is_seen_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every state that the verb publishes, as a page would read it at that moment."""
    seen = []
    write = under_way.write_atomically

    def written(path: Path, data: bytes) -> None:
        write(path, data)
        seen.extend(commands_under_way(tmp_path))

    monkeypatch.setattr(under_way, "write_atomically", written)
    monkeypatch.setattr(under_way, "INTERVAL", 0.0)
    monkeypatch.setattr(under_way, "SHARE", float("inf"))
    arguments = ["--images", "640", "--batch-size", "64", "--latents", "3", "--device", "cpu"]
    assert main(["train", *arguments, "--model", "mlp", "--name", "a", "--out", str(tmp_path)]) == 0
    assert {command.verb for command in seen} == {"train"}
    runs = [run for command in seen for run in command.runs]
    assert {(run.name, run.budget) for run in runs} == {("a", 640)}
    assert [run.status for run in runs] == ["waiting"] + ["running"] * 10
    assert [run.images for run in runs] == [0, *range(64, 641, 64)]
    assert all(run.rate > 0 for run in runs[2:])
    assert runs[-1].seconds_left == 0
    assert commands_under_way(tmp_path) == []
