"""evaluate RUN…: disentanglement scores, stored beside each run with their settings."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ..beta import beta_text
from ..datasets import config_dataset
from ..errors import no_factors, unknown_name, wrong_value
from ..metrics import ALL_METRICS
from ..paths import runs_root
from ..scoring.scores import score_metrics, standard_scores
from ..scoring.scores_over_beta import METRICS, score_over_beta
from ..scoring.star import measured_star, score_star
from ..store import find_run, load_run, write_atomically
from .progress import Show, shown_progress
from .settings import numbers


def run(options: argparse.Namespace) -> int:
    known = ALL_METRICS
    asked_for = options.score or ("higgins" if options.over_beta is None else ",".join(METRICS))
    names = list(known) if asked_for == "all" else asked_for.split(",")
    for name in names:
        if name not in known and names != ["standard"]:
            raise unknown_name("metric", name, [*known, "all", "standard"])
    if not 0 <= options.seed < 2**31:
        raise wrong_value("--seed", "between 0 and 2**31 - 1", options.seed)
    root = runs_root(options.runs_folder)
    show = shown_progress(options)
    if options.over_beta is not None:
        return _over_beta(options, root, list(known) if names == ["standard"] else names, show)
    results = []
    for asked in options.names:
        scored = load_run(find_run(asked, root))
        dataset = config_dataset(scored.config, options.root, show)
        if dataset.space is None:
            raise no_factors(dataset.title, ": nothing to score")
        if names == ["standard"]:
            wanted = standard_scores(dataset.space)
            trained = not (scored.config.baseline or scored.config.multirate)
            if trained and (options.again or measured_star(scored) is None):
                score_star(scored, dataset)
        else:
            wanted = [(n, settings) for n in names for settings in _settings(n, options)]
        for record in score_metrics(
            scored,
            wanted,
            dataset,
            limit=options.limit,
            progress=show,
            device=options.device,
            again=options.again,
        ):
            results.append({"run": scored.name, **record})
            print(
                f"{scored.name}  {ALL_METRICS[record['score']].text(record)}",
                file=sys.stderr if options.json else sys.stdout,
            )
    if options.csv:
        from ..tables.draws import higgins_draws

        opened = [load_run(find_run(name, root)) for name in options.names]
        data = higgins_draws(opened).to_csv(index=False).encode()
        write_atomically(Path(options.csv), data)
    if options.json:
        print(json.dumps(results))
    return 0


def _over_beta(options: argparse.Namespace, root: Path, names: list[str], show: Show) -> int:
    """The scores of models for every β at several β, as lines of β and value."""
    given = options.over_beta
    betas = numbers(given, float, "--over-beta") if given else None
    results = []
    for asked in options.names:
        scored = load_run(find_run(asked, root))
        for record in score_over_beta(
            scored,
            betas,
            names,
            config_dataset(scored.config, options.root, show),
            limit=options.limit,
            device=options.device,
            progress=show,
            again=options.again,
        ):
            results.append({"run": scored.name, **record})
            pairs = zip(record["beta"], record["value"], strict=True)
            print(
                f"{scored.name}  {_named(record)} at "
                + ", ".join(f"{beta_text(beta)}: {value:.4f}" for beta, value in pairs),
                file=sys.stderr if options.json else sys.stdout,
            )
    if options.json:
        print(json.dumps(results))
    return 0


def _named(record: dict[str, Any]) -> str:
    """The metric of a curve over β, with the number of factors if it has a choice of them."""
    factors = record["settings"].get("factors")
    return record["settings"]["metric"] + (f" ({len(factors)} factors)" if factors else "")


def _settings(name: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """The settings of one score for every call that the options request."""
    if "classifier" not in ALL_METRICS[name].full_settings({}):
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
