"""Many who ask at the same moment: what was checked before an arrival is still true after it."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from betavae_core.errors import InputError
from betavae_core.queue import entries as queue
from betavae_core.queue.entries import (
    Entry,
    add_entry,
    continue_entry,
    entries,
    read_entry,
    set_state,
)
from pages._ui.training import starting
from tests.oracles import small_config

CONFIG = small_config(images=160)
AT_ONCE = 6


def at_once(work: Callable[[int], object]) -> list[str]:
    """`work` in several threads that begin together; the refusals."""
    barrier = Barrier(AT_ONCE)

    def one(number: int) -> str:
        barrier.wait()
        try:
            work(number)
        except InputError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [said for said in pool.map(one, range(AT_ONCE)) if said]


@pytest.fixture(autouse=True)
def slow_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time between a check and what follows, in which others would come."""

    def slowly(root: Path) -> list[Entry]:
        found = entries(root)
        time.sleep(0.05)
        return found

    for module in (queue, starting):
        monkeypatch.setattr(module, "entries", slowly)


def test_one_run_is_added_once(tmp_path: Path) -> None:
    refused = at_once(lambda _: add_entry(tmp_path, CONFIG))
    assert len(refused) == AT_ONCE - 1
    assert len(entries(tmp_path)) == 1


def test_two_entries_of_one_run_do_not_wait_again_together(tmp_path: Path) -> None:
    stopped = []
    for _ in range(AT_ONCE):
        stopped.append(set_state(add_entry(tmp_path, CONFIG), status="stopped"))
    refused = at_once(lambda number: continue_entry(stopped[number]))
    assert len(refused) == AT_ONCE - 1
    assert [read_entry(each.path).state.status for each in stopped].count("waiting") == 1


def test_visitors_who_press_at_once_never_exceed_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("want", "ensure_served"):
        monkeypatch.setattr(starting, name, lambda *_: None)
    monkeypatch.setattr(starting.st, "rerun", lambda: None)
    for seed in range(starting.MOST_OPEN - 3):
        add_entry(tmp_path, replace(CONFIG, seed=1_000 + seed))

    def press(number: int) -> None:
        configs = [replace(CONFIG, seed=number, beta=beta) for beta in (1.0, 2.0)]
        starting._start(tmp_path, configs)

    refused = at_once(press)
    assert len(refused) == AT_ONCE - 1
    assert all("at most" in each for each in refused)
    assert len(entries(tmp_path)) == starting.MOST_OPEN - 1  # both of one visitor
