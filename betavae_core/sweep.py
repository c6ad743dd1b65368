"""Many runs on one machine: worker processes that don't fight over its cores, any of which may be
killed; the same call again skips what is finished and resumes what is not."""

import multiprocessing
import os
import queue
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from .config import RunConfig
from .datasets import Dataset, config_dataset
from .device import choose_device
from .distances import distance_observer, score_distances
from .errors import InputError
from .evaluation import measured_elbo, score_elbo, score_metrics, standard_scores
from .stacked import News, group_stacks, train_stacked
from .store import load_run, read_history
from .training import Diverged, Record, train


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

    @property
    def name(self) -> str:
        return self.config.run_id


UNDER_WAY = ("waiting", "running", "scoring")


@dataclass
class Sweep:
    """A snapshot of all jobs."""

    jobs: list[Job]
    started: float = field(default_factory=time.monotonic)
    trained: int = 0  # images, by this call

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
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Sweep]:
    """Train all `jobs` into `root`, `workers` at a time, yielding a snapshot at each news.

    Where that is faster (`stacked.stack_size`), one worker trains several runs at once; those whose
    distances are measured as training goes are trained alone.

    A run that fails is recorded with its reason and the others go on; `stop` saves the running
    ones and ends. Each finished run gets its `elbo` score and what its job asks for. distances and
    snapshots are those of the jobs that are given as configs alone. threads: of each worker (None:
    the cores divided evenly between them). low_priority: whatever else runs here goes first. Raises
    `InputError` for no or duplicate configs or less than one worker.
    """
    workers = default_workers(device) if workers is None else workers
    if workers < 1:
        raise InputError(f"A sweep needs at least one worker, got {workers}.")
    wanted = [job if isinstance(job, Job) else Job(job, snapshots, distances) for job in jobs]
    if not wanted or len({job.name for job in wanted}) < len(wanted):
        raise InputError("A sweep needs one or more runs that differ in their settings.")
    root = Path(root)
    state = Sweep(wanted)
    context = multiprocessing.get_context("spawn")
    news: Any = context.Queue()
    asked = context.Event()
    settings = {
        "device": device,
        "half": half,
        "data_root": data_root,
        "threads": threads or max(1, (os.cpu_count() or 1) // workers),
        "low_priority": low_priority,
    }
    running: dict[int, Any] = {}  # number of a group → process
    groups = _groups(state.jobs, root, device)

    while any(job.status in UNDER_WAY for job in state.jobs):
        if stop():
            asked.set()
            for job in state.jobs:
                job.status = "stopped" if job.status == "waiting" else job.status
        for number, group in enumerate(groups):
            jobs_left = {n: state.jobs[n] for n in group if state.jobs[n].status == "waiting"}
            if jobs_left and len(running) < workers:
                for job in jobs_left.values():
                    job.status = "running"
                arguments = (jobs_left, root, settings, news, asked)
                running[number] = context.Process(target=_work, args=arguments, daemon=True)
                running[number].start()
        alive = {number: process.is_alive() for number, process in running.items()}
        _read(news, state)
        for number, was_alive in alive.items():
            unfinished = [
                state.jobs[n]
                for n in groups[number]
                if state.jobs[n].status in ("running", "scoring")
            ]
            if not unfinished:
                running.pop(number).join()
            elif not was_alive:
                code = running.pop(number).exitcode
                for job in unfinished:
                    job.status, job.reason = "failed", f"The worker died (exit status {code})."
        yield state


def _groups(jobs: Sequence[Job], root: Path, device: str) -> list[list[int]]:
    """The numbers of the jobs that one worker trains at once, in the order of the jobs."""
    alone = [[number] for number, job in enumerate(jobs) if job.distances]
    rest = [number for number, job in enumerate(jobs) if not job.distances]
    together = group_stacks([jobs[n].config for n in rest], root, choose_device(device))
    return sorted(alone + [[rest[n] for n in group] for group in together])


def _read(news: Any, state: Sweep) -> None:
    """Take in what the workers sent, waiting half a second for the first of it."""
    wait = 0.5
    while True:
        try:
            number, status, images, rate, reason = news.get(timeout=wait)
        except queue.Empty:
            return
        job = state.jobs[number]
        if status == "resumed":
            job.images = images
        else:
            state.trained += max(images - job.images, 0)
            job.images = max(images, job.images)
            job.status, job.rate, job.reason = status, rate, reason
        wait = 0.0


def _work(
    jobs: dict[int, Job], root: Path, settings: dict[str, Any], news: Any, asked: Any
) -> None:
    """One run, or several at once, in a process of its own; every way to end sends one last message
    about each."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    if settings["low_priority"]:
        os.nice(19)
    torch.set_num_threads(settings["threads"])
    images, rates, ended = dict.fromkeys(jobs, 0), dict.fromkeys(jobs, 0.0), set()

    def tell(number: int, status: str, reason: str = "") -> None:
        if status in ("stopped", "finished", "failed"):
            ended.add(number)
        news.put((number, status, images[number], rates[number], reason))

    try:
        for number, job in jobs.items():
            if history := read_history(root / job.name)[0]:
                images[number] = history[-1]["images"]
                tell(number, "resumed")
        first, started = dict(images), time.monotonic()
        dataset = config_dataset(next(iter(jobs.values())).config, settings["data_root"])
        train_all = _train_one if len(jobs) == 1 else _train_at_once
        for number, what in train_all(jobs, root, settings, dataset, asked):
            if isinstance(what, Record):
                images[number] = what.images
                rates[number] = (what.images - first[number]) / (time.monotonic() - started)
                tell(number, "running")
            else:
                tell(number, "failed", str(what))
        for number, job in jobs.items():
            if number not in ended:
                try:
                    if finished := load_run(root / job.name).status == "finished":
                        tell(number, "scoring")
                        _score(job, root / job.name, dataset, settings["device"], asked)
                    stopped = not finished or asked.is_set()
                    tell(number, "stopped" if stopped else "finished")
                except Stopped:
                    tell(number, "stopped")
                except FAILURES as error:
                    tell(number, "failed", str(error) or type(error).__name__)
    except FAILURES as error:
        for number in jobs:
            if number not in ended:
                tell(number, "failed", str(error) or type(error).__name__)


FAILURES = (InputError, Diverged, OSError, RuntimeError, MemoryError)


def _train_one(
    jobs: dict[int, Job], root: Path, settings: dict[str, Any], dataset: Dataset, asked: Any
) -> Iterator[tuple[int, Record]]:
    ((number, job),) = jobs.items()
    observe = (
        distance_observer(dataset, device=settings["device"], **job.distances)
        if job.distances
        else None
    )
    for record in train(
        job.config,
        root,
        resume=True,
        device=settings["device"],
        data_root=settings["data_root"],
        half=settings["half"],
        graph=choose_device(settings["device"]).type == "cuda" and job.config.optimizer == "adam",
        stop=asked.is_set,
        observe=observe,
        snapshots=job.snapshots,
    ):
        yield number, record


def _train_at_once(
    jobs: dict[int, Job], root: Path, settings: dict[str, Any], dataset: Dataset, asked: Any
) -> Iterator[News]:
    numbers = list(jobs)
    for place, what in train_stacked(
        [job.config for job in jobs.values()],
        root,
        resume=True,
        device=settings["device"],
        dataset=dataset,
        half=settings["half"],
        stop=asked.is_set,
        snapshots=[job.snapshots for job in jobs.values()],
    ):
        yield numbers[place], what


class Stopped(Exception):
    """Scoring ends because the sweep was asked to; what is stored already is kept."""


def _score(job: Job, path: Path, dataset: Dataset, device: str, asked: Any) -> None:
    """What the job asks for of a finished run; what is there already is not computed again."""

    def tell(what: str, done: int, total: int) -> None:
        if asked.is_set():
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
