"""Options that several verbs share, each explained once."""

import argparse
from typing import Any

from ..progress import BARS


def add_verb(verbs: Any, name: str, work: str, about: str) -> argparse.ArgumentParser:
    """A verb's parser; work: the "module:function" of betavae_core.commands that runs it."""
    added = verbs.add_parser(name, help=about, description=about)
    added.add_argument("--json", action="store_true", help="print the result as JSON on stdout")
    added.add_argument(
        "--progress",
        choices=BARS,
        default="bar",
        help="progress on stderr: a bar, one JSON record per line, or nothing "
        "(default: %(default)s)",
    )
    added.set_defaults(work=work)
    return added


def add_runs_folder(parser: argparse.ArgumentParser, *former: str) -> None:
    """--runs; former: the verb's earlier name for it, which still works."""
    about = "folder of runs (default: $BETAVAE_RUNS or trained_models)"
    parser.add_argument("--runs", dest="runs_folder", metavar="DIR", help=about)
    for name in former:
        parser.add_argument(name, dest="runs_folder", metavar="DIR", help=argparse.SUPPRESS)


def add_data_root(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--root",
        metavar="PATH",
        help="official dataset file or its folder; with --dataset folder: your own images",
    )


def add_device(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--device", default=default, help="auto, cpu, cuda or mps (default: %(default)s)"
    )


def add_seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S", help="random seed (default: %(default)s)"
    )


def add_entry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--entry",
        default="",
        metavar="NAME",
        help="which weights to use of a file with several, by a name that the refusal lists",
    )


def add_watching(parser: argparse.ArgumentParser) -> None:
    """Options for snapshots and measurements during training."""
    parser.add_argument(
        "--snapshots",
        type=int,
        default=0,
        metavar="N",
        help="also keep N snapshots of the weights, beginning untrained, at doubling numbers of "
        "images, for the page Traversals (default: only the final weights)",
    )
    parser.add_argument(
        "--distances",
        type=int,
        default=0,
        metavar="N",
        help="also measure FID (or FD) and KID of N reconstructions at five points of the training "
        "(default: no distances; N should be 2048 or more)",
    )
    parser.add_argument(
        "--checkpoint-seconds",
        type=float,
        default=30.0,
        metavar="S",
        help="seconds between two saved states, the maximum that a killed run loses (default: "
        "%(default)g)",
    )
    parser.add_argument("--half", action="store_true", help="store final weights as float16")
