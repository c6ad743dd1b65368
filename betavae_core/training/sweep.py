"""Many runs on one machine: worker processes that share its cores, any of which may be killed;
repeating the call skips finished runs and resumes the others."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import torch

from ..config import RunConfig
from ..device import choose_device
from ..errors import wrong_value
from .jobs import CHECKPOINT_SECONDS, UNDER_WAY, Job, Sweep, groups_of, left_to_do, planned
from .workers import work_together


def default_workers(device: str = "auto") -> int:
    """One worker per core on a CPU, where one thread each is most efficient; one on a GPU."""
    return (os.cpu_count() or 1) if choose_device(device).type == "cpu" else 1


def sweep(
    jobs: Sequence[RunConfig | Job],
    root: str | Path,
    *,
    workers: int | None = None,
    device: str = "auto",
    half: bool = False,
    data_root: str | Path | None = None,
    distances: dict[str, Any] | None = None,
    snapshots: int = 0,
    threads: int | None = None,
    low_priority: bool = False,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Sweep]:
    """Train all `jobs` into `root`, `workers` at a time, yielding the state at each news.

    If that is faster (`stacked.stack_size`), one worker trains several runs at once; runs whose
    distances are measured during training are trained alone.

    A run that fails is recorded with its reason and the others continue; one whose worker was
    killed continues from its last checkpoint (`Job.die`); `stop` saves the running ones and ends.
    Each finished run gets its `elbo` score and the measurements of its job. distances and snapshots
    apply to jobs given as plain configs. threads: of each worker (None: the cores divided evenly
    between them). low_priority: give way to other work on the machine. Raises `InputError` for no
    or duplicate configs or fewer than one worker.
    """
    workers = default_workers(device) if workers is None else workers
    if workers < 1:
        raise wrong_value("A sweep", "at least one worker", workers, "needs")
    state = planned(jobs, snapshots, distances)
    root = Path(root)
    context = multiprocessing.get_context("spawn")
    settings = {
        "device": device,
        "half": half,
        "data_root": data_root,
        "checkpoint_seconds": checkpoint_seconds,
    }
    threads = threads or max(1, (os.cpu_count() or 1) // workers)
    running: dict[int, tuple[Any, Connection]] = {}  # number of a group → process, connection to it
    groups, asked = groups_of(state.jobs, root, choose_device(device)), False

    while any(job.status in UNDER_WAY for job in state.jobs):
        if not asked and (asked := stop()):
            for _, line in running.values():
                with suppress(OSError):  # it is dead; the next reading will notice
                    line.send("stop")
        for place, group in enumerate(groups):
            if place in running or len(running) == workers:
                continue
            if jobs_left := left_to_do(group, state, root, asked):
                here, there = context.Pipe()
                arguments = (jobs_left, root, settings, threads, low_priority, there)
                process = context.Process(target=_work, args=arguments, daemon=True)
                process.start()
                there.close()  # so that the connection ends with the worker
                running[place] = process, here
        _read(running, groups, state)
        yield state


def _read(
    running: dict[int, tuple[Any, Connection]], groups: Sequence[Sequence[int]], state: Sweep
) -> None:
    """Receive the workers' news, waiting half a second for the first; ended workers are removed
    from the list. Each has a connection of its own: a shared lock would be lost if its holder were
    killed."""
    ready = wait([line for _, line in running.values()], 0.5)
    for place, (process, line) in list(running.items()):
        if line not in ready:
            continue
        try:
            while line.poll():
                state.take(*line.recv())
        except (EOFError, OSError):
            process.join()
            line.close()
            del running[place]
            for job in (state.jobs[number] for number in groups[place]):
                if job.status in ("running", "scoring"):
                    _lost(job, process.exitcode)


def _lost(job: Job, code: int) -> None:
    """Handle a worker that ended without a report: killed, or by a bug."""
    if code < 0:
        job.die(f"The worker was killed by {signal.Signals(-code).name}.")
    else:
        job.status, job.reason = "failed", f"The worker died (exit status {code})."


def _work(
    jobs: dict[int, Job],
    root: Path,
    settings: dict[str, Any],
    threads: int,
    nice: bool,
    line: Connection,
) -> None:
    """One run, or several at once, in a separate process; every end sends one last message about
    each. Any input on the connection is the request to stop, or the end of the sweep's process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    if nice:
        os.nice(19)
    torch.set_num_threads(threads)
    for told in work_together(jobs, root, asked=line.poll, **settings):
        with suppress(BrokenPipeError, ConnectionResetError):  # no process is left to receive it
            line.send(told)
