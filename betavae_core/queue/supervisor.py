"""The supervisor: starts a process for each waiting entry, at most so many at a time.

A paused training gives its place to one that waits: its process saves and ends, and when it is to
go on, it waits for a place.

The supervisor keeps nothing that is not on disk. One that was killed leaves its workers at work;
the next one sees them by their locks. An entry whose worker was killed waits again, to continue
from the last checkpoint; after three deaths in a row without a new image it has failed.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import InputError, Refusal, wrong_value
from ..store import check_writable, read_history
from ..training.jobs import DEATHS
from .entries import (
    FOLDER,
    LOG,
    OPEN,
    Busy,
    Entry,
    entries,
    held,
    read_entry,
    set_state,
    settle_stop,
)
from .gpus import VISIBLE, free_gpu, usual_number

SERVING = ".serving.lock"
LOOK = 0.5  # seconds between two looks at the queue
IDLE = 60.0  # seconds without work after which the supervisor ends
PATIENCE = 2.0  # seconds: longer than anybody but a supervisor holds its lock
EMPTY: Mapping[str, str] = {}
HOME = Path(__file__).resolve().parents[2]  # so that its processes find this package


@dataclass
class Supervisor:
    """What one supervisor has started."""

    root: Path
    at_most: int
    started: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)  # by entry
    fallen: set[str] = field(default_factory=set)  # entries whose process has ended with an error
    ending: set[int] = field(default_factory=set)  # processes that were asked to give their place

    def look(self) -> bool:
        """Settle what has ended and start what can begin; returns whether there is work left."""
        there = [entry for entry in entries(self.root) if entry.state.status in OPEN]
        for key in [key for key, process in self.started.items() if process.poll() is not None]:
            if self.started.pop(key).returncode:
                self.fallen.add(key)
        busy = [entry for entry in there if self._busy(entry)]
        waiting = [entry for entry in there if entry not in busy]
        room = self.at_most - len(busy)
        ready = [entry for entry in map(self._settled, waiting) if entry is not None]
        paused = [entry for entry in busy if entry.is_paused and entry.is_worked_on]
        for entry in paused[: max(len(ready) - room, 0)]:
            if entry.state.pid not in self.ending:  # a second signal would end it unsaved
                self.ending.add(entry.state.pid)
                os.kill(entry.state.pid, signal.SIGTERM)
        used = [entry.state.gpu for entry in busy]
        for entry in ready[: max(room, 0)]:
            used.append(free_gpu(used))
            self._start(entry, used[-1])
        return bool(there)

    def _busy(self, entry: Entry) -> bool:
        """Whether a process works on it, or was started and will soon."""
        if entry.id in self.started:
            return True
        try:
            with held(entry):
                return False
        except Busy:
            return True

    def _settled(self, entry: Entry) -> Entry | None:
        """An entry that nobody works on, if it is to be started; a death of its worker is
        recorded, also of one that died before it could say that it runs."""
        try:
            with held(entry):
                entry = read_entry(entry.path)
                if entry.asked_to_stop:
                    settle_stop(entry)
                    return None
                if entry.state.status == "running" or entry.id in self.fallen:
                    self.fallen.discard(entry.id)
                    entry = self._died(entry) if entry.state.status in OPEN else entry
        except (InputError, OSError):
            return None  # worked on, removed, or no room to write: the next look tries again
        return entry if entry.state.status == "waiting" and not entry.is_paused else None

    def _died(self, entry: Entry) -> Entry:
        """To be tried again, but not after `DEATHS` ends in a row without a new image; a paused
        training has no new images, so that its end does not count."""
        try:
            images = max((record["images"] for record in read_history(entry.run)[0]), default=0)
        except InputError:
            images = 0  # its worker will report the fault
        before = entry.state
        if entry.is_paused:
            return set_state(entry, status="waiting", died_at=images)
        deaths = 1 if images > before.died_at else before.deaths + 1
        if deaths >= DEATHS:
            reason = f"Its process ended {deaths} times in a row without a new image; see its log."
            return set_state(entry, status="failed", reason=reason, deaths=deaths)
        return set_state(entry, status="waiting", deaths=deaths, died_at=images)

    def _start(self, entry: Entry, gpu: str) -> None:
        if gpu != entry.state.gpu:
            with held(entry):
                entry = set_state(entry, gpu=gpu)
        threads = max(1, (os.cpu_count() or 1) // self.at_most)
        arguments = ["work", entry.id, "--threads", str(threads), "--runs", str(self.root)]
        with open(entry.path / LOG, "ab") as log:
            self.started[entry.id] = start_apart(
                ["queue", *arguments], log.fileno(), {VISIBLE: gpu} if gpu else {}
            )


def serve(
    root: Path,
    at_most: int,
    stop: Callable[[], bool] = lambda: False,
    idle: float = IDLE,
) -> None:
    """Work on the queue of the folder of runs `root` until it has been empty for `idle` seconds or
    `stop`, which leaves the workers at work. Raises `InputError` if another supervisor does, for
    numbers without sense, and if the folder cannot be written."""
    root = root.absolute()
    if at_most < 1:
        raise InputError("A queue needs at least one training at a time.", Refusal.VALUE)
    if not idle >= 0:
        raise wrong_value("idle", "a number of seconds from 0", idle)
    check_writable(root / FOLDER)
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / FOLDER / SERVING)
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout as error:
        raise InputError(
            f"Another process works on the queue of {root} already.", Refusal.BUSY
        ) from error
    try:
        supervisor, busy = Supervisor(root, at_most), time.monotonic()
        while not stop():
            if supervisor.look():
                busy = time.monotonic()
            elif time.monotonic() - busy > idle:
                return
            time.sleep(LOOK)
    finally:
        lock.release()


def is_served(root: Path) -> bool:
    """Whether a supervisor works on the queue."""
    if not (root / FOLDER).is_dir():
        return False
    lock = FileLock(root.absolute() / FOLDER / SERVING)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def ensure_served(root: Path, at_most: int | None = None, idle: float = IDLE) -> None:
    """Start a supervisor (`serve`) as a process of its own, unless one works; it outlives the
    caller."""
    if is_served(root):
        return
    number = usual_number() if at_most is None else at_most
    settings = ["--at-most", str(number), "--idle", str(idle), "--runs", str(root.absolute())]
    start_apart(["queue", "serve", *settings])


def start_apart(
    arguments: list[str], output: int = subprocess.DEVNULL, variables: Mapping[str, str] = EMPTY
) -> subprocess.Popen[bytes]:
    """A verb as a process in a session of its own, which neither the end of this process nor its
    terminal ends. variables: of its environment, beside those of this process."""
    return subprocess.Popen(
        [sys.executable, "-m", "betavae_core", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(HOME), *_given_path()])}
        | dict(variables),
    )


def _given_path() -> list[str]:
    return [path] if (path := os.environ.get("PYTHONPATH")) else []
