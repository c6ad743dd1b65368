"""The runs of a list, stack by stack, until a deadline."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from betavae_core.config import preset
from betavae_core.datasets import Dataset, config_dataset
from betavae_core.datasets.resident import on_device
from betavae_core.errors import InputError
from betavae_core.scoring.elbo import score_elbo
from betavae_core.shipping.archives import pack
from betavae_core.store import load_run, read_history
from betavae_core.training.jobs import Job
from betavae_core.training.loop import Record
from betavae_core.training.stacked import group_stacks, train_stacked
from betavae_core.training.zoo import read_zoo

PASSES = {"2dshapes": 26, "3dshapes": 40, "mpi3d-toy": 18, "cifar10": 100, "cifar100": 100}


def full_length(job: Job) -> Job:
    """The job with as many images as in the large studies; smaller warm-ups are unchanged."""
    passes = PASSES.get(job.config.dataset, 1)
    return replace(job, config=replace(job.config, images=passes * _length(job.config.dataset)))


def _length(dataset: str) -> int:
    """Images of one pass, as the presets count them."""
    one = preset(f"{dataset}-conv-laptop").images
    return one // 20 if dataset.startswith("cifar") else one


def jobs_of(path: Path, whole: bool) -> list[Job]:
    """The jobs of the list, in order; whole: at full length."""
    jobs = [job for group in read_zoo(path) for job in group.jobs()]
    for job in jobs:
        job.distances = None  # measured where the features' network is
    return [full_length(job) for job in jobs] if whole else jobs


def seen(run: Path) -> int:
    """The images seen by a run, 0 if it does not exist."""
    return max((r["images"] for r in read_history(run)[0] if "nll" in r), default=0)


def next_stack(
    jobs: Sequence[Job], runs: Path, device: torch.device, speed: dict[int, float], seconds: float
) -> list[Job]:
    """The first unfinished job, with as many compatible ones as can be finished in `seconds` at the
    measured rates (models → images/s of all together); if none can, the smallest measured stack,
    which continues next time."""
    left = [
        job for job in jobs if job.status == "waiting" and seen(runs / job.name) < job.config.images
    ]
    if not left:
        return []
    configs = [job.config for job in left]
    images = max(configs[0].images - seen(runs / left[0].name), 1)
    fits = [n for n, rate in speed.items() if images * n / rate <= seconds]
    most = max(fits, default=min((n for n in speed if n > 1), default=1))
    return [left[number] for number in group_stacks(configs, runs, device, most)[0]]


def work(
    jobs: list[Job],
    runs: Path,
    out: Path,
    device: torch.device,
    speed: dict[int, float],
    deadline: float,
    say: Callable[[str], None],
) -> None:
    """Train the jobs, stack by stack, until the deadline (on the clock of `time.monotonic`)."""
    held: dict[tuple[str, str], Dataset] = {}
    while time.monotonic() < deadline:
        stack = next_stack(jobs, runs, device, speed, deadline - time.monotonic())
        if not stack:
            return
        config = stack[0].config
        try:
            if (config.dataset, config.source) not in held:
                held.clear()  # one set of images at a time
                held[config.dataset, config.source] = on_device(config_dataset(config), device)
        except InputError as error:
            _end(stack, str(error), say)
            continue
        dataset = held[config.dataset, config.source]
        say(f"{len(stack)} at once: {', '.join(job.name for job in stack)}")
        started, before = time.monotonic(), sum(seen(runs / job.name) for job in stack)
        try:
            for number, what in train_stacked(
                [job.config for job in stack],
                runs,
                resume=True,
                device=str(device),
                dataset=dataset,
                half=True,
                stop=lambda: time.monotonic() > deadline,
                snapshots=[job.snapshots for job in stack],
            ):
                if not isinstance(what, Record):
                    _end([stack[number]], str(what), say)
        except InputError as error:
            _end(stack, str(error), say)
        images = sum(seen(runs / job.name) for job in stack) - before
        took = time.monotonic() - started
        say(f"{images:,} images in {took:.0f} s, {images / took:,.0f} images/s")
        pack_runs(jobs, runs, out)
        for job in stack:  # on the images that are on the device; the rest is scored elsewhere
            done = job.status == "waiting" and seen(runs / job.name) >= job.config.images
            if done and time.monotonic() < deadline:
                run = load_run(runs / job.name)
                if run.score("elbo") is None:
                    score_elbo(run, dataset, device=device)


def _end(jobs: Sequence[Job], reason: str, say: Callable[[str], None]) -> None:
    for job in jobs:
        job.status, job.reason = "failed", reason
        say(f"{job.name}: {reason}")


def pack_runs(jobs: Sequence[Job], runs: Path, out: Path) -> dict[str, Any]:
    """The existing runs: finished ones first, then the others, each in the order of the list."""
    there = [job for job in jobs if (runs / job.name).is_dir()]
    there.sort(key=lambda job: seen(runs / job.name) < job.config.images)
    return pack([runs / job.name for job in there], out)
