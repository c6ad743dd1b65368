"""import, runs, presets: what is here and what comes from elsewhere."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from ..config import PRESETS
from ..datasets import DATASETS, load_dataset
from ..evaluation import score_elbo
from ..importers import IMPORTERS, import_checkpoint
from ..models import MODELS
from ..paths import runs_root
from ..store import BrokenRun, list_runs, load_run
from .base import add_verb, show_result, summary
from .data import Bar


def add_parser(verbs: Any) -> None:
    importing = add_verb(verbs, "import", _import, "Turn another project's checkpoint into a run.")
    known = "; ".join(f"{name} ({entry.layout})" for name, entry in IMPORTERS.items())
    importing.add_argument("path", help=f"the checkpoint's file or folder; known layouts: {known}")
    importing.add_argument("--name", help="the run's folder name (default: the checkpoint's)")

    add_verb(verbs, "runs", _runs, "List the runs that are here, the broken ones with the reason.")
    add_verb(verbs, "presets", _presets, "List the presets of the paper and their settings.")


def _import(options: argparse.Namespace) -> int:
    path = import_checkpoint(options.path, runs_root(options.out), options.name)
    run = load_run(path)
    if run.config.dataset in DATASETS:
        score_elbo(run, load_dataset(run.config.dataset, progress=Bar()))
    show_result(options, {"run": str(path)}, f"{path}  ({run.config.origin})")
    return 0


def _runs(options: argparse.Namespace) -> int:
    found = list_runs(runs_root(options.out))
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
            print(f"{run.name}  {run.status}  nll {nll}  KL {kl}")
    return 0


def _presets(options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps({name: asdict(config) for name, config in PRESETS.items()}, indent=1))
        return 0
    for name, config in PRESETS.items():
        print(
            f"{name:24} {MODELS[config.model].title}, {config.optimizer} {config.learning_rate:g}, "
            f"batch {config.batch_size}, {config.latents} latents, {config.images:,} images"
        )
    return 0
