"""The process that works on one entry: it trains and measures its run, from where the last worker
left it."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from ..config import RunConfig
from ..errors import InputError, wrong_value
from ..store import CONFIG, load_run, read_config
from ..training.fork import fork
from ..training.jobs import CHECKPOINT_SECONDS, Job
from ..training.steering import check_unsteered
from ..training.under_way import process_start, publishing, run_under_way
from ..training.workers import FAILURES, reason_of, work_together
from .entries import OPEN, Busy, Entry, held, read_entry, set_state, settle_stop

PATIENCE = 5.0  # seconds: longer than anybody but a worker holds the lock
NICE = 10  # so that the dashboard stays responsive


def work_on(
    entry: Entry, threads: int, asked: Callable[[], bool], say: Callable[[str], None]
) -> None:
    """Train the entry's run to its end, unless another process works on it or it is settled.
    asked: whether to save and end; the entry then waits for the next worker. Raises `InputError`
    for less than one thread."""
    if threads < 1:
        raise wrong_value("threads", "at least 1", threads)
    try:
        with held(entry, PATIENCE):
            entry = read_entry(entry.path)
            if entry.state.status not in OPEN or entry.asked_to_stop:
                settle_stop(entry)
                return
            os.nice(NICE)
            torch.set_num_threads(threads)
            _train(entry, asked, say)
    except Busy as error:
        say(str(error))


def _train(entry: Entry, asked: Callable[[], bool], say: Callable[[str], None]) -> None:
    pid, root = os.getpid(), entry.run.parent
    if not entry.state.pid and (entry.run / CONFIG).exists():  # nobody has worked on it before
        try:
            check_unsteered(read_config(entry.run))
        except InputError as error:
            set_state(entry, status="failed", reason=str(error))
            say(str(error))
            return
    made = entry.state.made or not (entry.run / CONFIG).exists()
    set_state(entry, status="running", pid=pid, start=process_start(pid), made=made)
    job = Job(entry.config, entry.snapshots, steerable=True)
    try:
        _begin_fork(entry, root)
        job.config = _as_steered(entry)
    except FAILURES as error:
        job.status, job.reason = "failed", reason_of(error)
    if job.status != "failed":
        _follow(job, entry, root, asked, say)
    say(f"{job.name}: {job.status}{f': {job.reason}' if job.reason else ''}")
    if job.status == "stopped" and not entry.asked_to_stop and asked():
        job.status = "waiting"  # the machine or its user ends this process, not the training
    set_state(entry, status=job.status, reason=job.reason)
    if entry.asked_to_stop:
        settle_stop(entry)


def _as_steered(entry: Entry) -> RunConfig:
    """The entry's settings, with what was changed while its workers trained."""
    if not (entry.run / CONFIG).exists():
        return entry.config
    return replace(entry.config, steered=read_config(entry.run).steered)


def _begin_fork(entry: Entry, root: Path) -> None:
    if entry.parent and not (entry.run / CONFIG).exists():
        parent = load_run(root / entry.parent)  # of another folder: its whole path
        fork(parent, entry.after, entry.config, entry.run, entry.data_root)


def _follow(
    job: Job, entry: Entry, root: Path, asked: Callable[[], bool], say: Callable[[str], None]
) -> None:
    """Do the work, with its news in the job, in the folder of commands under way and in the log."""
    job.status = "running"
    with publishing(root, "queue") as publish:
        for _, (status, images, rate, reason) in work_together(
            {0: job},
            root,
            device="auto",
            half=False,
            data_root=entry.data_root,
            checkpoint_seconds=CHECKPOINT_SECONDS,
            asked=lambda: asked() or bool(entry.asked_to_stop),
        ):
            job.images = images
            job.status = "running" if status == "resumed" else status
            job.rate, job.reason = rate, reason
            now = run_under_way(job)
            publish([replace(now, name=entry.run.name)], now.seconds_left)
            say(f"{status}: {images:,} of {job.config.images:,} images, {rate:,.0f} images/s")
