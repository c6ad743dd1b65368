"""A folder of runs that this process may read and not write: one sentence from every verb."""

from pathlib import Path

import pytest

from betavae_core.__main__ import main
from betavae_core.commands import stopping
from betavae_core.queue.asking import ask_for
from betavae_core.queue.entries import add_entry, entries, set_state
from tests.commands.running import Output, refused
from tests.oracles import one_sentence, small_config, train_small
from tests.unprivileged import locked, unprivileged

MINI = ["--preset", "sprites-mini", "--images", "2000", "--seed", "5"]
HALF = small_config(images=160)
WAITING, STOPPED = (small_config(images=160, seed=seed) for seed in (1, 2))


@pytest.fixture(autouse=True)
def no_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a main thread handles signals, and the work is done in another one."""
    monkeypatch.setattr(stopping.signal, "signal", lambda *_: None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    train_small(tmp_path, HALF, name="half", stop=lambda: True, snapshots=2)
    add_entry(tmp_path, WAITING)
    set_state(add_entry(tmp_path, STOPPED), status="stopped")
    return tmp_path


@pytest.mark.parametrize(
    "verb",
    [
        ["queue", "add", *MINI],
        ["queue", "add", "--from", "half", "--after", "0", "--beta", "3"],
        ["queue", "serve", "--idle", "0"],
        ["queue", "clear"],
        ["queue", "clear", STOPPED.run_id],
        ["queue", "cancel", WAITING.run_id],
        ["queue", "cancel", "--discard", WAITING.run_id],
        ["queue", "continue", STOPPED.run_id],
        ["train", *MINI],
        ["train", "--resume", "half"],
        ["train", "--from", "half", "--after", "0", "--beta", "3"],
        ["steer", "half", "--pause"],
        ["steer", "half", "--beta", "3"],
        ["sweep", *MINI, "--beta", "1,2"],
    ],
)
def test_every_verb_that_would_write(verb: list[str], root: Path, capsys: Output) -> None:
    before = entries(root)

    def work() -> None:
        says = refused(capsys, *verb, "--runs", str(root))
        assert says.startswith("Cannot write")
        assert str(root) in says

    with locked(root):
        unprivileged(work)
    assert entries(root) == before


def test_the_queue_of_such_a_folder_is_listed(root: Path, capsys: Output) -> None:
    def work() -> None:
        assert main(["queue", "list", "--runs", str(root)]) == 0

    with locked(root):
        unprivileged(work)
    listed = capsys.readouterr()
    assert WAITING.run_id in listed.out
    assert listed.err == ""


def test_a_folder_without_a_queue_is_refused_before_anything_waits(
    tmp_path: Path, capsys: Output
) -> None:
    def work() -> None:
        assert "Cannot write" in refused(capsys, "queue", "add", *MINI, "--runs", str(tmp_path))

    with locked(tmp_path):
        unprivileged(work)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_cannot_be_written_is_not_put_into_the_queue(root: Path) -> None:
    (root / "half").rename(root / HALF.run_id)

    def work() -> None:
        with one_sentence("Cannot write to", HALF.run_id):
            ask_for(root, HALF)

    before = entries(root)
    with locked(root / HALF.run_id):
        unprivileged(work)
    assert entries(root) == before
