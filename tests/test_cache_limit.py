"""The limit of the cache folder: what was not used for the longest time goes, the rest stays."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from betavae_core.__main__ import main
from betavae_core.cache_limit import entries, keep_within_limit, limit_bytes
from betavae_core.disk_cache import prepared
from tests.oracles import one_sentence


def blocks(start: int) -> Iterator[np.ndarray]:
    yield np.zeros((1000 - start, 1000), np.uint8)


def made(name: str) -> np.ndarray:
    """A megabyte."""
    return prepared(name, (1000, 1000), np.uint8, blocks, title=name)


def names() -> list[str]:
    return [entry.path.stem for entry in entries()]


def age(cache: Path, name: str, hours: float) -> None:
    then = time.time() - 3600 * hours
    os.utime(cache / f"{name}.npy", (then, then))


@pytest.fixture
def cache(own_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BETAVAE_CACHE_LIMIT", "0.0032")  # three arrays
    return own_folders["CACHE"]


def test_the_longest_unused_goes(cache: Path) -> None:
    for number, name in enumerate("abc"):
        made(name)
        age(cache, name, 10 - number)
    made("a")  # used again
    assert names() == ["b", "c", "a"]
    made("d")
    assert set(names()) == {"c", "a", "d"}


def test_the_newest_stays_even_beyond_the_limit(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BETAVAE_CACHE_LIMIT", "0")
    made("a")
    array = made("b")
    assert names() == ["b"]
    made("c")
    assert names() == ["c"]
    assert (array == 0).all()  # open ones can still be read


def test_what_is_being_made_stays(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made("a")
    (cache / "b.part").write_bytes(bytes(10**6))
    (cache / "b.lock").touch()
    with FileLock(cache / "a.lock"):
        monkeypatch.setenv("BETAVAE_CACHE_LIMIT", "0")
        assert keep_within_limit(cache / "c.npy") == []
    age(cache, "a", 1)
    os.utime(cache / "b.part", (0, 0))
    removed = keep_within_limit(cache / "c.npy")
    assert [entry.path.name for entry in removed] == ["b.part", "a.npy"]


def test_other_files_are_never_touched(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cache / "data").mkdir(parents=True)
    (cache / "data" / "mine.npy").write_bytes(b"x")
    (cache / "overview.json").write_text("{}")
    (cache / "results.npy").write_bytes(b"somebody's own")
    made("a")
    monkeypatch.setenv("BETAVAE_CACHE_LIMIT", "0")
    assert main(["data", "cache", "--clear"]) == 0
    kept = {path.name for path in cache.iterdir() if path.suffix != ".lock"}
    assert kept == {"data", "overview.json", "results.npy"}
    assert (cache / "data" / "mine.npy").exists()


@pytest.mark.parametrize("text", ["much", "-1", "nan", "inf"])
def test_a_limit_that_is_none(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BETAVAE_CACHE_LIMIT", text)
    with one_sentence("BETAVAE_CACHE_LIMIT", "gigabytes", text):
        limit_bytes()


def test_arrays_of_earlier_versions_count_once_they_are_used(cache: Path) -> None:
    """Those had no lock file beside them, by which ours are told from others."""
    made("a")
    (cache / "a.lock").unlink()
    assert names() == []
    made("a")
    assert names() == ["a"]


def test_a_wrong_limit_is_said_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BETAVAE_CACHE_LIMIT", "5 GB")
    started: list[int] = []

    def never(start: int) -> Iterator[np.ndarray]:
        started.append(start)
        yield from blocks(start)

    with one_sentence("BETAVAE_CACHE_LIMIT", "gigabytes"):
        prepared("a", (1000, 1000), np.uint8, never, title="a")
    assert not started


def test_the_usual_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BETAVAE_CACHE_LIMIT", raising=False)
    assert limit_bytes() == 5_000_000_000


def test_the_verb_lists_and_clears(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made("a")
    made("b")
    capsys.readouterr()
    assert main(["data", "cache", "--json"]) == 0
    about = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in about["arrays"]] == ["a.npy", "b.npy"]
    assert about["bytes"] == sum(each["bytes"] for each in about["arrays"])
    assert about["limit"] == 3_200_000
    assert about["folder"] == str(cache)
    with FileLock(cache / "b.lock"):
        assert main(["data", "cache", "--clear"]) == 0
    said = capsys.readouterr().out
    assert "Removed: 1 arrays, 1 MB." in said
    assert "b.npy" in said
    assert names() == ["b"]


def test_a_folder_that_is_not_there_is_empty(own_folders: dict[str, Path]) -> None:
    assert entries() == []
    assert main(["data", "cache"]) == 0
