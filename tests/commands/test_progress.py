"""What a verb tells on stderr while it works: a bar, records, or nothing."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from betavae_core.__main__ import main
from betavae_core.commands.progress import Bar, Records
from betavae_core.commands.sweep_progress import show_sweep
from betavae_core.store import create_run
from betavae_core.training.jobs import planned
from betavae_core.training.steering import steer
from pages._ui.background import Work
from tests.oracles import small_config

SMALL = ["--device", "cpu", "--images", "320", "--batch-size", "32", "--latents", "3"]
Output = pytest.CaptureFixture[str]


def records(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_log_file_gets_a_line_per_step(capsys: Output) -> None:
    show = Bar(step=25)
    for done in range(9):
        show("images", done, 8)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split("%")[0].split()[-1] for line in lines] == ["0", "25", "50", "75", "100"]
    assert all(line.endswith("images") or "images " in line for line in lines)


def test_records_of_one_work_are_a_second_apart(
    capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("betavae_core.commands.progress.time.monotonic", lambda: clock[0])
    show = Records()
    for done in range(11):
        clock[0] = 5 + 0.3 * done
        show("images", done, 10, kl=[1.0])
    show("codes", 0, 3)
    told = records(capsys.readouterr().err)
    assert [(each["what"], each["done"]) for each in told] == [
        ("images", 0), ("images", 4), ("images", 8), ("images", 10), ("codes", 0),
    ]  # fmt: skip
    assert told[0] == {
        "event": "progress", "what": "images", "done": 0, "total": 10, "kl": [1.0],
    }  # fmt: skip


def test_a_training_as_records(capsys: Output, tmp_path: Path) -> None:
    arguments = ["train", *SMALL, "--runs", str(tmp_path), "--name", "mine", "--progress", "json"]
    assert main(arguments) == 0
    output = capsys.readouterr()
    assert output.out.strip() == str(tmp_path / "mine")
    told = records(output.err)
    last = [each for each in told if each["event"] == "progress" and each["what"] == "mine"][-1]
    assert (last["done"], last["total"]) == (320, 320)
    history = [json.loads(line) for line in (tmp_path / "mine/history.jsonl").open()]
    final = [each for each in history if "nll" in each][-1]
    assert (last["nll"], last["kl"]) == (final["nll"], final["kl"])
    says = [str(each["message"]) for each in told if each["event"] == "message"]
    assert any(text.startswith("Done: reconstruction") for text in says)


def test_a_refusal_as_a_record(capsys: Output, tmp_path: Path) -> None:
    assert main(["evaluate", "nothing", "--runs", str(tmp_path), "--progress", "json"]) == 2
    (told,) = records(capsys.readouterr().err)
    assert told["event"] == "error"
    assert "nothing" in str(told["message"])


def test_nothing_but_errors(capsys: Output, tmp_path: Path) -> None:
    arguments = ["train", *SMALL, "--runs", str(tmp_path), "--progress", "none"]
    assert main(arguments) == 0
    assert capsys.readouterr().err == ""
    assert main(arguments) == 2
    assert capsys.readouterr().err.strip().endswith(".")


def test_the_dashboard_reads_the_last_record() -> None:
    """Though a library's warning, a cut line and other JSON stand between and after."""
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    process.wait()
    with tempfile.TemporaryFile() as log:
        work = Work(process, log)
        assert work.last("progress") == {}
        assert work.failure() == "its process ended with status 3."
        log.write(
            b'{"event": "progress", "what": "codes", "done": 1, "total": 4}\n'
            b"UserWarning: low on memory\n[1, 2]\n"
            b'{"event": "error", "message": "No space is left."}\n{"event": "prog'
        )
        log.flush()
        assert work.last("progress")["done"] == 1
        assert work.failure() == "No space is left."


def test_a_sweep_names_what_is_paused_and_how_it_goes_on(capsys: Output, tmp_path: Path) -> None:
    state = planned([small_config(seed=1), small_config(seed=2)])
    for job in state.jobs:
        job.status = "running"
        create_run(tmp_path / job.name, job.config)
    steer(tmp_path / state.jobs[1].name, state="pause")
    show_sweep(Records(), state, tmp_path)
    show_sweep(Bar(), state, tmp_path)
    record, line = capsys.readouterr().err.splitlines()
    assert [run["status"] for run in json.loads(record)["under_way"]] == ["running", "paused"]
    assert line.endswith(f"paused until: steer {tmp_path / state.jobs[1].name} --go-on")
