"""sweep: every combination of β and seed, several at a time."""

import argparse
import json
from dataclasses import replace
from typing import Any

from ..config import RunConfig
from ..datasets import config_dataset
from ..errors import InputError, Refusal
from ..paths import runs_root
from ..penalties import COMPARED
from ..scoring.distances import distance_observer
from ..training.engines.ray import sweep_on_ray
from ..training.sweep import sweep
from ..training.under_way import published
from .options.sweep import BETAS
from .progress import say_error, shown_progress
from .settings import check_distances, config_of, numbers
from .stopping import asked_to_stop
from .sweep_progress import show_sweep

# settings that all runs share
GIVEN = (
    "dataset",
    "model",
    "objective",
    "images",
    "kl_warmup",
    "precision",
)


def run(options: argparse.Namespace) -> int:
    if options.engine != "ray" and (options.address or options.gpus_per_run is not None):
        raise InputError("--address and --gpus-per-run belong to --engine ray.", Refusal.CONFLICT)
    given = {name: getattr(options, name) for name in GIVEN}
    show = shown_progress(options)
    given = {name: value for name, value in given.items() if value is not None}
    alone = given.get("model") == "conv-multirate" or given.get("objective") in COMPARED
    if alone and options.beta:
        given["beta"] = options.beta  # is refused
    base = config_of(options, given, show)
    configs = [
        replace(one, seed=seed)
        for seed in numbers(options.seed, int, "--seed")
        for one in weighted(base, options)
    ]
    # one-time work is done once, before the workers start
    dataset = config_dataset(base, options.root, show)
    if options.distances:
        check_distances(options.distances, show)
    if options.distances and options.engine == "local":  # each node of a cluster has its own cache
        distance_observer(dataset, options.distances, device=options.device, progress=show)
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
            show_sweep(show, state, root)
    assert state is not None, "a sweep yields at least once"
    for job in state.jobs:
        if job.status == "failed":
            say_error(options, f"{job.name} failed: {job.reason}")
    if asked:
        show.say("Stopped and saved; the same command continues.")
    done = [{"run": job.name, "status": job.status, "reason": job.reason} for job in state.jobs]
    if options.json:
        print(json.dumps(done))
    else:
        print("\n".join(f"{job.name}  {job.status}" for job in state.jobs))
    return 1 if state.count("failed") else 0


def weighted(base: RunConfig, options: argparse.Namespace) -> list[RunConfig]:
    """A config for each requested β or, with another objective, strength."""
    if base.objective in COMPARED and options.strength:
        strengths = numbers(options.strength, float, "--strength")
        return [replace(base, strength=strength) for strength in strengths]
    if options.strength:
        raise InputError(
            "--strength belongs to an --objective other than beta-vae.", Refusal.CONFLICT
        )
    if base.beta is None:
        return [base]
    return [replace(base, beta=beta) for beta in numbers(options.beta or BETAS, float, "--beta")]
