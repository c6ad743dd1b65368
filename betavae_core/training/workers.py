"""The work of one worker on its runs, for any engine: resume, train, score."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import torch

from ..datasets import Dataset, config_dataset
from ..device import choose_device
from ..errors import Diverged, InputError, failed_files
from ..scoring.distances import distance_observer, score_distances
from ..scoring.elbo import measured_elbo, score_elbo
from ..scoring.rate_distortion import measured_rate_distortion, score_rate_distortion
from ..scoring.scores import paper_scores, score_metrics, standard_scores
from ..scoring.star import measured_star, score_star
from ..store import CONFIG, BeingTrained, load_run, read_history, sole_writer
from .jobs import Job, News
from .loop import Record, check_same, settled, train
from .stacked import train_stacked
from .step import can_be_graphed

PATIENCE = 120.0  # seconds that a worker of a killed sweep may keep a run locked
FAILURES = (InputError, Diverged, OSError, RuntimeError, MemoryError)


class Stopped(Exception):
    """Raised to end scoring when the sweep must end; stored scores are kept."""


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
                run = load_run(root / job.name)
                if finished := run.status == "finished":
                    yield told(number, "scoring")
                    score_job(job, root / job.name, dataset, device, asked)
                if finished and not job.steerable:
                    check_same(settled(job.config, run.config, torch.device("cpu")), run.config)
                yield told(number, "finished" if finished and not asked() else "stopped")
            except FAILURES as error:
                yield told(number, "failed", reason_of(error))
    except Stopped:
        for number in jobs.keys() - ended:
            yield told(number, "stopped")
    except FAILURES as error:
        for number in jobs.keys() - ended:
            yield told(number, "failed", reason_of(error))


def reason_of(error: BaseException) -> str:
    """Why a work failed, as one sentence."""
    if isinstance(error, OSError):
        return failed_files(error)
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
            watched=True,
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
        graph=choose_device(device).type == "cuda" and can_be_graphed(job.config),
        checkpoint_seconds=checkpoint_seconds,
        stop=asked,
        observe=observe,
        watched=True,
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


def score_job(
    job: Job, path: Path, dataset: Dataset, device: str, asked: Callable[[], bool]
) -> None:
    """Compute the measurements that the job requests for a finished run; stored ones are not
    computed again."""

    def tell(what: str, done: int, total: int) -> None:
        if asked():
            raise Stopped

    run = load_run(path)
    if run.config.multirate:
        if measured_rate_distortion(run) is None:
            score_rate_distortion(run, dataset, device=device, progress=tell)
        return
    if measured_elbo(run) is None:
        score_elbo(run, dataset, device=device)
    if dataset.space is not None and measured_star(run) is None:
        score_star(run, dataset)
    if dataset.space is not None:
        wanted = standard_scores(dataset.space) if job.scored else []
        wanted += paper_scores(dataset.space) if job.paper_mode else []
        score_metrics(load_run(path), wanted, dataset, progress=tell, device=device)
    if job.compared:
        score_distances(load_run(path), dataset, images=job.compared, progress=tell, device=device)
