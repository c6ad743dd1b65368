"""The garbage collector of a server.

After each script run Streamlit collects all generations, which walks every object of torch, pandas
and the caches: a third of the time under load. What survived such a collection is frozen, so
that the next one walks only what came since.
"""

import gc
import time
from typing import Any

SLOW = 0.02  # seconds of a collection from which on its survivors are worth freezing
THAW_SECONDS = 600.0  # between two collections of everything, so that cycles among old objects go


class Collector:
    """Watches the collections of this process; freezes after the slow ones."""

    def __init__(self) -> None:
        self.began = 0.0
        self.thawed = time.monotonic()

    def __call__(self, phase: str, info: dict[str, Any]) -> None:
        """The callback of `gc.callbacks`: garbage is gone when a collection stops, so that what is
        frozen then is in use."""
        if info["generation"] != 2:
            return
        if phase == "start":
            self.began = time.perf_counter()
        elif time.perf_counter() - self.began > SLOW:
            gc.freeze()

    def thaw(self) -> None:
        """Every ten minutes: let the next collection walk everything once."""
        if time.monotonic() - self.thawed > THAW_SECONDS:
            self.thawed = time.monotonic()
            gc.unfreeze()


_collectors: list[Collector] = []  # the one of this process


def keep_collections_short() -> None:
    """Called by app.py at every run of a page."""
    if not _collectors:
        _collectors.append(Collector())
        gc.callbacks.append(_collectors[0])
    _collectors[0].thaw()
