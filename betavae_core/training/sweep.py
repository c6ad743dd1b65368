"""Many runs on one machine: worker processes that don't fight over its cores, any of which may be
killed; the same call again skips what is finished and resumes what is not."""

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
from ..errors import Diverged, InputError
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
    """One run of a sweep: what it is to be, and how far it is."""

    config: RunConfig
    snapshots: int = 0  # how many states of the training are kept
    distances: dict[str, Any] | None = None  # measured as training goes: of `distance_observer`
    scored: bool = False  # whether `standard_scores` are computed of the finished run
    compared: int = 0  # images of each kind that the finished run's distances are measured on
    status: str = "waiting"  # waiting | running | scoring | finished | failed | stopped
    images: int = 0
    rate: float = 0.0  # images/s of this process, over its session
    reason: str = ""  # why it failed, one sentence
    node: str = ""  # the machine that works on it, where there are several
    deaths: int = 0  # of workers on it, in a row, without a new image between them
    died_at: int = -1  # images at the last of them

    @property
    def name(self) -> str:
        return self.config.run_id

    def die(self, reason: str) -> None:
        """Its worker is gone without a word: the run waits again, to go on from its last
        checkpoint; after `DEATHS` in a row that brought no new image it has failed."""
        self.deaths = 1 if self.images > self.died_at else self.deaths + 1
        self.died_at, self.rate, self.reason = self.images, 0.0, reason
        self.status = "failed" if self.deaths >= DEATHS else "waiting"


UNDER_WAY = ("waiting", "running", "scoring")
DEATHS = 3  # of workers in a row; a machine that is short of memory kills for ever
CHECKPOINT_SECONDS = 30.0  # what a kill can cost of a run
PATIENCE = 120.0  # seconds that a run may be held by a worker whose sweep is gone

News = tuple[str, int, float, str]  # of a job: status or "resumed", images, images/s, reason


@dataclass
class Sweep:
    """A snapshot of all jobs."""

    jobs: list[Job]
    started: float = field(default_factory=time.monotonic)
    trained: int = 0  # images, by this call

    def take(self, number: int, news: News) -> None:
        """Take in what the worker on job `number` tells."""
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
        """At the rate so far; None before anything was measured."""
        took = time.monotonic() - self.started
        left = sum(job.config.images - job.images for job in self.jobs if job.status in UNDER_WAY)
        return left * took / self.trained if self.trained else None


def default_workers(device: str = "auto") -> int:
    """One per core on a CPU, where one thread each is the most efficient; one on a GPU."""
    return (os.cpu_count() or 1) if choose_device(device).type == "cpu" else 1


def planned(
    jobs: Sequence[RunConfig | Job], snapshots: int = 0, distances: dict[str, Any] | None = None
) -> Sweep:
    """The sweep before it starts; raises `InputError` for no or duplicate configs."""
    wanted = [job if isinstance(job, Job) else Job(job, snapshots, distances) for job in jobs]
    if not wanted or len({job.name for job in wanted}) < len(wanted):
        raise InputError("A sweep needs one or more runs that differ in their settings.")
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
    """Train all `jobs` into `root`, `workers` at a time, yielding a snapshot at each news.

    Where that is faster (`stacked.stack_size`), one worker trains several runs at once; those whose
    distances are measured as training goes are trained alone.

    A run that fails is recorded with its reason and the others go on; one whose worker was killed
    goes on from its last checkpoint (`Job.die`); `stop` saves the running ones and ends. Each
    finished run gets its `elbo` score and what its job asks for. distances and snapshots are those
    of the jobs that are given as configs alone. threads: of each worker (None: the cores divided
    evenly between them). low_priority: whatever else runs here goes first. Raises `InputError` for
    no or duplicate configs or less than one worker.
    """
    workers = default_workers(device) if workers is None else workers
    if workers < 1:
        raise InputError(f"A sweep needs at least one worker, got {workers}.")
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
    running: dict[int, tuple[Any, Connection]] = {}  # number of a group → process, line to it
    groups, asked = groups_of(state.jobs, root, choose_device(device)), False

    while any(job.status in UNDER_WAY for job in state.jobs):
        if not asked and (asked := stop()):
            for _, line in running.values():
                with suppress(OSError):  # it is dead, which the next reading will find
                    line.send("stop")
        for place, group in enumerate(groups):
            if place in running or len(running) == workers:
                continue
            if jobs_left := left_to_do(group, state, root, asked):
                here, there = context.Pipe()
                arguments = (jobs_left, root, settings, threads, low_priority, there)
                process = context.Process(target=_work, args=arguments, daemon=True)
                process.start()
                there.close()  # so that the line ends when the worker does
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
    """What a worker is to do of a group, now running; asked: nothing, since the sweep is to end."""
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
    """Take in what the workers sent, waiting half a second for the first of it; those that ended
    are taken off the list. Each has a line of its own: a lock that they shared would be lost with
    the one that is killed while it holds it."""
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
    """A worker ended without having said how: killed, or by a fault of ours."""
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
    """One run, or several at once, in a process of its own; every way to end sends one last message
    about each. Something to read on the line is the request to stop, or the end of the sweep's
    process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    if nice:
        os.nice(19)
    torch.set_num_threads(threads)
    for told in work_together(jobs, root, asked=line.poll, **settings):
        with suppress(BrokenPipeError, ConnectionResetError):  # nobody is left to be told
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
    """The work of one run, or of several that train at once, by whatever engine: resumed, trained,
    scored; yields by number what there is to tell, of each at last how it ended (finished, stopped,
    failed). `asked`: whether to save and end."""
    images, rates = dict.fromkeys(jobs, 0), dict.fromkeys(jobs, 0.0)
    ended: set[int] = set()

    def told(number: int, status: str, reason: str = "") -> tuple[int, News]:
        if status in ("stopped", "finished", "failed"):
            ended.add(number)
        return number, (status, images[number], rates[number], reason)

    try:
        for number, job in jobs.items():
            _wait_until_free(root / job.name, asked)
            with suppress(InputError):  # training says what is wrong with it
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
    """A sweep that was killed leaves workers that save and end by themselves, and a dead machine
    its lock on shared storage: wait for them for up to `PATIENCE` seconds, then let `train` say
    that the run is being trained."""
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
    """Whether nothing is left to do of a job, as far as that shows without opening its run: the
    same settings, weights of the whole budget (or a run that is kept without them, which was
    finished), the `elbo` score, and no more asked for. A sweep of thousands of runs that goes on
    must not start a process for each that is there."""
    path = root / job.name
    if job.scored or job.compared or not (path / CONFIG).exists() or (path / CHECKPOINT).exists():
        return False
    try:
        stored, scores = read_config(path), read_scores(path)
    except InputError:
        return False  # the work on it will say what is wrong
    same = settled(job.config, stored, torch.device("cpu")) == stored
    whole = (weights_images(path) or 0) >= job.config.images or (path / RECORD).exists()
    return same and whole and any(score["score"] == "elbo" for score in scores)


class Stopped(Exception):
    """Scoring ends because the sweep was asked to; what is stored already is kept."""


def _score(job: Job, path: Path, dataset: Dataset, device: str, asked: Callable[[], bool]) -> None:
    """What the job asks for of a finished run; what is there already is not computed again."""

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
