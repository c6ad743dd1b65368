"""Whether a machine has the memory and the disk space for trainings."""

import shutil
from pathlib import Path

import pytest

from betavae_core.queue import room_left
from betavae_core.queue.asking import ask_for
from betavae_core.queue.entries import entries
from betavae_core.queue.room_left import PROCESS, SPARE, check_room
from tests.oracles import one_sentence, small_config

CONFIG = small_config()


def test_a_machine_without_room_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_left, "available_memory", lambda: 10**6)
    with one_sentence("of memory", "1 MB are free"):
        ask_for(tmp_path, CONFIG)
    monkeypatch.setattr(room_left, "available_memory", lambda: None)
    usage = shutil.disk_usage(tmp_path)._replace(free=10**6)
    monkeypatch.setattr(room_left.shutil, "disk_usage", lambda _: usage)
    with one_sentence("of disk space", "1 MB are free"):
        ask_for(tmp_path, CONFIG)
    assert entries(tmp_path) == []


def test_the_free_memory_is_that_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "meminfo"
    file.write_text("MemTotal: 10 kB\nMemAvailable:  2048 kB\n")
    monkeypatch.setattr(room_left, "MEMINFO", file)
    assert room_left.available_memory() == 2 * 2**20
    monkeypatch.setattr(room_left, "MEMINFO", tmp_path / "none")
    assert room_left.available_memory() is None


def test_trainings_that_are_asked_for_together_must_fit_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory for two processes: four trainings are refused unless only two train at once."""
    race = [small_config(beta=float(beta)) for beta in (1, 2, 4, 8)]
    monkeypatch.setattr(room_left, "available_memory", lambda: int(2.5 * PROCESS))
    for config in race:
        check_room([config], tmp_path)
    with one_sentence("These 4 trainings need", "of memory"):
        check_room(race, tmp_path)
    check_room(race, tmp_path, at_once=2)
    with one_sentence("These 4 trainings need"):
        check_room(race, tmp_path, at_once=3)
    usage = shutil.disk_usage(tmp_path)._replace(free=SPARE + 2 * 10**7)
    monkeypatch.setattr(room_left.shutil, "disk_usage", lambda _: usage)
    check_room(race[:1], tmp_path)
    with one_sentence("These 4 trainings need", "of disk space"):
        check_room(race, tmp_path, at_once=1)
