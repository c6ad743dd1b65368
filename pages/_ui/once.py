"""One visitor works, the others wait: when a class opens a page at the same moment, what all of
them need is opened once."""

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

import streamlit as st

_locks: dict[Hashable, threading.RLock] = {}
_guard = threading.Lock()
PATIENCE = 0.3  # seconds of waiting without a word, and between two looks


@contextmanager
def once(key: Hashable, what: str) -> Iterator[None]:
    """Hold the key; whoever comes second waits here and sees that `what` is under way."""
    with _guard:
        lock = _locks.setdefault(key, threading.RLock())
    if not lock.acquire(timeout=PATIENCE):
        place = st.empty()
        place.caption(f":material/hourglass_top: {what} for another visitor …")
        while not lock.acquire(timeout=PATIENCE):
            place.caption(f":material/hourglass_top: {what} for another visitor …")
        place.empty()
    try:
        yield
    finally:
        lock.release()
