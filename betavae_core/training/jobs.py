"""The jobs of a sweep: their settings and progress, which are trained together, and which are
done."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from ..config import RunConfig
from ..errors import InputError, Refusal
from ..store import CONFIG, RECORD, read_config, read_scores, weights_images
from .loop import settled
from .resume import CHECKPOINT
from .stacked import group_stacks

UNDER_WAY = ("waiting", "running", "scoring")
DEATHS = 3  # of workers in a row; a machine short of memory would kill for ever
CHECKPOINT_SECONDS = 30.0  # the maximum that a kill can cost a run

News = tuple[str, int, float, str]  # news of a job: status or "resumed", images, images/s, reason


@dataclass
class Job:
    """One run of a sweep: its settings and its progress."""

    config: RunConfig
    snapshots: int = 0  # number of snapshots
    distances: dict[str, Any] | None = None  # of `distance_observer`
    scored: bool = False  # whether to compute the finished run's `standard_scores`
    paper_mode: bool = False  # whether to compute its `paper_scores` as well
    compared: int = 0  # images of each kind for the finished run's distances
    steerable: bool = False  # whether it stays this job's run when it is steered
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


@dataclass
class Sweep:
    """The state of all jobs."""

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


def already_done(job: Job, root: Path) -> bool:
    """Whether a job is finished, as far as this can be seen without opening its run: the same
    settings, weights of the whole budget (or a run kept without them, which was finished), the
    `elbo` score, and no further requests. A repeated sweep of thousands of runs must not start a
    process for each finished one."""
    path = root / job.name
    requested = job.scored or job.paper_mode or job.compared
    if requested or not (path / CONFIG).exists() or (path / CHECKPOINT).exists():
        return False
    try:
        stored, scores = read_config(path), read_scores(path)
    except InputError:
        return False  # its work will report the fault
    same = settled(job.config, stored, torch.device("cpu")) == stored
    whole = (weights_images(path) or 0) >= job.config.images or (path / RECORD).exists()
    return same and whole and any(score["score"] in ("elbo", "rate-distortion") for score in scores)
