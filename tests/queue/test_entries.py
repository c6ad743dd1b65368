"""The entries of the queue on disk, and what is refused before anything waits."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from betavae_core.errors import InputError
from betavae_core.queue.asking import ask_for, ask_for_fork
from betavae_core.queue.entries import (
    FOLDER,
    STATE,
    WANTED,
    Busy,
    add_entry,
    continue_entry,
    entries,
    find_entry,
    held,
    read_entry,
    set_state,
    settle_stop,
    stop_entry,
)
from betavae_core.queue.supervisor import serve
from betavae_core.queue.worker import work_on
from betavae_core.store import list_runs, load_run, sole_writer
from betavae_core.training.loop import train
from betavae_core.training.steering import steer
from tests.oracles import one_sentence, small_config, train_small

CONFIG = small_config(images=160)
MINI = small_config(dataset="sprites-mini", channels=None, image_size=None, images=160)


def test_entries_are_in_the_order_of_arrival_and_hidden_from_lists_of_runs(tmp_path: Path) -> None:
    added = [add_entry(tmp_path, replace(CONFIG, seed=seed)) for seed in (3, 1, 2)]
    assert [entry.config.seed for entry in entries(tmp_path)] == [3, 1, 2]
    assert [entry.state.status for entry in entries(tmp_path)] == ["waiting"] * 3
    assert read_entry(added[0].path) == added[0]
    assert find_entry(tmp_path, replace(CONFIG, seed=1).run_id).id == added[1].id
    assert list_runs(tmp_path) == []
    assert list((tmp_path / FOLDER).glob(".*")) == []


def test_the_same_run_is_not_added_twice(tmp_path: Path) -> None:
    entry = add_entry(tmp_path, CONFIG)
    with one_sentence("in the queue already"):
        add_entry(tmp_path, CONFIG)
    set_state(entry, status="failed")
    add_entry(tmp_path, CONFIG)


def test_a_waiting_entry_is_stopped_at_once_and_can_wait_again(tmp_path: Path) -> None:
    entry = add_entry(tmp_path, CONFIG)
    stop_entry(entry)
    assert read_entry(entry.path).state.status == "stopped"
    continue_entry(entry)
    assert read_entry(entry.path).state.status == "waiting"
    assert read_entry(entry.path).asked_to_stop == ""


def test_one_that_is_worked_on_is_only_asked(tmp_path: Path) -> None:
    entry = add_entry(tmp_path, CONFIG)
    with held(entry):
        stop_entry(entry)
        assert read_entry(entry.path).state.status == "waiting"
        assert read_entry(entry.path).asked_to_stop == "stop"
        with pytest.raises(Busy):
            continue_entry(entry)


@pytest.mark.parametrize("made", [True, False])
def test_only_a_run_that_the_queue_made_is_discarded(made: bool, tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, stop=lambda: True)
    entry = set_state(add_entry(tmp_path, CONFIG), made=made)
    stop_entry(entry, discard=True)
    assert read_entry(entry.path).state.status == "discarded"
    assert (tmp_path / CONFIG.run_id).exists() == (not made)


def test_a_run_that_another_process_trains_is_not_discarded(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, stop=lambda: True)
    entry = set_state(add_entry(tmp_path, CONFIG), made=True)
    with sole_writer(entry.run):
        stop_entry(entry, discard=True)
    state = read_entry(entry.path).state
    assert (state.status, entry.run.exists()) == ("stopped", True)
    assert "another process trains it" in state.reason
    stop_entry(entry, discard=True)
    assert not entry.run.exists()


@pytest.mark.parametrize("status", ["waiting", "stopped", "failed", "finished"])
def test_a_finished_run_is_not_discarded(status: str, tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG)
    entry = set_state(add_entry(tmp_path, CONFIG), status=status, made=True)
    with one_sentence(CONFIG.run_id, "finished"):
        stop_entry(entry, discard=True)
    assert read_entry(entry.path).state == entry.state
    assert read_entry(entry.path).asked_to_stop == ""
    assert load_run(entry.run).status == "finished"


def test_a_run_that_finished_before_its_worker_could_discard_it_is_kept(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, stop=lambda: True)
    entry = set_state(add_entry(tmp_path, CONFIG), made=True)
    with held(entry):
        stop_entry(entry, discard=True)
        train_small(tmp_path, CONFIG, resume=True)
        settle_stop(entry)
    state = read_entry(entry.path).state
    assert (state.status, load_run(entry.run).status) == ("finished", "finished")
    assert "before it could be discarded" in state.reason


@pytest.mark.parametrize("discard", [True, False])
@pytest.mark.parametrize("status", ["finished", "discarded"])
def test_what_has_ended_is_not_ended_again(status: str, discard: bool, tmp_path: Path) -> None:
    entry = set_state(add_entry(tmp_path, CONFIG), status=status, made=True)
    with one_sentence(f"is {status}"):
        stop_entry(entry, discard)


@pytest.mark.parametrize("status", ["finished", "discarded"])
def test_what_has_ended_is_not_continued(status: str, tmp_path: Path) -> None:
    entry = set_state(add_entry(tmp_path, CONFIG), status=status)
    with one_sentence("nothing to continue"):
        continue_entry(entry)
    assert read_entry(entry.path).state.status == status


def test_a_run_that_is_in_the_queue_again_is_not_continued_by_an_older_entry(
    tmp_path: Path,
) -> None:
    older = set_state(add_entry(tmp_path, CONFIG), status="stopped")
    add_entry(tmp_path, CONFIG)
    with one_sentence("in the queue already"):
        continue_entry(older)


@pytest.mark.parametrize(
    ("file", "change"),
    [
        (STATE, {"deaths": "3"}),
        (STATE, {"pid": None}),
        (WANTED, {"snapshots": "9"}),
        (WANTED, {"parent": 4}),
        (
            WANTED,
            {"config": {"dataset": "../a", "channels": 1, "image_size": 64, "source": "own"}},
        ),
    ],
)
def test_an_altered_entry_is_no_entry(file: str, change: dict[str, Any], tmp_path: Path) -> None:
    entry = add_entry(tmp_path, CONFIG)
    data = json.loads((entry.path / file).read_text())
    (entry.path / file).write_text(json.dumps(data | change))
    with one_sentence(""):
        read_entry(entry.path)
    assert entries(tmp_path) == []


def test_damaged_entries_are_left_out(tmp_path: Path) -> None:
    good, bad = add_entry(tmp_path, CONFIG), add_entry(tmp_path, replace(CONFIG, seed=1))
    (bad.path / STATE).write_text("{")
    (tmp_path / FOLDER / "empty").mkdir()
    assert [entry.id for entry in entries(tmp_path)] == [good.id]
    with one_sentence("no entry of the queue"):
        read_entry(bad.path)
    with one_sentence(good.id):
        find_entry(tmp_path, bad.id)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"images": 0}, "one or more images"),
        ({"beta": None}, "needs a beta"),
        ({"image_size": 32}, "has images (1, 64, 64)"),
        ({"dataset": "mpi3d-real", "source": "official"}, "official file"),
    ],
)
def test_what_makes_no_sense_is_refused(
    changes: dict[str, Any], says: str, tmp_path: Path, own_folders: dict[str, Path]
) -> None:
    if "dataset" in changes:
        changes |= {"channels": None, "image_size": None}
    with one_sentence(says):
        ask_for(tmp_path, replace(CONFIG, **changes))
    assert entries(tmp_path) == []


def test_too_few_snapshots_are_refused(tmp_path: Path) -> None:
    with one_sentence("snapshots", "at least 2", "-1"):
        ask_for(tmp_path, MINI, snapshots=-1)
    assert entries(tmp_path) == []


def test_a_run_whose_folder_is_removed_while_it_trains_fails_with_a_sentence(
    tmp_path: Path,
) -> None:
    entry, said = add_entry(tmp_path, MINI), []

    def remove(line: str) -> None:
        said.append(line)
        if line.startswith("running"):
            shutil.rmtree(entry.run, ignore_errors=True)

    work_on(entry, 1, lambda: False, remove)
    state = read_entry(entry.path).state
    assert state.status == "failed"
    assert state.reason.startswith("Reading or writing failed: No such file or directory (")
    assert str(entry.run) in state.reason
    assert state.reason.endswith("earlier results are kept.")


def test_a_finished_run_is_not_trained_again_and_an_unfinished_one_is_continued(
    tmp_path: Path,
) -> None:
    train_small(tmp_path, CONFIG)
    with one_sentence("trained already"):
        ask_for(tmp_path, CONFIG)
    other = replace(CONFIG, seed=1)
    train_small(tmp_path, other, stop=lambda: True)
    assert ask_for(tmp_path, other).config == other


def steered_run(root: Path) -> None:
    """An unfinished run of `MINI` whose β was changed after 80 images."""
    for record in train(MINI, root, device="cpu"):
        if record.images == 80:
            steer(root / MINI.run_id, beta=40.0)
        if record.images == 120:
            break


def test_a_setting_whose_run_was_steered_is_refused(tmp_path: Path) -> None:
    steered_run(tmp_path)
    with one_sentence("β = 40 after 80 images", "does not count"):
        ask_for(tmp_path, MINI)
    assert entries(tmp_path) == []


def test_a_run_that_was_steered_while_its_setting_waited_is_refused(tmp_path: Path) -> None:
    entry = add_entry(tmp_path, MINI)
    steered_run(tmp_path)
    for _ in range(2):
        work_on(entry, 1, lambda: False, lambda _: None)
        assert read_entry(entry.path).state.status == "failed"
        assert "β = 40 after 80 images" in read_entry(entry.path).state.reason
        continue_entry(read_entry(entry.path))
    assert load_run(entry.run).status == "unfinished"


@pytest.mark.slow
def test_an_entry_goes_on_with_its_run_as_it_was_steered(tmp_path: Path) -> None:
    entry = add_entry(tmp_path, MINI)
    steered_run(tmp_path)
    set_state(entry, status="running", pid=2**22 + 1, made=True)  # its worker was killed
    work_on(entry, 1, lambda: False, lambda _: None)
    assert read_entry(entry.path).state.status == "finished"
    assert load_run(entry.run).config.steered == "β = 40 after 80 images"


@pytest.mark.parametrize(
    ("model", "changes", "says"),
    [
        ("conv", {"latents": 5}, "keeps the model"),
        ("conv", {"model": "mlp"}, "keeps the model"),
        ("conv-multirate", {"seed": 4}, "one β"),
    ],
)
def test_a_fork_with_another_model_is_refused(
    model: str, changes: dict[str, Any], says: str, tmp_path: Path
) -> None:
    config = replace(CONFIG, model=model, beta=None if model == "conv-multirate" else 4.0)
    train_small(tmp_path, config, name="parent", snapshots=3)
    with one_sentence(says):
        ask_for_fork(tmp_path, "parent", 80, **changes)
    assert entries(tmp_path) == []


def test_a_damaged_snapshot_is_not_forked(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="parent", snapshots=3)
    file = tmp_path / "parent" / "snapshots" / "000000000080.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with one_sentence("80"):
        ask_for_fork(tmp_path, "parent", 80, beta=1.0)
    assert entries(tmp_path) == []


def test_forks_are_asked_for_by_their_parents_snapshots(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="parent", snapshots=3)
    entry = ask_for_fork(tmp_path, "parent", 80, beta=1.0)
    assert (entry.parent, entry.after, entry.config.beta) == ("parent", 80, 1.0)
    with pytest.raises(InputError, match="no snapshot"):
        ask_for_fork(tmp_path, "parent", 7)
    assert load_run(tmp_path / "parent").status == "finished"
    assert json.loads((entry.path / "wanted.json").read_text())["after"] == 80


@pytest.mark.slow
def test_a_fork_of_a_run_from_another_folder_is_trained(tmp_path: Path) -> None:
    train_small(tmp_path / "theirs", MINI, name="parent", snapshots=3)
    entry = ask_for_fork(tmp_path / "ours", str(tmp_path / "theirs" / "parent"), 80, beta=1.0)
    work_on(entry, 1, lambda: False, lambda _: None)
    assert read_entry(entry.path).state.status == "finished", read_entry(entry.path).state.reason
    forked = load_run(entry.run)
    assert (forked.config.forked, forked.config.beta) == ("parent after 80", 1.0)
    with one_sentence('There is no run "elsewhere"'):
        ask_for_fork(tmp_path / "ours", "elsewhere", 80)


def test_numbers_without_sense_are_one_sentence(tmp_path: Path) -> None:
    entry = add_entry(tmp_path, CONFIG)
    with one_sentence("threads must be at least 1"):
        work_on(entry, 0, lambda: False, print)
    assert read_entry(entry.path) == entry
    for idle in (float("nan"), -1.0):
        with one_sentence("idle must be"):
            serve(tmp_path, 1, idle=idle)
    with one_sentence("at least one training"):
        serve(tmp_path, 0)
