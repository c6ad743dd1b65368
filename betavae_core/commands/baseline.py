"""baseline KIND…: PCA, ICA, an untrained encoder, the true factors and noise, as runs."""

import argparse
import json
from itertools import product

from ..config import BASELINE_KINDS
from ..datasets import load_dataset
from ..paths import runs_root
from ..scoring.baselines import baseline_config, make_baseline
from ..store import CONFIG
from .progress import shown_progress
from .settings import numbers


def run(options: argparse.Namespace) -> int:
    kinds = BASELINE_KINDS if options.kinds == "all" else options.kinds.split(",")
    root = runs_root(options.runs_folder)
    show = shown_progress(options)
    missing = f"missing={options.missing}" if options.missing else ""
    fits = {"ica": options.fit, "oracle": missing}
    dataset = load_dataset(options.dataset, options.source, options.root, progress=show)
    configs = [
        baseline_config(
            kind,
            dataset,
            seed=seed,
            mode=options.mode,
            latents=options.latents,
            model=options.model,
            fit=fits.get(kind, ""),
        )
        for kind, seed in product(kinds, numbers(options.seed, int, "--seed"))
    ]
    made = []
    for config in configs:
        path = root / config.run_id
        there = (path / CONFIG).exists()
        if not there:
            make_baseline(config, root, dataset)
        made.append({"run": str(path), "made": not there})
        if not options.json:
            print(f"{config.run_id}  {'already existed' if there else 'made'}")
    if options.json:
        print(json.dumps(made))
    return 0
