"""freeze: a multi-rate run at one β, as an ordinary run."""

import argparse
from pathlib import Path

from ..datasets import DATASETS, load_dataset
from ..paths import runs_root
from ..scoring.elbo import score_elbo
from ..store import find_run, load_run
from ..store.frozen import freeze
from .progress import shown_progress
from .results import show_result


def run(options: argparse.Namespace) -> int:
    root = runs_root(options.runs_folder)
    source = load_run(find_run(options.name, root))
    made = freeze(source, options.beta, Path(options.to or root), options.as_name, options.half)
    if made.config.dataset in DATASETS:
        show = shown_progress(options)
        score_elbo(made, load_dataset(made.config.dataset, made.config.source, progress=show))
    about = f"{made.path}  ({made.config.origin})"
    show_result(options, {"run": str(made.path), "origin": made.config.origin}, about)
    return 0
