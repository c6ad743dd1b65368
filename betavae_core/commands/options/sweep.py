"""Options of sweep."""

from typing import Any

from ...config import MODELS
from ...penalties import OBJECTIVES
from .common import add_data_root, add_device, add_runs_folder, add_verb, add_watching
from .names import DATASETS, listed

BETAS = "0.1,1,4,10"  # of the paper


def add_parser(verbs: Any) -> None:
    about = "Train every combination of β and random seed, several runs at a time."
    parser = add_verb(verbs, "sweep", "sweep:run", about)
    parser.add_argument(
        "--preset", metavar="NAME", help="settings to start from (default: DATASET-MODEL-laptop)"
    )
    parser.add_argument("--dataset", metavar="NAME", help=f"{listed(DATASETS)}, or your own images")
    parser.add_argument("--model", choices=MODELS, help="architecture: %(choices)s")
    parser.add_argument(
        "--beta",
        metavar="B,B,…",
        help=f"values of β (default: {BETAS}; none for the model conv-multirate, nor with another "
        "objective)",
    )
    parser.add_argument(
        "--objective",
        metavar="NAME",
        help=f"{listed(tuple(OBJECTIVES))} (default: the preset's)",
    )
    parser.add_argument(
        "--strength",
        metavar="S,S,…",
        help="with an objective other than beta-vae: values of its strength (default: the usual "
        "one)",
    )
    parser.add_argument(
        "--seed", default="123", metavar="S,S,…", help="random seeds (default: %(default)s)"
    )
    parser.add_argument(
        "--images", type=int, metavar="N", help="images seen by each run (default: the preset's)"
    )
    parser.add_argument(
        "--kl-warmup",
        type=int,
        metavar="N",
        help="images during which the KL term's weight rises from 0 to β (default: the preset's)",
    )
    parser.add_argument(
        "--precision", help="float32, bfloat16, or auto (the default: the fastest on this machine)"
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="runs (on CUDA: stacks of runs) at a time (default: one per core; with --engine ray "
        "as many as the cluster can run)",
    )
    add_runs_folder(parser, "--out")
    add_device(parser, "auto")
    add_data_root(parser)
    parser.add_argument(
        "--image-size", type=int, metavar="PIXELS", help="side length of your own images, 32 or 64"
    )
    parser.add_argument(
        "--engine",
        choices=["local", "ray"],
        default="local",
        help="local: processes on this machine (default); ray: tasks on a Ray cluster, see "
        "docs/scaling.md",
    )
    parser.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="address of the Ray cluster (default: $RAY_ADDRESS, or this machine's cluster)",
    )
    parser.add_argument(
        "--gpus-per-run",
        type=float,
        metavar="G",
        help="with --engine ray: GPUs for each run, such as 0.25 for four runs on one (default: 1 "
        "if the cluster has any)",
    )
    add_watching(parser)
