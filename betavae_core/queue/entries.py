"""The entries of the queue: RUNS/.queue/<id>/ with what is wanted, how far it is, and its log.

    wanted.json   the run's settings, written once
    state.json    its status, replaced atomically by whoever holds the entry's lock
    stop          there if its worker must end; "discard": and remove the run
    log.txt       what its workers print

The ids are in the order of arrival. Whoever adds one, or lets one wait again, holds the lock of all
arrivals meanwhile, so that what was checked before stays true. An entry's worker holds its lock
while it works, and the system releases the lock when the worker ends, however that happens.
"""

import json
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from filelock import FileLock, Timeout

from ..config import RunConfig
from ..errors import InputError, Refusal, damaged, unknown_name
from ..store import (
    CONFIG,
    BeingTrained,
    check_writable,
    load_run,
    run_name,
    sole_writer,
    write_atomically,
)
from ..training.steering import read_wishes, steer
from ..training.under_way import process_lives, process_start

FOLDER = ".queue"
ARRIVALS = "arrivals.lock"
WANTED, STATE, STOP, LOG, LOCK = "wanted.json", "state.json", "stop", "log.txt", ".lock"
OPEN = ("waiting", "running")  # statuses of entries with work left
CONTINUABLE = ("stopped", "failed")  # statuses of entries that can wait again
SETTLED = ("finished", "discarded")  # statuses of entries that nothing is left to be done with
LOG_TAIL = 20_000  # bytes of a log that are read


class Busy(InputError):
    """Another process holds the entry's lock."""


@dataclass(frozen=True)
class State:
    """How far an entry is."""

    status: str = "waiting"  # waiting | running | finished | failed | stopped | discarded
    reason: str = ""  # why it failed, one sentence
    deaths: int = 0  # of its workers in a row without a new image
    died_at: int = -1  # images at the last of them
    made: bool = False  # whether its worker made the run's folder, so that it may be discarded
    pid: int = 0  # of its worker
    start: int = 0  # and its start time, which distinguishes it from a later process
    gpu: str = ""  # the CUDA device that it may use; "": all, or none is there


@dataclass(frozen=True)
class Entry:
    """One entry as it is on disk."""

    path: Path
    config: RunConfig
    snapshots: int
    parent: str  # the run that it continues from; "": none
    after: int  # images seen by the parent's state
    data_root: str | None
    state: State

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def run(self) -> Path:
        """The folder of its run."""
        return self.path.parent.parent / self.config.run_id

    @property
    def is_worked_on(self) -> bool:
        """Whether its worker lives, as far as its state tells."""
        state = self.state
        alive = process_lives(state.pid) and process_start(state.pid) == state.start
        return state.status == "running" and alive

    @property
    def is_paused(self) -> bool:
        """Whether its training is to wait: then it needs no process."""
        try:
            return self.state.status in OPEN and read_wishes(self.run).state == "pause"
        except InputError:
            return False  # its worker will report the fault

    @property
    def why(self) -> str:
        """Why it failed, or does not go on; "" if nothing holds it."""
        return self.state.reason or ("It is paused." if self.is_paused else "")

    @property
    def asked_to_stop(self) -> str:
        """ "stop", "discard", or "" if nothing is asked."""
        try:
            return (self.path / STOP).read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def log(self) -> str:
        """The end of its log."""
        try:
            with open(self.path / LOG, "rb") as file:
                file.seek(max(0, file.seek(0, 2) - LOG_TAIL))
                return file.read().decode(errors="replace")
        except FileNotFoundError:
            return ""


@contextmanager
def sole_arrival(root: Path) -> Iterator[None]:
    """While the block runs, nobody else adds an entry or lets one wait again; the caller may hold
    this lock already. Raises `InputError` if the folder cannot be written."""
    check_writable(root / FOLDER)
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    with FileLock(root.absolute() / FOLDER / ARRIVALS, is_singleton=True):
        yield


def add_entry(
    root: Path,
    config: RunConfig,
    *,
    snapshots: int = 0,
    parent: str = "",
    after: int = 0,
    data_root: str | None = None,
) -> Entry:
    """Put a training at the end of the queue. Raises `InputError` if its run is in the queue
    already."""
    root = root.absolute()
    wanted = {
        "config": asdict(config),
        "snapshots": snapshots,
        "parent": parent,
        "after": after,
        "data_root": data_root,
    }
    with sole_arrival(root):
        check_alone(root, config)
        path = root / FOLDER / f"{time.time_ns():020d}-{secrets.token_hex(3)}"
        part = path.with_name(f".{path.name}")  # hidden until it is whole
        part.mkdir()
        write_atomically(part / WANTED, json.dumps(wanted).encode())
        write_atomically(part / STATE, json.dumps(asdict(State())).encode())
        part.rename(path)
    return read_entry(path)


def check_alone(root: Path, config: RunConfig) -> None:
    """Raise `InputError` if an entry with work left has the same run."""
    if any(e.state.status in OPEN and e.config.run_id == config.run_id for e in entries(root)):
        raise InputError(
            f"{config.run_id} is in the queue already.", Refusal.EXISTS, run=config.run_id
        )


def read_entry(path: Path) -> Entry:
    """An entry from its folder; raises `InputError` if its files are damaged."""
    try:
        wanted = json.loads((path / WANTED).read_text())
        state = State(**json.loads((path / STATE).read_text()))
        config = RunConfig(**wanted.pop("config"))
        entry = Entry(path, config, state=state, **wanted)
        if not _has_types(state) or not _has_types(entry):
            raise TypeError("a value has another type than expected")
        run_name(config.run_id)  # "discard" removes this folder
        return entry
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise damaged(path, error, "delete the folder", "is no entry of the queue") from error


def _has_types(found: State | Entry) -> bool:
    """Whether every field that came from a file has its type."""
    types = get_type_hints(type(found))
    return all(isinstance(getattr(found, field.name), types[field.name]) for field in fields(found))


def entries(root: Path) -> list[Entry]:
    """All entries that open, in the order of arrival."""
    folder, found = root / FOLDER, []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.is_dir() and not path.name.startswith("."):
            try:
                found.append(read_entry(path))
            except InputError:
                continue  # half deleted: its files are gone before its folder
    return found


def find_entry(root: Path, name: str) -> Entry:
    """The entry with an id, or the newest one of a run; raises `InputError` with the ids."""
    there = entries(root)
    for entry in reversed(there):
        if name in (entry.id, entry.config.run_id):
            return entry
    raise unknown_name("entry of the queue", name, [entry.id for entry in there])


@contextmanager
def held(entry: Entry, patience: float = 0.0) -> Iterator[None]:
    """Hold the entry's lock; raises `Busy` if another process does for `patience` seconds, or if
    the entry is gone."""
    gone = Busy(f"{entry.id} is no longer in the queue.", Refusal.MISSING)
    if not (entry.path / WANTED).exists():  # its lock would make its folder again
        raise gone
    lock = FileLock(entry.path / LOCK)
    try:
        lock.acquire(timeout=patience)
    except Timeout as error:
        raise Busy(f"{entry.id} is being worked on.", Refusal.BUSY) from error
    try:
        if not (entry.path / WANTED).exists():
            raise gone
        yield
    finally:
        lock.release()


def set_state(entry: Entry, **changes: Any) -> Entry:
    """Change its state on disk; the caller holds its lock."""
    state = replace(read_entry(entry.path).state, **changes)
    write_atomically(entry.path / STATE, json.dumps(asdict(state)).encode())
    return replace(entry, state=state)


def stop_entry(entry: Entry, discard: bool = False) -> None:
    """End its work, saved; discard: and remove its run, if the queue has made it. What nobody works
    on is settled now, otherwise its worker does it. Raises `InputError` if there is nothing to end,
    if a finished run would be discarded, and if the entry cannot be written."""
    check_writable(entry.path)
    status = read_entry(entry.path).state.status
    if status in SETTLED:
        raise InputError(
            f"{entry.config.run_id} is {status}: there is nothing to end or to discard.",
            Refusal.UNSUITABLE,
            run=entry.config.run_id,
        )
    if discard and _is_finished(entry.run):
        raise InputError(
            f"{entry.config.run_id} has finished and is kept: the queue discards only what is not "
            "finished; delete its folder if nobody needs it.",
            Refusal.UNSUITABLE,
            run=entry.config.run_id,
        )
    write_atomically(entry.path / STOP, b"discard" if discard else b"stop")
    try:
        with held(entry):
            settle_stop(entry)
    except Busy:
        return


def _is_finished(run: Path) -> bool:
    """Whether a run opens and is trained to its end."""
    try:
        return (run / CONFIG).is_file() and load_run(run).status == "finished"
    except InputError:
        return False


def settle_stop(entry: Entry) -> None:
    """The state of an entry that was asked to stop and is not worked on; the caller holds its
    lock. A run that has finished meanwhile, or that another process trains, is not discarded."""
    now = read_entry(entry.path)
    if now.asked_to_stop == "discard" and _is_finished(now.run):
        set_state(now, status="finished", reason="It had finished before it could be discarded.")
    elif now.asked_to_stop == "discard":
        try:
            if now.state.made and (now.run / CONFIG).is_file():
                with sole_writer(now.run):
                    shutil.rmtree(now.run)
            set_state(now, status="discarded")
        except BeingTrained:
            reason = "Its run was not discarded: another process trains it."
            set_state(now, status="stopped", reason=reason)
    elif now.state.status in OPEN:
        set_state(now, status="stopped")


def continue_entry(entry: Entry) -> None:
    """Put a stopped or failed entry back to wait, or let a paused one go on; it continues from its
    checkpoint. Raises `Busy` if it is worked on, `InputError` if it has ended otherwise or its run
    is in the queue again."""
    root = entry.run.parent
    with sole_arrival(root), held(entry):
        status = read_entry(entry.path).state.status
        if status not in OPEN:
            if status not in CONTINUABLE:
                raise InputError(
                    f"{entry.id} is {status}: there is nothing to continue.", Refusal.UNSUITABLE
                )
            check_alone(root, entry.config)
        (entry.path / STOP).unlink(missing_ok=True)
        entry = set_state(entry, status="waiting", reason="", deaths=0)
        if entry.is_paused:
            steer(entry.run, state="go")
