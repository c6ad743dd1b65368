"""Many runs on one machine: worker processes that share its cores, any of which may be killed;
repeating the call skips finished runs and resumes the others."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import torch

from ..config import RunConfig
from ..datasets import Dataset, config_dataset
from ..device import choose_device
from ..errors import Diverged, InputError, Refusal, wrong_value
from ..scoring.distances import distance_observer, score_distances
from ..scoring.elbo import measured_elbo, score_elbo
from ..scoring.scores import score_metrics, standard_scores
from ..store import (
    CONFIG,
    RECORD,
    BeingTrained,
    load_run,
    read_config,
    read_history,
    read_scores,
    sole_writer,
    weights_images,
)
from .loop import Record, settled, train
from .resume import CHECKPOINT
from .stacked import group_stacks, train_stacked


@dataclass
class Job:
    """One run of a sweep: its settings and its progress."""

    config: RunConfig
    snapshots: int = 0  # number of snapshots
    distances: dict[str, Any] | None = None  # of `distance_observer`
    scored: bool = False  # whether to compute the finished run's `standard_scores`
    compared: int = 0  # images of each kind for the finished run's distances
    status: str = "waiting"  # waiting | running | scoring | finished | failed | stopped
    images: int = 0
    rate: float = 0.0  # images/s of this process, over its session
    reason: str = ""  # why it failed, one sentence
    node: str = ""  # its machine, if there are several
    deaths: int = 0  # deaths of its workers in a row without a new image
    died_at: int = -1  # images at the last of them

    @property
    def name(self) -> str:
        return self.config.run_id

    def die(self, reason: str) -> None:
        """Its worker died: the run waits again, to continue from its last checkpoint; after
        `DEATHS` in a row without a new image it has failed."""
        self.deaths = 1 if self.images > self.died_at else self.deaths + 1
        self.died_at, self.rate, self.reason = self.images, 0.0, reason
        self.status = "failed" if self.deaths >= DEATHS else "waiting"


UNDER_WAY = ("waiting", "running", "scoring")
DEATHS = 3  # of workers in a row; a machine short of memory would kill for ever
CHECKPOINT_SECONDS = 30.0  # the maximum that a kill can cost a run
PATIENCE = 120.0  # seconds that a worker of a killed sweep may keep a run locked

News = tuple[str, int, float, str]  # news of a job: status or "resumed", images, images/s, reason


@dataclass
class Sweep:
    """A snapshot of all jobs."""

    jobs: list[Job]
    started: float = field(default_factory=time.monotonic)
    trained: int = 0  # images, by this call

    def take(self, number: int, news: News) -> None:
        """Record the news from the worker on job `number`."""
        job = self.jobs[number]
        status, images, rate, reason = news
        if status == "resumed":
            job.images = images
        else:
            self.trained += max(images - job.images, 0)
            job.images = max(images, job.images)
            job.status, job.rate, job.reason = status, rate, reason

    def count(self, status: str) -> int:
        return sum(job.status == status for job in self.jobs)

    @property
    def seconds_left(self) -> float | None:
        """The remaining seconds at the rate so far; None before a measurement."""
        took = time.monotonic() - self.started
        left = sum(job.config.images - job.images for job in self.jobs if job.status in UNDER_WAY)
        return left * took / self.trained if self.trained else None


def default_workers(device: str = "auto") -> int:
    """One worker per core on a CPU, where one thread each is most efficient; one on a GPU."""
    return (os.cpu_count() or 1) if choose_device(device).type == "cpu" else 1


def planned(
    jobs: Sequence[RunConfig | Job], snapshots: int = 0, distances: dict[str, Any] | None = None
) -> Sweep:
    """The sweep before it starts; raises `InputError` for no or duplicate configs."""
    wanted = [job if isinstance(job, Job) else Job(job, snapshots, distances) for job in jobs]
    if not wanted or len({job.name for job in wanted}) < len(wanted):
        raise InputError(
            "A sweep needs one or more runs that differ in their settings.", Refusal.CONFLICT
        )
    return Sweep(wanted)


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


def groups_of(jobs: Sequence[Job], root: Path, device: torch.device) -> list[list[int]]:
    """The numbers of the jobs that one worker trains at once, in the order of the jobs."""
    alone = [[number] for number, job in enumerate(jobs) if job.distances]
    rest = [number for number, job in enumerate(jobs) if not job.distances]
    together = group_stacks([jobs[n].config for n in rest], root, device)
    return sorted(alone + [[rest[n] for n in group] for group in together])


def left_to_do(group: Sequence[int], state: Sweep, root: Path, asked: bool) -> dict[int, Job]:
    """The work of a worker on a group, now running; asked: none, since the sweep must end."""
    left = {}
    for number in group:
        job = state.jobs[number]
        if job.status != "waiting":
            continue
        if asked:
            job.status = "stopped"
        elif already_done(job, root):
            state.take(number, ("resumed", job.config.images, 0.0, ""))
            job.status = "finished"
        else:
            job.status, left[number] = "running", job
    return left


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


def work_together(
    jobs: dict[int, Job],
    root: Path,
    *,
    device: str,
    half: bool,
    data_root: str | Path | None,
    checkpoint_seconds: float,
    asked: Callable[[], bool],
) -> Iterator[tuple[int, News]]:
    """The work of one run, or of several that train at once, for any engine: resume, train, score;
    yields news by number, for each at last its end (finished, stopped, failed). `asked`: whether to
    save and end."""
    images, rates = dict.fromkeys(jobs, 0), dict.fromkeys(jobs, 0.0)
    ended: set[int] = set()

    def told(number: int, status: str, reason: str = "") -> tuple[int, News]:
        if status in ("stopped", "finished", "failed"):
            ended.add(number)
        return number, (status, images[number], rates[number], reason)

    try:
        for number, job in jobs.items():
            _wait_until_free(root / job.name, asked)
            with suppress(InputError):  # its training will report the fault
                if history := read_history(root / job.name)[0]:
                    images[number] = history[-1]["images"]
                    yield told(number, "resumed")
        first, started = dict(images), time.monotonic()
        dataset = config_dataset(next(iter(jobs.values())).config, data_root)
        for number, what in _train(
            jobs, root, dataset, device, half, data_root, checkpoint_seconds, asked
        ):
            if isinstance(what, Record):
                images[number] = what.images
                rates[number] = (what.images - first[number]) / (time.monotonic() - started)
                yield told(number, "running")
            else:
                yield told(number, "failed", str(what))
        for number, job in jobs.items():
            if number in ended:
                continue
            try:
                if finished := load_run(root / job.name).status == "finished":
                    yield told(number, "scoring")
                    _score(job, root / job.name, dataset, device, asked)
                yield told(number, "finished" if finished and not asked() else "stopped")
            except FAILURES as error:
                yield told(number, "failed", _reason(error))
    except Stopped:
        for number in jobs.keys() - ended:
            yield told(number, "stopped")
    except FAILURES as error:
        for number in jobs.keys() - ended:
            yield told(number, "failed", _reason(error))


FAILURES = (InputError, Diverged, OSError, RuntimeError, MemoryError)


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _train(
    jobs: dict[int, Job],
    root: Path,
    dataset: Dataset,
    device: str,
    half: bool,
    data_root: str | Path | None,
    checkpoint_seconds: float,
    asked: Callable[[], bool],
) -> Iterator[tuple[int, Record | InputError | Diverged]]:
    """Train one run as `train` does it, several as a stack."""
    if len(jobs) > 1:
        numbers = list(jobs)
        for place, what in train_stacked(
            [job.config for job in jobs.values()],
            root,
            resume=True,
            device=device,
            dataset=dataset,
            half=half,
            checkpoint_seconds=checkpoint_seconds,
            stop=asked,
            snapshots=[job.snapshots for job in jobs.values()],
        ):
            yield numbers[place], what
        return
    ((number, job),) = jobs.items()
    observe = distance_observer(dataset, device=device, **job.distances) if job.distances else None
    for record in train(
        job.config,
        root,
        resume=True,
        device=device,
        data_root=data_root,
        half=half,
        graph=choose_device(device).type == "cuda" and job.config.optimizer == "adam",
        checkpoint_seconds=checkpoint_seconds,
        stop=asked,
        observe=observe,
        snapshots=job.snapshots,
    ):
        yield number, record


def _wait_until_free(path: Path, asked: Callable[[], bool]) -> None:
    """Wait up to `PATIENCE` seconds for the workers of a killed sweep, which save and end by
    themselves, or for a dead machine's lock on shared storage; after that `train` reports that the
    run is being trained."""
    deadline = time.monotonic() + PATIENCE
    while (path / CONFIG).exists() and time.monotonic() < deadline:
        try:
            with sole_writer(path):
                return
        except BeingTrained:
            if asked():
                raise Stopped from None
            time.sleep(0.5)


def already_done(job: Job, root: Path) -> bool:
    """Whether a job is finished, as far as this can be seen without opening its run: the same
    settings, weights of the whole budget (or a run kept without them, which was finished), the
    `elbo` score, and no further requests. A repeated sweep of thousands of runs must not start a
    process for each finished one."""
    path = root / job.name
    if job.scored or job.compared or not (path / CONFIG).exists() or (path / CHECKPOINT).exists():
        return False
    try:
        stored, scores = read_config(path), read_scores(path)
    except InputError:
        return False  # its work will report the fault
    same = settled(job.config, stored, torch.device("cpu")) == stored
    whole = (weights_images(path) or 0) >= job.config.images or (path / RECORD).exists()
    return same and whole and any(score["score"] == "elbo" for score in scores)


class Stopped(Exception):
    """Raised to end scoring when the sweep must end; stored scores are kept."""


def _score(job: Job, path: Path, dataset: Dataset, device: str, asked: Callable[[], bool]) -> None:
    """Compute the measurements that the job requests for a finished run; stored ones are not
    computed again."""

    def tell(what: str, done: int, total: int) -> None:
        if asked():
            raise Stopped

    run = load_run(path)
    if measured_elbo(run) is None:
        score_elbo(run, dataset, device=device)
    if job.scored and dataset.space is not None:
        score_metrics(
            load_run(path), standard_scores(dataset.space), dataset, progress=tell, device=device
        )
    if job.compared:
        score_distances(load_run(path), dataset, images=job.compared, progress=tell, device=device)
