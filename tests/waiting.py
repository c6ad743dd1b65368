"""Waiting for what another thread or process brings about, however busy the machine is."""

import subprocess
import time
from collections.abc import Callable
from typing import Any

PATIENCE = 300.0  # seconds


def until(done: Callable[[], Any], process: "subprocess.Popen[str] | None" = None) -> None:
    """Return when `done()` is true; fail if it stays false, or if `process`, which was to bring it
    about, has ended before."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert process is None or process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)
