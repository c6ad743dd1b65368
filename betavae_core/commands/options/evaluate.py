"""Options of evaluate."""

import argparse
from typing import Any

from .common import add_data_root, add_device, add_runs_folder, add_seed, add_verb
from .names import CLASSIFIERS, METRICS, listed


def add_parser(verbs: Any) -> None:
    about = "Score runs; a stored score with the same settings is not computed again."
    parser = add_verb(verbs, "evaluate", "evaluate:run", about)
    parser.add_argument("names", nargs="+", metavar="RUN", help="a run's name or folder")
    parser.add_argument(
        "--score",
        metavar="S,S,…",
        help=f"{listed(METRICS)}; all: each of them; standard: every score that the pages show "
        "(default: higgins; with --over-beta: higgins,factor_vae,mig)",
    )
    parser.add_argument(
        "--over-beta",
        nargs="?",
        const="",
        metavar="B,B,…",
        help="of a model for every β: its scores at several β, with the standard settings "
        "(default: 0.05,0.1,0.3,1,2,4,10,20, those in its range)",
    )
    add_runs_folder(parser, "--out")
    add_data_root(parser)
    add_device(parser, "cpu")
    parser.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help="encode only N images of the grid, for slow machines (default: all)",
    )
    parser.add_argument("--most", dest="limit", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--again", action="store_true", help="compute stored scores again")
    higgins = parser.add_argument_group("Higgins' metric (several values: every combination)")
    higgins.add_argument(
        "--L",
        default="64",
        metavar="L,L,…",
        help="pairs of images per point (default: %(default)s)",
    )
    higgins.add_argument(
        "--classifier",
        default="logistic",
        metavar="C,C,…",
        help=f"{listed(CLASSIFIERS)} (default: %(default)s)",
    )
    higgins.add_argument(
        "--factors",
        default="all",
        metavar="F,F",
        help="all, no-shape, or both separated by a comma (default: %(default)s)",
    )
    higgins.add_argument(
        "--points",
        metavar="B,B,…",
        help="number of training points (default: by mode)",
    )
    higgins.add_argument(
        "--test-points",
        type=int,
        metavar="N",
        help="number of test points (default: by mode)",
    )
    higgins.add_argument(
        "--draws",
        type=int,
        default=1,
        metavar="N",
        help="number of draws, for an interval (default: %(default)s)",
    )
    higgins.add_argument("--seeds", dest="draws", type=int, help=argparse.SUPPRESS)
    higgins.add_argument(
        "--mode",
        default="corrected",
        help="settings of the classifiers: corrected (points are divided by their standard "
        "deviation, the MLP stops early) or paper (as in the paper's code) (default: %(default)s)",
    )
    add_seed(parser)
    parser.add_argument(
        "--csv", metavar="FILE", help="also write every draw of Higgins' metric as a table"
    )
