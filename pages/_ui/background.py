"""Work that takes minutes, in a separate process: it outlives a reload of the page, can be
cancelled, and keeps finished results on disk. One process per key, shared by all visitors."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import streamlit as st

from betavae_core.paths import cache_root
from pages._ui.mode import ONLY_LOOKING, read_only
from pages._ui.style import plain

TAIL = 20_000  # bytes of the log that are read for its last record


@dataclass
class Work:
    """A verb that is running or has ended."""

    process: subprocess.Popen[bytes]
    log: IO[bytes]
    started: float = field(default_factory=time.monotonic)
    stage: tuple[str, float, float] = ("", 0.0, 0.0)  # name, first share, its time
    reached: float = 0.0  # the latest share

    def seconds_left(self, stage: str, share: float) -> float | None:
        """The remaining seconds of the present stage at the rate so far; None before a
        measurement. A falling share begins a new stage."""
        now = time.monotonic()
        if stage != self.stage[0] or share < self.reached:
            self.stage = (stage, share, now)
        self.reached = share
        _, first, when = self.stage
        return (1 - share) * (now - when) / (share - first) if share > first else None

    def last(self, *events: str) -> dict[str, Any]:
        """Its last record of one of these events ("progress", "message", "error"); {} before."""
        size = os.fstat(self.log.fileno()).st_size
        tail = os.pread(self.log.fileno(), TAIL, max(0, size - TAIL)).decode(errors="replace")
        for line in reversed(tail.splitlines()):
            with suppress(ValueError):  # a library's warning, or an incomplete record
                record = json.loads(line)
                if isinstance(record, dict) and record.get("event") in events:
                    return record
        return {}

    def failure(self) -> str:
        """The reason why it ended, in one sentence."""
        code = self.process.returncode
        return str(self.last("error").get("message") or f"its process ended with status {code}.")


@st.cache_resource
def _running() -> dict[str, Work]:
    return {}


_starting = threading.Lock()  # if two visitors press at once, only one starts it


def _start(key: str, arguments: list[str]) -> None:
    with _starting:
        running = _running()
        before = running.get(key)
        if before is not None and before.process.poll() is None:
            return
        log = tempfile.TemporaryFile(dir=_log_folder())  # noqa: SIM115 (open while it runs)
        process = subprocess.Popen(
            [sys.executable, "-m", "betavae_core", *arguments, "--progress", "json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd=Path(__file__).resolve().parents[2],
            start_new_session=True,
        )
        if before is not None:
            before.log.close()
        running[key] = Work(process, log)


def background(key: str, label: str, arguments: list[str], about: str = "") -> None:
    """A button that starts ``python -m betavae_core`` with `arguments`; while that runs, its
    progress and a button that cancels it. The page is drawn again when it has ended. A read-only
    dashboard starts nothing."""
    if read_only():
        st.caption(ONLY_LOOKING)
        return
    work = _running().get(key)
    if work is not None and work.process.poll() is None:
        _watch(key)
        return
    if st.button(label, key=f"start-{key}", icon=":material/play_arrow:", help=about or None):
        _start(key, arguments)
        st.rerun()
    if work is not None and work.process.returncode not in (0, -15):
        st.error(f"The computation did not finish: {plain(work.failure())}")


def duration(seconds: float) -> str:
    """A duration for people: "40 s", "12 min", "5 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:,.0f} h"


def _log_folder() -> Path:
    folder = cache_root()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@st.fragment(run_every=1.0)
def _watch(key: str) -> None:
    work = _running().get(key)
    if work is None or work.process.poll() is not None:
        st.rerun()
        return
    now = work.last("progress")
    stage = str(now.get("what", "starting"))
    what = str(now.get("about", stage))
    share = now["done"] / max(now["total"], 1) if now else 0.0
    bar, button = st.columns([5, 1], vertical_alignment="center")
    left = work.seconds_left(stage, share)
    time_left = "" if left is None else f"about {duration(left)} left in this step, "
    so_far = duration(time.monotonic() - work.started)
    bar.progress(
        min(share, 1.0), f"{plain(what)} :gray[({share:.0%}, {time_left}{so_far} elapsed)]"
    )
    if button.button("Cancel", key=f"cancel-{key}", width="stretch"):
        os.killpg(work.process.pid, signal.SIGTERM)  # and its child processes
        work.process.wait(10)
        st.rerun()
