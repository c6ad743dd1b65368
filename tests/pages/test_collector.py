"""Survivors of slow collections are frozen; garbage never is, and old cycles go in the end."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from pages._ui import collector
from pages._ui.collector import Collector


class Node:
    other: "Node"


def cycle() -> "weakref.ref[Node]":
    """A pair that only the collector can free; returns a way to see whether it has."""
    one, two = Node(), Node()
    one.other, two.other = two, one
    return weakref.ref(one)


@pytest.fixture
def watching(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    monkeypatch.setattr(collector, "SLOW", 0.0)  # every collection counts as slow
    gc.collect()
    found = Collector()
    gc.callbacks.append(found)
    yield found
    gc.callbacks.remove(found)
    gc.unfreeze()
    gc.collect()


def test_survivors_are_frozen_and_garbage_is_not(watching: Collector) -> None:
    garbage, kept = cycle(), [Node()]
    gc.collect(2)
    assert garbage() is None
    assert not any(each is kept for each in gc.get_objects())


def test_young_collections_freeze_nothing(watching: Collector) -> None:
    kept = [Node()]
    gc.collect(0)
    gc.collect(1)
    assert any(each is kept for each in gc.get_objects())


def test_a_quick_collection_freezes_nothing(
    watching: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "SLOW", 60.0)
    kept = [Node()]
    gc.collect(2)
    assert any(each is kept for each in gc.get_objects())


def test_a_cycle_that_was_frozen_goes_after_ten_minutes(
    watching: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [watching.thawed]
    monkeypatch.setattr(collector.time, "monotonic", lambda: now[0])
    kept = Node()
    kept.other = Node()
    kept.other.other = kept
    gc.collect(2)  # in use, so it is frozen
    seen = weakref.ref(kept)
    del kept
    gc.collect(2)
    assert seen() is not None
    now[0] += collector.THAW_SECONDS - 1
    watching.thaw()
    gc.collect(2)
    assert seen() is not None
    now[0] += 2
    watching.thaw()
    gc.collect(2)
    assert seen() is None
