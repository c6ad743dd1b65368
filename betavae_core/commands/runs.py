"""import, runs, record, presets: list runs and presets, import and keep runs."""

import argparse
import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from ..config import PRESETS
from ..datasets import DATASETS, Dataset, config_dataset, load_dataset
from ..errors import InputError
from ..importers import import_checkpoint
from ..models import MODELS
from ..paths import runs_root
from ..scoring.elbo import score_elbo
from ..shipping.recorded import record_run
from ..store import BrokenRun, find_run, list_runs, load_run
from .progress import shown_progress
from .results import show_result, summary


def import_run(options: argparse.Namespace) -> int:
    path = import_checkpoint(
        options.path, runs_root(options.runs_folder), options.name, options.entry
    )
    run = load_run(path)
    if run.config.dataset in DATASETS:
        score_elbo(run, load_dataset(run.config.dataset, progress=shown_progress(options)))
    show_result(options, {"run": str(path)}, f"{path}  ({run.config.origin})")
    return 0


def show_runs(options: argparse.Namespace) -> int:
    found = list_runs(runs_root(options.runs_folder))
    if options.json:
        print(json.dumps([summary(run) for run in found], indent=1))
        return 0
    if not found:
        print("No runs yet; train one with: python -m betavae_core train")
    for run in found:
        if isinstance(run, BrokenRun):
            print(f"{run.name}  BROKEN: {run.reason}")
        else:
            about = summary(run)
            nll = "not computed" if about["nll"] is None else f"{about['nll']:.2f}"
            kl = "not computed" if about["kl"] is None else f"{about['kl']:.2f}"
            kept = "" if run.has_weights else ", without weights"
            print(f"{run.name}  {run.status}{kept}  nll {nll}  KL {kl}")
    return 0


def record_runs(options: argparse.Namespace) -> int:
    root, target = runs_root(options.runs_folder), Path(options.to)
    made = []
    for name in options.names:
        run = load_run(find_run(name, root))
        dataset: Dataset | None = None
        with suppress(InputError):  # missing images: the strip shows prior samples
            dataset = config_dataset(run.config, options.root, shown_progress(options))
        record_run(run, target / run.name, dataset)
        made.append(str(target / run.name))
    show_result(options, {"runs": made}, "\n".join(made))
    return 0


def show_presets(options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps({name: asdict(config) for name, config in PRESETS.items()}, indent=1))
        return 0
    for name, config in PRESETS.items():
        print(
            f"{name:24} {MODELS[config.model].title}, {config.optimizer} {config.learning_rate:g}, "
            f"batch {config.batch_size}, {config.latents} latents, {config.images:,} images"
        )
    return 0
