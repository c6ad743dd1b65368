"""The queue with real processes: a supervisor and workers that are killed, and nothing is lost or
trained twice."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from betavae_core.queue import supervisor
from betavae_core.queue.entries import (
    Entry,
    add_entry,
    continue_entry,
    entries,
    read_entry,
    stop_entry,
)
from betavae_core.queue.supervisor import ensure_served, is_served, serve, start_apart
from betavae_core.store import create_run, load_run, read_history
from betavae_core.training.steering import Wishes, read_wishes, steer
from tests.oracles import one_sentence, small_config, train_small
from tests.training.reading import same_weights
from tests.waiting import until

CONFIG = small_config(dataset="sprites-mini", channels=None, image_size=None, images=4_800)
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}


def seen(entry: Entry) -> int:
    return max((record["images"] for record in read_history(entry.run)[0]), default=0)


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts supervisors; at the end nothing of the queue is left running."""
    started = []

    def start(at_most: int = 1, idle: float = 60.0) -> subprocess.Popen[bytes]:
        arguments = ["--at-most", str(at_most), "--idle", str(idle), "--runs", str(tmp_path)]
        started.append(start_apart(["queue", "serve", *arguments]))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
    for entry in entries(tmp_path):
        if entry.is_worked_on:
            os.kill(entry.state.pid, signal.SIGKILL)


@pytest.mark.slow
def test_killed_worker_and_supervisor_and_every_bit_is_there(
    tmp_path: Path, serving: Callable[..., subprocess.Popen[bytes]]
) -> None:
    entry = add_entry(tmp_path, CONFIG)
    supervisor = serving(at_most=2)  # one thread each, as in this test
    until(lambda: seen(entry) > 100)
    os.kill(read_entry(entry.path).state.pid, signal.SIGKILL)
    until(lambda: read_entry(entry.path).state.deaths == 1)
    until(lambda: read_entry(entry.path).is_worked_on and seen(entry) > 100)
    supervisor.kill()
    supervisor.wait()
    worker = read_entry(entry.path).state.pid
    assert read_entry(entry.path).is_worked_on  # it outlives its supervisor
    serving(at_most=2)
    until(lambda: read_entry(entry.path).state.status == "finished")
    assert read_entry(entry.path).state.pid == worker  # nobody trained beside it
    train_small(tmp_path / "whole", load_run(entry.run).config)
    assert same_weights(entry.run, tmp_path / "whole" / entry.run.name)
    images = [r["images"] for r in load_run(entry.run).history if "nll" in r]
    assert images == sorted(set(images))
    assert "finished" in read_entry(entry.path).log()


@pytest.mark.slow
def test_at_most_one_at_a_time_and_stopping_keeps(
    tmp_path: Path, serving: Callable[..., subprocess.Popen[bytes]]
) -> None:
    first, second = (
        add_entry(tmp_path, replace(CONFIG, seed=seed, images=40_000)) for seed in (1, 2)
    )
    serving()
    until(lambda: seen(first) > 0)
    assert read_entry(second.path).state.status == "waiting"
    stop_entry(first)
    until(lambda: read_entry(first.path).state.status == "stopped")
    assert load_run(first.run).status == "unfinished"
    until(lambda: seen(second) > 0)
    stop_entry(second, discard=True)
    until(lambda: read_entry(second.path).state.status == "discarded")
    assert not second.run.exists()


@pytest.mark.slow
def test_a_paused_training_gives_its_place_to_one_that_waits_and_goes_on_after_it(
    tmp_path: Path, serving: Callable[..., subprocess.Popen[bytes]]
) -> None:
    first = add_entry(tmp_path, replace(CONFIG, seed=1, images=9_600))
    serving()
    until(lambda: seen(first) > 0)
    steer(first.run, state="pause")
    worker = read_entry(first.path).state.pid
    until(lambda: "checkpoint" in {path.stem for path in first.run.iterdir()})
    second = add_entry(tmp_path, replace(CONFIG, seed=2, images=40_000))
    until(lambda: seen(second) > 0)
    one = read_entry(first.path)
    assert (one.state.status, one.state.deaths, one.is_worked_on) == ("waiting", 0, False)
    assert one.why == "It is paused."
    continue_entry(one)  # there is no place for it yet
    images = seen(second)
    until(lambda: seen(second) > images)
    assert not read_entry(first.path).is_worked_on
    steer(second.run, state="pause")
    until(lambda: read_entry(first.path).state.status == "finished")
    assert read_entry(first.path).state.pid != worker
    assert not read_entry(second.path).is_worked_on
    trained = [r["images"] for r in load_run(first.run).history if "nll" in r]
    assert trained == sorted(set(trained))


@pytest.fixture
def falling(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Every worker ends at once; the arguments of each that was started."""
    started: list[list[str]] = []

    def falls(arguments: list[str], output: int, variables: Any) -> subprocess.Popen[bytes]:
        started.append(arguments)
        return subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"], stdout=output)

    monkeypatch.setattr(supervisor, "start_apart", falls)
    return started


def test_a_worker_that_cannot_begin_is_not_started_for_ever(
    tmp_path: Path, falling: list[list[str]]
) -> None:
    entry = add_entry(tmp_path, CONFIG)
    working = supervisor.Supervisor(tmp_path, 1)
    until(lambda: not working.look())
    assert read_entry(entry.path).state.status == "failed"
    assert len(falling) == 3


def test_a_paused_training_whose_process_ends_waits_until_it_is_to_go_on(
    tmp_path: Path, falling: list[list[str]]
) -> None:
    entry = add_entry(tmp_path, CONFIG)
    create_run(entry.run, CONFIG)
    working = supervisor.Supervisor(tmp_path, 1)
    working.look()
    steer(entry.run, state="pause")
    until(lambda: working.look() and not working.started)
    assert [working.look() for _ in range(3)] == [True] * 3
    assert len(falling) == 1
    state = read_entry(entry.path).state
    assert (state.status, state.deaths) == ("waiting", 0)
    assert read_entry(entry.path).why == "It is paused."
    continue_entry(entry)
    assert read_entry(entry.path).why == ""
    until(lambda: not working.look())
    assert read_entry(entry.path).state.status == "failed"
    assert len(falling) == 4


def test_what_was_stopped_in_a_pause_goes_on_when_it_is_continued(
    tmp_path: Path, falling: list[list[str]]
) -> None:
    entry = add_entry(tmp_path, CONFIG)
    create_run(entry.run, CONFIG)
    steer(entry.run, state="pause", beta=2.0)
    stop_entry(entry)
    continue_entry(entry)
    assert read_wishes(entry.run) == Wishes("go", 2.0)
    supervisor.Supervisor(tmp_path, 1).look()
    assert len(falling) == 1


def test_an_entry_that_is_gone_does_not_end_the_supervisor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, entry = add_entry(tmp_path, CONFIG), add_entry(tmp_path, replace(CONFIG, seed=9))
    seen_before = entries(tmp_path)
    (gone.path / "wanted.json").unlink()
    started: list[Entry] = []
    monkeypatch.setattr(supervisor, "entries", lambda _: seen_before)
    monkeypatch.setattr(supervisor.Supervisor, "_start", lambda _, each, gpu: started.append(each))
    assert supervisor.Supervisor(tmp_path, 2).look()
    assert [each.id for each in started] == [entry.id]


@pytest.mark.slow
def test_one_supervisor_at_a_time_outlives_who_asked_for_it(
    tmp_path: Path, serving: Callable[..., subprocess.Popen[bytes]]
) -> None:
    assert not is_served(tmp_path)
    serving()
    until(lambda: is_served(tmp_path))
    ensure_served(tmp_path)
    with one_sentence("Another process works on the queue"):
        serve(tmp_path, 1)


CALLER = """
import sys, time
from pathlib import Path
from typing import Any
from betavae_core.queue.supervisor import ensure_served
ensure_served(Path(sys.argv[1]), 2, idle=0.0)
time.sleep(600)
"""


@pytest.mark.slow
def test_what_a_killed_dashboard_has_started_goes_on(
    tmp_path: Path, serving: Callable[..., subprocess.Popen[bytes]]
) -> None:
    """The page calls `ensure_served`, too; here a process does that is then killed."""
    entry = add_entry(tmp_path, replace(CONFIG, images=1_600))
    caller = subprocess.Popen([sys.executable, "-c", CALLER, str(tmp_path)], env=ENVIRONMENT)
    until(lambda: read_entry(entry.path).is_worked_on)
    caller.kill()
    caller.wait()
    until(lambda: read_entry(entry.path).state.status == "finished")
    assert read_entry(entry.path).state.deaths == 0
    until(lambda: not is_served(tmp_path))
