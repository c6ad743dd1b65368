"""The runs of a list, stack by stack, until a deadline."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from betavae_core.config import preset
from betavae_core.datasets import Dataset, config_dataset
from betavae_core.datasets.resident import on_device
from betavae_core.errors import Diverged, InputError
from betavae_core.models import build_vae
from betavae_core.penalties import BETA_VAE
from betavae_core.scoring.codes import code_table
from betavae_core.scoring.elbo import score_elbo
from betavae_core.scoring.rate_distortion import score_rate_distortion
from betavae_core.scoring.scores import has_standard_scores
from betavae_core.shipping.archives import pack
from betavae_core.shipping.recorded import record_run
from betavae_core.store import WEIGHTS, load_run, read_history
from betavae_core.training.jobs import Job
from betavae_core.training.loop import Record, train
from betavae_core.training.stacked import group_stacks, train_stacked
from betavae_core.training.stacked_model import is_stackable
from betavae_core.training.step import can_be_graphed
from betavae_core.training.zoo import read_zoo

from .scorers import Scorers

LARGE = 4 * 10**6  # bytes of weights above which a scored run travels without them
CHECKPOINT_SECONDS = 120.0
WORTH_FUSING = 20 * 10**6  # images of all runs of a stack: fewer take less time than compiling
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
    device: torch.device,
    speed: dict[int, float],
    fused: bool,
    scorers: Scorers,
    deadline: float,
    say: Callable[[str], None],
    keep: Callable[[], None],
) -> None:
    """Train the jobs, stack by stack, until the deadline (on the clock of `time.monotonic`); the
    device encodes the images of finished runs, `scorers` do the rest. keep: called after every
    stack."""
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
            for number, what in _train(stack, runs, device, dataset, fused, deadline):
                if not isinstance(what, Record):
                    _end([stack[number]], str(what), say)
        except (InputError, Diverged) as error:
            _end(stack, str(error), say)
        images = sum(seen(runs / job.name) for job in stack) - before
        took = time.monotonic() - started
        say(f"{images:,} images in {took:.0f} s, {images / took:,.0f} images/s")
        started = time.monotonic()
        for job in stack:
            done = job.status == "waiting" and seen(runs / job.name) >= job.config.images
            if done and time.monotonic() < deadline:
                measure(runs / job.name, dataset, device)
                if job.scored and not job.config.multirate:
                    scorers.add(runs / job.name)
        keep()
        say(f"measured and packed in {time.monotonic() - started:.0f} s")


def _train(
    stack: Sequence[Job],
    runs: Path,
    device: torch.device,
    dataset: Dataset,
    fused: bool,
    deadline: float,
) -> Iterator[tuple[int, Record | InputError | Diverged]]:
    """Train a stack, or a run that is trained alone."""

    def stop() -> bool:
        return time.monotonic() > deadline

    config = stack[0].config
    place = str(device)
    stackable = config.objective == BETA_VAE and is_stackable(build_vae(config))
    if len(stack) == 1 and not stackable:
        graph = device.type == "cuda" and can_be_graphed(config)
        common: Any = {"checkpoint_seconds": CHECKPOINT_SECONDS, "stop": stop, "half": True}
        for record in train(config, runs, resume=True, device=place, graph=graph, **common):
            yield 0, record
        return
    yield from train_stacked(
        [job.config for job in stack],
        runs,
        resume=True,
        device=place,
        dataset=dataset,
        half=True,
        fused=fused and config.model == "conv" and len(stack) * config.images > WORTH_FUSING,
        checkpoint_seconds=CHECKPOINT_SECONDS,
        stop=stop,
        snapshots=[job.snapshots for job in stack],
    )


def measure(path: Path, dataset: Dataset, device: torch.device) -> None:
    """What the device does for a finished run: its ELBO, and the codes of all images, which its
    scores read."""
    run = load_run(path)
    if run.config.multirate:
        score_rate_distortion(run, dataset, device=device)
        return
    if run.score("elbo") is None:
        score_elbo(run, dataset, device=device)
    if dataset.space is not None:
        code_table(run.model, run.weights_hash, dataset, device=device)


def _end(jobs: Sequence[Job], reason: str, say: Callable[[str], None]) -> None:
    for job in jobs:
        job.status, job.reason = "failed", reason
        say(f"{job.name}: {reason}")


def pack_runs(jobs: Sequence[Job], runs: Path, out: Path) -> dict[str, Any]:
    """The existing runs: finished ones first, then the others, each in the order of the list. A
    scored run with more than `LARGE` bytes of weights is packed without them."""
    there = [job for job in jobs if (runs / job.name).is_dir()]
    there.sort(key=lambda job: seen(runs / job.name) < job.config.images)
    return pack([_light(runs / job.name, runs.with_name("records")) for job in there], out)


def _light(path: Path, records: Path) -> Path:
    """The run, or its record if it is large and scored."""
    weights = path / WEIGHTS
    if not weights.exists() or weights.stat().st_size < LARGE:
        return path
    run = load_run(path)
    if run.status != "finished" or not has_standard_scores(run):
        return path
    if not (records / run.name).exists():
        record_run(run, records / run.name, config_dataset(run.config))
    return records / run.name
