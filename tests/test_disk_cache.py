"""One-time work on disk: resumed, shared between processes, never half-done."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from betavae_core.disk_cache import prepared
from tests.oracles import left_in, one_sentence
from tests.waiting import until

ROWS = np.arange(60, dtype=np.uint8).reshape(20, 3)


class Maker:
    """Yields ROWS two at a time and remembers where it was asked to start."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.starts: list[int] = []
        self.stop_at = stop_at

    def __call__(self, start: int) -> Iterator[np.ndarray]:
        self.starts.append(start)
        for row in range(start, len(ROWS), 2):
            if row == self.stop_at:
                raise KeyboardInterrupt
            yield ROWS[row : row + 2]


def make(blocks: Any, progress: Any = None) -> np.ndarray:
    return prepared("numbers", (20, 3), np.uint8, blocks, title="Numbers", progress=progress)


def test_it_is_made_once(own_folders: dict[str, Path]) -> None:
    blocks = Maker()
    seen: list[tuple[str, int, int]] = []
    first = make(blocks, lambda *news: seen.append(news))
    assert (first == ROWS).all()
    assert isinstance(first, np.memmap)
    assert (make(blocks) == ROWS).all()
    assert blocks.starts == [0]
    assert seen[0] == ("Numbers", 0, 20)
    assert seen[-1] == ("Numbers", 20, 20)
    assert [p.name for p in left_in(own_folders["CACHE"])] == ["numbers.npy"]


def test_interrupted_work_goes_on_where_it_was() -> None:
    with pytest.raises(KeyboardInterrupt):
        make(Maker(stop_at=8))
    blocks = Maker()
    assert (make(blocks) == ROWS).all()
    assert blocks.starts == [8]


@pytest.mark.parametrize(("kept", "start"), [(1.0, 8), (0.99, 7), (0.1, 0), (0.0, 0)])
def test_a_torn_part_is_cut_behind_its_last_whole_row(
    kept: float, start: int, own_folders: dict[str, Path]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        make(Maker(stop_at=8))
    part = own_folders["CACHE"] / "numbers.part"
    data = part.read_bytes()
    part.write_bytes(data[: int(kept * len(data))])
    starts: list[int] = []

    def blocks(first: int) -> Iterator[np.ndarray]:
        starts.append(first)
        yield ROWS[first:]

    assert (make(blocks) == ROWS).all()
    assert starts == [start]


def test_what_is_not_the_array_is_made_anew(own_folders: dict[str, Path]) -> None:
    make(Maker())
    for wrong in (b"", b"rubbish", (own_folders["CACHE"] / "numbers.npy").read_bytes()[:-1]):
        (own_folders["CACHE"] / "numbers.npy").write_bytes(wrong)
        assert (make(Maker()) == ROWS).all()


def test_an_error_of_the_source_leaves_nothing(own_folders: dict[str, Path]) -> None:
    def blocks(start: int) -> Iterator[np.ndarray]:
        yield ROWS[:4]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make(blocks)
    assert left_in(own_folders["CACHE"]) == []


def test_writing_to_the_array_does_not_reach_the_disk() -> None:
    make(Maker())[:] = 0
    assert (make(Maker()) == ROWS).all()


def test_too_small_a_disk_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, own_folders: dict[str, Path]
) -> None:

    class Usage:
        free = 10

    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage)
    with one_sentence("No space left", str(own_folders["CACHE"]), "BETAVAE_CACHE"):
        make(Maker())


def _slow(start: int) -> Iterator[np.ndarray]:
    for row in range(start, len(ROWS)):
        time.sleep(0.05)
        with open(os.environ["MADE"], "a") as file:
            file.write(f"{row}\n")
        yield ROWS[row : row + 1]


def _make_slowly(results: Any) -> None:
    results.put(bool((make(_slow) == ROWS).all()))


def test_two_processes_share_the_work_and_a_killed_one_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is killed in the middle; of two others that want the array, one goes on."""
    made = tmp_path / "made"
    monkeypatch.setenv("MADE", str(made))
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    first = context.Process(target=_make_slowly, args=(results,))
    first.start()
    until(lambda: made.exists() and len(made.read_text().splitlines()) >= 5)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    first.join()
    others = [context.Process(target=_make_slowly, args=(results,)) for _ in range(2)]
    for process in others:
        process.start()
    assert [results.get(timeout=30), results.get(timeout=30)] == [True, True]
    for process in others:
        process.join()
    rows = [int(row) for row in made.read_text().splitlines()]
    assert sorted(set(rows)) == list(range(20))
    assert len(rows) < 30, "every row twice: the work was not shared"
