"""The use of a borrowed GPU machine in one command: check it, measure its speed, and train.

    python -m benchmarks.gpu --minutes 9 --out DIR

First small cases on the device against the CPU; then images/s of one graphed model, of stacks of 4,
16 and 32 and of several processes; then the runs of zoo.toml at the length of the large studies
(26 passes of 2Dshapes, 40 of 3Dshapes, 18 of MPI3DToy, 100 of CIFAR where its images are there),
in the order of the list and as many at once as the time allows, until it is up. DIR gets `gpu.json`
and the runs in at most 8 parts of 16 MB, rewritten after every stack and at the end;
`python -m betavae_core unpack DIR` unpacks them as runs. The same command with the earlier contents
of DIR continues where it stopped: the runs packed there are unpacked first.
"""

import argparse
import json
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from betavae_core.config import RunConfig, preset
from betavae_core.datasets import Dataset, config_dataset, load_dataset
from betavae_core.datasets.base import to_float
from betavae_core.datasets.resident import on_device
from betavae_core.device import (
    choose_device,
    exact_float32,
    fastest_precision,
    keep_freed_memory,
    moved,
)
from betavae_core.errors import InputError
from betavae_core.metrics.classifiers import fit_predict
from betavae_core.models import build_vae
from betavae_core.paths import cache_root
from betavae_core.scoring.elbo import score_elbo
from betavae_core.shipping.archives import MANIFEST, pack, unpack
from betavae_core.store import load_run, read_history, write_atomically
from betavae_core.training.jobs import Job
from betavae_core.training.loop import Record
from betavae_core.training.stacked import group_stacks, train_stacked
from betavae_core.training.stacked_step import Stack, StackStep, graphed
from betavae_core.training.step import GraphedStep, make_optimizer, make_step
from betavae_core.training.zoo import read_zoo

PASSES = {"2dshapes": 26, "3dshapes": 40, "mpi3d-toy": 18, "cifar10": 100, "cifar100": 100}
SIZES = (4, 16, 32)  # sizes of the measured stacks
RESERVE = 20.0  # seconds at the end, for checkpoints and packing
LIST = Path(__file__).resolve().parents[1] / "zoo.toml"


# ---- is it right?


@dataclass(frozen=True)
class Check:
    """One comparison with the CPU."""

    what: str
    difference: float
    tolerance: float

    @property
    def holds(self) -> bool:
        return self.difference <= self.tolerance  # false for NaN


def checks(device: torch.device) -> Iterator[Check]:
    """The device against the CPU in float32, and graph and stack against the plain step."""
    with exact_float32():
        yield from _checks(device)


def _checks(device: torch.device) -> Iterator[Check]:
    config = RunConfig(batch_size=16)
    cpu = torch.device("cpu")
    plain, there = _terms(config, cpu), _terms(config, device)
    yield Check("four steps, device and CPU", _far(there, plain), 1e-3)
    yield Check("four steps, graph and plain", _far(_terms(config, device, True), there), 1e-5)
    configs = [replace(config, beta=beta, seed=seed) for beta, seed in ((1.0, 1), (4.0, 123))]
    stacked = _stack_terms(configs, device, False)
    each = torch.stack([_terms(one, device) for one in configs], 1)
    yield Check("four steps, stack and one by one", _far(stacked, each), 1e-3)
    yield Check(
        "four steps, stack's graph and plain",
        _far(_stack_terms(configs, device, True), stacked),
        1e-5,
    )
    images = to_float(load_dataset("2dshapes", "rendered").images(range(0, 737_280, 2880)))
    model = build_vae(config).eval()
    with torch.no_grad():
        codes = model.encode(images)[0]
        yield Check(
            "codes", _far(moved(model, device).encode(images.to(device))[0].cpu(), codes), 1e-4
        )
    points, labels = _points()
    for name in ("linear", "mlp"):
        one, other = (
            fit_predict(name, points, labels, points, 3, paper=False, seeds=[0, 1], device=place)
            for place in (cpu, device)
        )
        yield Check(f"guesses of the {name} classifier", float((one != other).mean()), 0.01)


def _points() -> tuple[np.ndarray, np.ndarray]:
    """Two problems (2, 150, 4) of three classes that a line separates in part, and labels."""
    source = np.random.default_rng(0)
    labels = source.integers(0, 3, (2, 150))
    return source.normal(size=(2, 150, 4)) + 1.5 * np.eye(3, 4)[labels], labels


def _far(one: torch.Tensor, other: torch.Tensor) -> float:
    """The largest difference, relative to the other's largest value."""
    return float((one.cpu() - other.cpu()).abs().max() / other.cpu().abs().max())


def _batches(config: RunConfig, models: int, device: torch.device) -> Iterator[tuple[Any, Any]]:
    """Endless images and noise (K, N, D), the same on every device."""
    dataset = load_dataset("2dshapes", "rendered")
    source = torch.Generator().manual_seed(0)
    while True:
        rows = torch.randint(len(dataset), (config.batch_size,), generator=source)
        one = torch.randn(config.batch_size, config.latents, generator=source)
        yield dataset.images(rows).to(device), one.expand(models, -1, -1).to(device)


def _terms(config: RunConfig, device: torch.device, graph: bool = False) -> torch.Tensor:
    """NLL and KL (4, 1 + D) of four steps, after one that gives the optimizer its state."""
    model = build_vae(config).to(device)
    optimizer = make_optimizer(model, config)
    step: Callable[..., torch.Tensor] = make_step(model, optimizer, config)
    batches = _batches(config, 1, device)
    images, noise = next(batches)
    step(images, noise[0], config.beta)
    if graph:
        step = GraphedStep(step, model, optimizer, config)
    found = []
    for _ in range(4):
        images, noise = next(batches)
        found.append(step(images, noise[0], config.beta).clone())
    return torch.stack(found)


def _stack_terms(configs: Sequence[RunConfig], device: torch.device, graph: bool) -> torch.Tensor:
    """The same of a stack, (4, K, 1 + D)."""
    stack, given = _stack(configs, device)
    batches = _batches(configs[0], len(configs), device)
    first = next(batches)
    stack.step(*first, *given)
    step: StackStep = graphed(stack, *first) if graph else stack.step
    return torch.stack([step(*next(batches), *given).clone() for _ in range(4)])


def _stack(
    configs: Sequence[RunConfig], device: torch.device
) -> tuple[Stack, tuple[torch.Tensor, torch.Tensor]]:
    """A fresh stack, and its β and learning rates (K,)."""
    models = [build_vae(config).to(device) for config in configs]
    optimizers = [make_optimizer(m, c) for m, c in zip(models, configs, strict=True)]
    beta = torch.tensor([config.beta for config in configs], device=device)
    rate = torch.tensor([config.learning_rate for config in configs], device=device)
    return Stack(models, optimizers, configs), (beta, rate)


# ---- how fast is it?


def rate_alone(config: RunConfig, dataset: Dataset, seconds: float) -> float:
    """Images/s of one model, its step captured as a graph, its images on the device."""
    device = dataset.device
    model = build_vae(config).to(device).to(memory_format=torch.channels_last)
    optimizer = make_optimizer(model, config)
    step = GraphedStep(make_step(model, optimizer, config), model, optimizer, config)
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(0)).to(device)

    def once(first: int) -> None:
        rows = order[first : first + config.batch_size]
        noise = torch.randn(config.batch_size, config.latents, device=device)
        step(dataset.gather(rows), noise, config.beta or 0.0)

    return _rate(once, config.batch_size, len(dataset), device, seconds)


def rate_stacked(config: RunConfig, dataset: Dataset, models: int, seconds: float) -> float:
    """Images/s of all models of a stack together."""
    device, size = dataset.device, config.batch_size
    stack, given = _stack([replace(config, seed=seed) for seed in range(models)], device)
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(0)).to(device)
    sources = [torch.Generator(device).manual_seed(seed) for seed in range(models)]
    noise = torch.empty(models, size, config.latents, device=device)
    step = graphed(stack, dataset.gather(order[:size]), noise)

    def once(first: int) -> None:
        for row, source in enumerate(sources):  # as train_stacked draws it
            noise[row] = torch.randn(size, config.latents, generator=source, device=device)
        step(dataset.gather(order[first : first + size]), noise, *given)

    return models * _rate(once, size, len(dataset), device, seconds)


def _rate(
    once: Callable[[int], None], size: int, length: int, device: torch.device, seconds: float
) -> float:
    for _ in range(3):
        once(0)
    _wait(device)
    started, images = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        for _ in range(10 if device.type == "cuda" else 1):  # the host must not run far ahead
            once(images % (length - size))
            images += size
        _wait(device)
    return images / (time.perf_counter() - started)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def rate_processes(
    config: RunConfig, device: torch.device, processes: int, seconds: float
) -> float:
    """Images/s of several processes with one model each, all together."""
    spawn = multiprocessing.get_context("spawn")
    pipes = []
    for _ in range(processes):
        mine, theirs = spawn.Pipe()
        spawn.Process(
            target=_process, args=(config, str(device), seconds, theirs), daemon=True
        ).start()
        theirs.close()  # so that the death of a worker ends the waiting
        pipes.append(mine)
    try:
        for pipe in pipes:
            pipe.recv()  # ready
        for pipe in pipes:
            pipe.send("go")
        return sum(pipe.recv() for pipe in pipes)
    except EOFError as error:
        raise InputError(
            "A process of the measurement died, perhaps for lack of memory."
        ) from error


def _process(config: RunConfig, device: str, seconds: float, pipe: Any) -> None:
    place = torch.device(device)
    torch.set_num_threads(1)
    dataset = on_device(config_dataset(config), place)
    rate_alone(config, dataset, 0.0)  # warm
    pipe.send("ready")
    pipe.recv()
    pipe.send(rate_alone(config, dataset, seconds))


def rates(
    device: torch.device, sizes: Sequence[int], processes: int, seconds: float
) -> Iterator[tuple[str, float]]:
    """Images/s of each way to train the conv VAE of 64×64×1, batch 64."""
    config = preset("2dshapes-conv-laptop", precision=fastest_precision(device))
    keep_freed_memory()
    dataset = on_device(config_dataset(config), device)
    yield "alone", rate_alone(config, dataset, seconds)
    for models in sizes:
        yield f"stack of {models}", rate_stacked(config, dataset, models, seconds)
    if processes > 1:
        yield f"{processes} processes", rate_processes(config, device, processes, seconds)


# ---- train


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


def report(jobs: Sequence[Job], runs: Path, started: dict[str, Any]) -> dict[str, Any]:
    """The results, for gpu.json."""
    rows = [
        {
            "run": job.name,
            "images": seen(runs / job.name),
            "budget": job.config.images,
            "reason": job.reason,
        }
        for job in jobs
    ]
    return started | {"runs": rows}


def main(arguments: list[str] | None = None) -> int:
    about, _, more = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu",
        description=about,
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=9.0, help="for all of it (9)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="of the results")
    parser.add_argument(
        "--runs", type=Path, metavar="DIR", help="where runs are trained (in the cache folder)"
    )
    parser.add_argument("--list", type=Path, default=LIST, metavar="FILE", help="default: zoo.toml")
    parser.add_argument(
        "--as-listed", action="store_true", help="the list's own numbers of images, no full length"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement; 0: none")
    parser.add_argument("--processes", type=int, default=4, help="measured at the same time (4)")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    try:
        return run(options, began + 60 * options.minutes - min(RESERVE, 6 * options.minutes))
    except InputError as error:
        print(error)
        return 2


def run(options: argparse.Namespace, deadline: float) -> int:
    if not options.minutes > 0:
        raise InputError(f"--minutes must be above 0, got {options.minutes:g}.")
    device = choose_device(options.device)
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)

    runs = options.runs or cache_root() / "gpu-runs"
    jobs = jobs_of(options.list, not options.as_listed)
    if (options.out / MANIFEST).exists():
        for name, result in unpack(options.out, runs).items():
            say(f"{name} from before: {result}")
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    about: dict[str, Any] = {"device": name, "torch": torch.__version__, "checks": [], "rates": {}}
    wrong = False
    for check in checks(device):
        wrong |= not check.holds
        say(
            f"{'equal' if check.holds else 'DIFFERS'}: {check.what}: {check.difference:.1e} "
            f"(at most {check.tolerance:g})"
        )
        row = {"what": check.what, "difference": check.difference, "tolerance": check.tolerance}
        about["checks"].append(row)
    speed = {1: 1.0}
    if options.seconds > 0:
        sizes = SIZES if device.type == "cuda" else SIZES[:1]
        for way, rate in rates(device, sizes, options.processes, options.seconds):
            say(f"{way}: {rate:,.0f} images/s")
            about["rates"][way] = rate
        speed = {n: about["rates"][f"stack of {n}"] for n in sizes} | {1: about["rates"]["alone"]}

    def write() -> None:
        options.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(report(jobs, runs, about), indent=1)
        write_atomically(options.out / "gpu.json", text.encode())

    write()
    if wrong:
        say("The device's results differ from the CPU's: nothing is trained on it.")
    else:
        work(jobs, runs, options.out, device, speed, deadline, say)
    packed = pack_runs(jobs, runs, options.out)
    write()
    finished = sum(seen(runs / job.name) >= job.config.images for job in jobs)
    say(
        f"{finished} of {len(jobs)} runs finished; {len(packed['runs'])} packed in "
        f"{len(packed['parts'])} parts, {sum(p['bytes'] for p in packed['parts']) / 1e6:.1f} MB"
        + (
            f", left out for lack of room: {', '.join(packed['left_out'])}"
            if packed["left_out"]
            else ""
        )
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
