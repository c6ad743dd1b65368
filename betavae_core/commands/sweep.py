"""sweep: every combination of β and seed, several at a time."""

import argparse
import json
import math
import sys
import time
from dataclasses import replace
from typing import Any

from ..datasets import config_dataset
from ..errors import InputError
from ..paths import runs_root
from ..scoring.distances import distance_observer
from ..training.engines.ray import sweep_on_ray
from ..training.sweep import Job, Sweep, sweep
from ..training.under_way import published
from .base import asked_to_stop, check_distances, config_of, numbers
from .progress import Bar

GIVEN = ("dataset", "model", "images", "kl_warmup", "precision")  # settings that all runs share
NAMED = 4  # runs at a time that a line of progress has room for


def run(options: argparse.Namespace) -> int:
    if options.engine != "ray" and (options.address or options.gpus_per_run is not None):
        raise InputError("--address and --gpus-per-run belong to --engine ray.")
    given = {name: getattr(options, name) for name in GIVEN}
    base = config_of(options, {name: value for name, value in given.items() if value is not None})
    configs = [
        replace(base, beta=beta, seed=seed)
        for seed in numbers(options.seed, int, "--seed")
        for beta in numbers(options.beta, float, "--beta")
    ]
    # one-time work is done once, before the workers
    dataset = config_dataset(base, options.root, Bar())
    if options.distances:
        check_distances(options.distances)
    if options.distances and options.engine == "local":  # each node of a cluster has its own cache
        distance_observer(dataset, options.distances, device=options.device, progress=Bar())
    say = SweepProgress()
    state = None
    root = runs_root(options.runs_folder)
    with asked_to_stop() as asked:
        settings: dict[str, Any] = {
            "workers": options.workers,
            "device": options.device,
            "half": options.half,
            "data_root": options.root,
            "distances": {"count": options.distances} if options.distances else None,
            "snapshots": options.snapshots,
            "checkpoint_seconds": options.checkpoint_seconds,
            "stop": lambda: bool(asked),
        }
        if options.engine == "ray":
            settings |= {"address": options.address, "gpus_per_run": options.gpus_per_run}
            states = sweep_on_ray(configs, root, **settings)
        else:
            states = sweep(configs, root, **settings)
        for state in published(states, root, "sweep"):
            say.show(state)
    assert state is not None, "a sweep yields at least once"
    for job in state.jobs:
        if job.status == "failed":
            print(f"{job.name} failed: {job.reason}", file=sys.stderr)
    if asked:
        print("Stopped and saved; the same command goes on.", file=sys.stderr)
    done = [{"run": job.name, "status": job.status, "reason": job.reason} for job in state.jobs]
    if options.json:
        print(json.dumps(done))
    else:
        print("\n".join(f"{job.name}  {job.status}" for job in state.jobs))
    return 1 if state.count("failed") else 0


class SweepProgress:
    """All runs of a sweep in one line, on stderr."""

    def __init__(self) -> None:
        self.said = ""
        self.when = 0.0

    def show(self, state: Sweep) -> None:
        left = state.seconds_left
        text = (
            f"{state.count('finished')} of {len(state.jobs)} finished, "
            + (f"{state.count('failed')} failed, " if state.count("failed") else "")
            + f"{'–' if left is None else math.ceil(left / 60)} min left"
            + _at_work([job for job in state.jobs if job.status in ("running", "scoring")])
        )
        tty = sys.stderr.isatty()
        if text != self.said and (tty or time.monotonic() - self.when > 30):
            print(
                text.ljust(len(self.said)), end="\r" if tty else "\n", file=sys.stderr, flush=True
            )
            self.said, self.when = text, time.monotonic()


def _at_work(jobs: list[Job]) -> str:
    """The runs that are worked on, each by name; where they are many, how many."""
    nodes = {job.node for job in jobs if job.node}
    where = f" on {len(nodes)} nodes" if len(nodes) > 1 else ""
    if len(jobs) > NAMED:
        rate = sum(job.rate for job in jobs)
        return f"; {len(jobs)} runs under way{where}, {rate:,.0f} images/s"
    names = [
        f"{job.name} "
        + ("scoring" if job.status == "scoring" else f"{100 * job.images // job.config.images} %")
        for job in jobs
    ]
    return f"; {', '.join(names)}{where}" if jobs else ""
