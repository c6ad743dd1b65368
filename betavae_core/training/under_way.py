"""Commands under way: the trainings in progress, for every reader of the folder of runs.

Each command that trains keeps one small file, RUNS/.under-way/HOST-PID-START-RANDOM.json, which is
replaced atomically about once a second and removed at the end:

    {"verb": "sweep", "host": "lab-3", "pid": 4711, "began": 1790000000.0, "seconds_left": 840.0,
     "runs": [{"name": …, "status": …, "images": …, "budget": …, "rate": …, "seconds_left": …,
               "node": …, "reason": …}]}

Its time stamp is renewed every minute while the process lives, whether or not there is news. A file
whose process has ended is stale: readers ignore it, and the next command removes it.
"""

import json
import math
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..store import check_writable, write_atomically
from .jobs import Job, Sweep

FOLDER = ".under-way"
INTERVAL = 1.0  # seconds between two states of a command
SHARE = 0.02  # of the time: the maximum for writing states
BEAT = 60.0  # seconds between two signs of life of a command without news: paused, scoring, slow
SILENCE = 600.0  # seconds of silence after which a command of another machine counts as dead
LARGEST = 16 * 2**20  # maximum bytes read of a file; 12,600 runs take 3 MB


@dataclass(frozen=True)
class RunUnderWay:
    """The progress of one run of a command."""

    name: str
    status: str  # waiting | running | scoring | finished | failed | stopped
    images: int
    budget: int
    rate: float = 0.0  # images/s
    seconds_left: float | None = None  # None: not running, or not measured yet
    node: str = ""  # its machine, if there are several
    reason: str = ""  # why it failed, one sentence


@dataclass(frozen=True)
class Command:
    """One command under way."""

    verb: str  # train | sweep | zoo
    host: str
    pid: int
    began: float  # seconds since 1970
    seconds_left: float | None = None  # for all its runs together
    runs: list[RunUnderWay] = field(default_factory=list)


class Publisher:
    """Writes the state of this process's command; see `publishing`."""

    def __init__(self, root: Path, verb: str) -> None:
        self.verb = verb
        self.file = own_file(root, ".json")
        self.began = time.time()
        self.due = 0.0

    def __call__(self, runs: Sequence[RunUnderWay], seconds_left: float | None) -> None:
        """Write the state, unless the last one is newer than `INTERVAL` and `SHARE` allow, or the
        folder of runs does not exist yet: a refused command makes none."""
        started = time.monotonic()
        if started < self.due or not self.file.parent.parent.exists():
            return
        command = Command(self.verb, _host(), os.getpid(), self.began, seconds_left, list(runs))
        self.file.parent.mkdir(exist_ok=True)
        write_atomically(self.file, json.dumps(asdict(command), ensure_ascii=False).encode())
        done = time.monotonic()
        self.due = done + max(INTERVAL, (done - started) / SHARE)


@contextmanager
def publishing(root: Path, verb: str) -> Iterator[Publisher]:
    """While the block runs, this command is under way in the folder of runs `root`; stale files are
    removed. Raises `InputError` if the folder cannot be written."""
    root = root.absolute()
    check_writable(root)
    check_writable(root / FOLDER)
    if root.exists():
        (root / FOLDER).mkdir(exist_ok=True)
        remove_stale(root)
    publisher = Publisher(root, verb)
    with kept_fresh(publisher.file):
        yield publisher


@contextmanager
def kept_fresh(file: Path) -> Iterator[None]:
    """While the block runs, a file of this process is known to be alive, on other machines too; it
    is removed at the end."""
    ended = threading.Event()
    heart = threading.Thread(target=_beat, args=(file, ended), daemon=True)
    heart.start()
    try:
        yield
    finally:
        ended.set()
        heart.join()
        file.unlink(missing_ok=True)


def _beat(file: Path, ended: threading.Event) -> None:
    """Renew a file's time stamp until the command has ended."""
    while not ended.wait(BEAT):
        with suppress(OSError):  # nothing is published yet, or the disk is away: again next time
            os.utime(file)


def published(states: Iterator[Sweep], root: Path, verb: str) -> Iterator[Sweep]:
    """The states of a sweep, each published when it arrives."""
    with publishing(root, verb) as publish:
        for state in states:
            publish([run_under_way(job) for job in state.jobs], state.seconds_left)
            yield state


def run_under_way(job: Job) -> RunUnderWay:
    budget = job.config.images
    left = (budget - job.images) / job.rate if job.status == "running" and job.rate > 0 else None
    return RunUnderWay(
        job.name, job.status, job.images, budget, job.rate, left, job.node, job.reason
    )


def commands_under_way(root: Path) -> list[Command]:
    """The commands that now train into `root`, the oldest first. Stale, damaged or foreign files
    are ignored: they are news, not records.

    For programs that watch over trainings of other processes, as a page, a notebook or a test
    does; a verb prints the progress of its own trainings and needs no file.
    """
    found = []
    for file in (root / FOLDER).glob("*.json"):
        if not _stale(file) and (command := _read(file)) is not None:
            found.append(command)
    return sorted(found, key=lambda command: command.began)


def own_file(root: Path, suffix: str) -> Path:
    """A new name in the hidden folder that identifies its process, so that it can be removed when
    the process has ended."""
    start = process_start(os.getpid())
    name = f"{_host()}-{os.getpid()}-{start}-{secrets.token_hex(4)}{suffix}"
    return root / FOLDER / name


def remove_stale(root: Path) -> None:
    """Remove the files of ended processes from the hidden folder."""
    for file in (root / FOLDER).iterdir():
        if _stale(file):
            file.unlink(missing_ok=True)


def _stale(file: Path) -> bool:
    """Whether the process of a file has ended: on this machine by its number and start time, on
    another one by its long silence."""
    try:
        silence = time.time() - file.stat().st_mtime
        host, pid, start, _ = file.name.removeprefix(".").split(".")[0].rsplit("-", 3)
        number, ticks = int(pid), int(start)
    except FileNotFoundError:
        return True
    except ValueError:
        return False  # unknown: leave it
    if host != _host():
        return silence > SILENCE
    return not process_lives(number) or process_start(number) != ticks


def _read(file: Path) -> Command | None:
    """A file's content, None if `Publisher` did not write it."""
    try:
        with open(file, "rb") as opened:
            found: dict[str, Any] = json.loads(opened.read(LARGEST))
        runs = [RunUnderWay(**run) for run in found.pop("runs")]
        command = Command(runs=runs, **found)
    except (OSError, ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return None
    return command if _sound(command) else None


def _sound(command: Command) -> bool:
    """Whether every field has its type, with finite, non-negative numbers."""

    def number(value: Any, kind: type | tuple[type, ...] = (int, float)) -> bool:
        plain = isinstance(value, kind) and not isinstance(value, bool)
        return plain and math.isfinite(value) and value >= 0

    texts = [command.verb, command.host]
    numbers = [command.began, command.pid]
    maybe = [command.seconds_left]
    for run in command.runs:
        texts += [run.name, run.status, run.node, run.reason]
        numbers += [run.images, run.budget, run.rate]
        maybe.append(run.seconds_left)
    return (
        all(isinstance(text, str) for text in texts)
        and all(number(value) for value in numbers)
        and all(value is None or number(value) for value in maybe)
    )


def _host() -> str:
    return "".join(c if c.isalnum() else "-" for c in socket.gethostname()) or "here"


def process_lives(pid: int) -> bool:
    """Whether a process with this number runs on this machine."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True  # another user's
    return pid > 0


def process_start(pid: int) -> int:
    """The start time of a process, in clock ticks since the machine's start, which distinguishes it
    from a later one with the same number; 0 if there is none or the system (other than Linux) does
    not provide it."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (OSError, IndexError):
        return 0
