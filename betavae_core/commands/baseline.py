"""baseline KIND…: PCA, ICA, an untrained encoder, the true factors and noise, as runs."""

import argparse
import json
from itertools import product
from typing import Any

from ..datasets import DATASETS, load_dataset
from ..models import MODELS
from ..paths import runs_root
from ..scoring.baselines import FITTED_ON, ICA_USUAL, KINDS, baseline_config, make_baseline
from ..store import CONFIG
from .base import add_verb, numbers
from .progress import Bar


def add_parser(verbs: Any) -> None:
    parser = add_verb(
        verbs, "baseline", run, "Make the baselines that a run's scores are to be compared with."
    )
    parser.add_argument("kinds", metavar="KIND,KIND,…", help=f"of {', '.join(KINDS)}, or all")
    names = ", ".join([*DATASETS, "folder"])
    parser.add_argument("--dataset", default="2dshapes", help=f"{names}, or one of your own")
    parser.add_argument("--source", help="rendered or official (default: official where it is)")
    parser.add_argument("--root", metavar="PATH", help="official dataset file or its folder")
    parser.add_argument("--seed", default="123", metavar="S,S,…", help="default %(default)s")
    parser.add_argument(
        "--mode",
        default="paper",
        help="how many images PCA and ICA are fitted on: "
        + "; ".join(
            f"{mode}: {', '.join(f'{k} {b:,} (RGB {c:,})' for k, (b, c) in counts.items())}"
            for mode, counts in FITTED_ON.items()
        ),
    )
    parser.add_argument("--latents", type=int, help="components or latents (10)")
    parser.add_argument("--model", default="conv", choices=MODELS, help="of the untrained encoder")
    usual = " ".join(f"{key}={value}" for key, value in ICA_USUAL.items())
    parser.add_argument(
        "--fit", default="", metavar='"fun=cube …"', help=f"settings of ICA (usual: {usual})"
    )


def run(options: argparse.Namespace) -> int:
    kinds = KINDS if options.kinds == "all" else options.kinds.split(",")
    root = runs_root(options.out)
    dataset = load_dataset(options.dataset, options.source, options.root, progress=Bar())
    configs = [
        baseline_config(
            kind,
            dataset,
            seed=seed,
            mode=options.mode,
            latents=options.latents,
            model=options.model,
            fit=options.fit if kind == "ica" else "",
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
            print(f"{config.run_id}  {'was there' if there else 'made'}")
    if options.json:
        print(json.dumps(made))
    return 0
