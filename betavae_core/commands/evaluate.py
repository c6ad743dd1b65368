"""evaluate RUN…: disentanglement scores, stored beside each run with their settings."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ..datasets import config_dataset
from ..errors import InputError
from ..metrics import METRICS, STATISTICS
from ..metrics.classifiers import CLASSIFIERS
from ..paths import runs_root
from ..scoring.scores import score_metrics, standard_scores
from ..store import find_run, load_run, write_atomically
from .base import numbers
from .progress import Bar


def add_parser(verbs: Any) -> None:
    about = "Score runs; nothing is computed again that is there with the same settings."
    parser = verbs.add_parser("evaluate", help=about, description=about)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="a run's name or folder")
    names = ", ".join(METRICS | STATISTICS)
    parser.add_argument(
        "--score",
        default="higgins",
        metavar="S,S,…",
        help=f"of {names}; all: each of them; standard: whatever the dashboard shows of a run",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON on stdout")
    parser.add_argument("--out", metavar="DIR", help="folder of runs (default: as for train)")
    parser.add_argument("--root", metavar="PATH", help="official dataset file or its folder")
    parser.add_argument(
        "--device",
        default="cpu",
        help="that encodes and fits the linear classifier and the MLP: cpu, cuda or mps",
    )
    parser.add_argument(
        "--most", type=int, metavar="N", help="on slow machines: of a part of the grid, N images"
    )
    parser.add_argument("--again", action="store_true", help="compute anew what is there")
    higgins = parser.add_argument_group("Higgins' metric (several values: every combination)")
    higgins.add_argument("--L", default="64", metavar="L,L,…", help="pairs per point (64)")
    higgins.add_argument("--classifier", default="logistic", help=", ".join(CLASSIFIERS))
    higgins.add_argument("--factors", default="all", help="all, no-shape, or both with a comma")
    higgins.add_argument(
        "--points", metavar="B,B,…", help="of the classifier's training (default by mode)"
    )
    higgins.add_argument("--test-points", type=int, help="of its test (default by mode)")
    higgins.add_argument(
        "--draws", "--seeds", type=int, default=1, metavar="N", help="repetitions, for an interval"
    )
    higgins.add_argument("--mode", default="corrected", help="corrected or paper")
    parser.add_argument("--seed", type=int, default=0, help="of all that is drawn (0)")
    parser.add_argument("--csv", metavar="FILE", help="also write all of Higgins' draws as a table")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    known = METRICS | STATISTICS
    names = list(known) if options.score == "all" else options.score.split(",")
    for name in names:
        if name not in known and names != ["standard"]:
            raise InputError(
                f'There is no score "{name}"; there are: {", ".join(known)}, all, standard.'
            )
    if not 0 <= options.seed < 2**31:
        raise InputError(f"--seed must be between 0 and 2**31 - 1, got {options.seed}.")
    root = runs_root(options.out)
    bar = Bar()
    results = []
    for asked in options.runs:
        scored = load_run(find_run(asked, root))
        dataset = config_dataset(scored.config, options.root, bar)
        if dataset.space is None:
            raise InputError(
                f"{dataset.title} has no known factors of variation: nothing to score."
            )
        if names == ["standard"]:
            wanted = standard_scores(dataset.space)
        else:
            wanted = [(n, settings) for n in names for settings in _settings(n, options)]
        for record in score_metrics(
            scored,
            wanted,
            dataset,
            most=options.most,
            progress=bar,
            device=options.device,
            again=options.again,
        ):
            results.append({"run": scored.name, **record})
            print(_line(scored.name, record), file=sys.stderr if options.json else sys.stdout)
    if options.csv:
        from ..tables.draws import higgins_draws

        opened = [load_run(find_run(name, root)) for name in options.runs]
        data = higgins_draws(opened).to_csv(index=False).encode()
        write_atomically(Path(options.csv), data)
    if options.json:
        print(json.dumps(results))
    return 0


def _settings(name: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """The settings of every call of one score that the options ask for."""
    if name != "higgins":
        return [{"seed": options.seed}]
    return [
        {
            "L": L,
            "classifier": classifier,
            "factors": factors,
            "points": points,
            "test_points": options.test_points,
            "draws": options.draws,
            "mode": options.mode,
            "seed": options.seed,
        }
        for L in numbers(options.L, int, "--L")
        for points in (numbers(options.points, int, "--points") if options.points else [None])
        for classifier in options.classifier.split(",")
        for factors in options.factors.split(",")
    ]


def _line(name: str, record: dict[str, Any]) -> str:
    text = f"{name}  {record['score']} {record['value']:.4f}"
    if record["score"] == "higgins":
        settings, details = record["settings"], record["details"]
        error = details["standard_error"]
        text += f" ± {error:.4f}" if error is not None else ""
        text += (
            f"  (chance {details['chance']:.2f}, L {settings['L']}, {settings['classifier']}, "
            f"{len(settings['factors'])} factors, {settings['points']:,} points)"
        )
    return text
