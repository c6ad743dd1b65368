"""freeze: a multi-rate run at one β, as an ordinary run."""

import argparse
from contextlib import suppress
from pathlib import Path

from ..datasets import config_dataset
from ..errors import InputError
from ..paths import runs_root
from ..scoring.elbo import score_elbo
from ..store import find_run, load_run
from ..store.frozen import freeze
from .progress import shown_progress
from .results import show_result


def run(options: argparse.Namespace) -> int:
    root = runs_root(options.runs_folder)
    source = load_run(find_run(options.name, root))
    show, dataset = shown_progress(options), None
    with suppress(InputError):  # images that are not here: its NLL and KL stay "not computed"
        dataset = config_dataset(source.config, None, show)
    made = freeze(source, options.beta, Path(options.to or root), options.as_name, options.half)
    if dataset is not None:
        show.say(f"{made.name}: measuring reconstruction loss and KL …")
        score_elbo(made, dataset)
    about = f"{made.path}  ({made.config.origin})"
    show_result(options, {"run": str(made.path), "origin": made.config.origin}, about)
    return 0
