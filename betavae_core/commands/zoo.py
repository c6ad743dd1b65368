"""zoo: train and score the runs of a list, in order, within a time limit."""

import argparse
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..datasets import Dataset, config_dataset
from ..errors import InputError, wrong_value
from ..paths import home, runs_root
from ..scoring.distances import distance_observer
from ..scoring.scores import has_paper_scores, has_standard_scores
from ..shipping.recorded import record_run
from ..store import load_run, read_config, read_history, rounded_history
from ..store.files import SCORES_LOCK, TRAINING_LOCK
from ..training.jobs import Job
from ..training.resume import CHECKPOINT
from ..training.steering import CONTROL, CONTROL_LOCK
from ..training.sweep import sweep
from ..training.under_way import published
from ..training.watching import WATCH
from ..training.zoo import Group, read_zoo
from .progress import Show, say_error, shown_progress
from .stopping import asked_to_stop, stoppable
from .sweep_progress import show_sweep

LIST = "zoo.toml"


def run(options: argparse.Namespace) -> int:
    root = runs_root(options.runs_folder)
    groups = read_zoo(Path(options.list) if options.list else home() / LIST)
    if options.hours is not None and not options.hours > 0:
        raise wrong_value("--hours", "above 0", options.hours)
    jobs = [job for group in groups for job in group.jobs()]
    if options.ship:
        show = shown_progress(options)
        for path in ship(groups, root, Path(options.ship), options.root, show):
            show.say(str(path))
    elif not options.left:
        _work(jobs, root, options)
    return _report(groups, jobs, root, options)


def _work(jobs: list[Job], root: Path, options: argparse.Namespace) -> None:
    deadline = time.monotonic() + 3600 * (options.hours or float("inf"))
    show = shown_progress(options)
    with asked_to_stop() as asked:
        for job in jobs:  # a dataset's one-time work is done once, before the workers start
            try:
                dataset = config_dataset(job.config, options.root, stoppable(show, asked))
                if job.distances:
                    distance_observer(
                        dataset, **job.distances, device=options.device, progress=show
                    )
            except InputError as error:
                job.status, job.reason = "failed", str(error)
        states = sweep(
            jobs,
            root,
            workers=options.workers,
            device=options.device,
            half=True,
            data_root=options.root,
            threads=1,
            low_priority=True,
            stop=lambda: bool(asked) or time.monotonic() > deadline,
        )
        for state in published(states, root, "zoo"):
            show_sweep(show, state, root)


def ship(
    groups: list[Group],
    root: Path,
    target: Path,
    data_root: str | None = None,
    show: Show | None = None,
) -> Iterator[Path]:
    """Copy the finished runs of the list under `root` into `target`, with a rounded history, and
    with weights if the list keeps them; yields the new folders. An existing folder is left
    unchanged, so that the same call can continue; a run that is not scored yet is left for a later
    one."""
    for group in groups:
        for config in group.configs:
            made = target / config.run_id
            if made.exists() or images_trained(root / config.run_id) < config.images:
                continue
            run = load_run(root / config.run_id)
            complete = has_standard_scores(run) if group.scored else True
            if not complete or (group.paper_mode and not has_paper_scores(run)):
                if show:
                    show.say(f"{run.name} is trained but not scored yet: it is left for later.")
                continue
            if config.seed in group.weights:
                unfinished = shutil.ignore_patterns(
                    *(CHECKPOINT, TRAINING_LOCK, SCORES_LOCK, WATCH, CONTROL, CONTROL_LOCK)
                )
                shutil.copytree(run.path, made, ignore=unfinished)
            else:
                dataset: Dataset | None = None
                with suppress(InputError):  # missing images: a strip of prior samples
                    dataset = config_dataset(config, data_root, show)
                record_run(run, made, dataset)
            rounded_history(made)
            yield made


def _report(groups: list[Group], jobs: list[Job], root: Path, options: argparse.Namespace) -> int:
    """Print the remaining work, one line per group; returns 1 if a run failed."""
    failed = [job for job in jobs if job.status == "failed"]
    for job in failed:
        say_error(options, f"{job.name} failed: {job.reason}")
    rows = []
    for group in groups:
        seen = [images_trained(root / config.run_id) for config in group.configs]
        budgets = [config.images for config in group.configs]
        left = sum(budget - min(n, budget) for n, budget in zip(seen, budgets, strict=True))
        finished = sum(n >= budget for n, budget in zip(seen, budgets, strict=True))
        rows.append(
            {"title": group.title, "runs": len(seen), "finished": finished, "images_left": left}
        )
    if options.json:
        print(json.dumps(rows))
    else:
        for row in rows:
            print(
                f"{row['title']}: {row['finished']} of {row['runs']} runs, "
                f"{row['images_left']:,} images left"
            )
    return 1 if failed else 0


def images_trained(path: Path) -> int:
    """The images seen by a run, 0 if it does not exist or was steered away from its settings."""
    try:
        if read_config(path).by_hand:
            return 0
        history = read_history(path)[0]
    except InputError:
        return 0
    return max((record["images"] for record in history if "nll" in record), default=0)
