"""fid RUN…: distances of runs' images to their dataset, stored beside each run."""

import argparse
import json
import sys
from typing import Any

from ..datasets import Dataset, config_dataset
from ..errors import InputError, Refusal, unknown_name
from ..fid import FEATURES, default_features
from ..fid.features import fetch_inception
from ..paths import runs_root
from ..scoring.distances import IMAGE_KINDS, few_images, score_distances
from ..store import Run, find_run, load_run
from .progress import Show, say_error, shown_progress


def run(options: argparse.Namespace) -> int:
    if options.fetch:
        shown_progress(options).say(f"Inception's weights are at {fetch_inception()}.")
    elif not options.names:
        raise InputError(
            "fid needs one or more runs; `runs` lists them.", Refusal.MISSING, name="runs"
        )
    features = options.features or default_features()
    kinds = tuple(options.kind.split(","))
    if wrong := [kind for kind in kinds if kind not in IMAGE_KINDS]:
        raise unknown_name("kind", wrong[0], IMAGE_KINDS)
    root = runs_root(options.runs_folder)
    results: list[dict[str, Any]] = []
    show = AllRuns(shown_progress(options), len(options.names), len(kinds))
    warned, failures = set[str](), list[str]()
    for name in options.names:
        try:
            run = load_run(find_run(name, root))
            dataset = config_dataset(run.config, options.root, show.show)
            counts = min(options.images, len(dataset)), min(options.reference_images, len(dataset))
            if (warning := few_images(*counts)) and warning not in warned:
                show.say(warning)
                warned.add(warning)
            results += _score(run, dataset, features, kinds, options, show)
        except InputError as error:  # continue with the other runs
            say_error(options, str(error))
            failures.append(str(error))
        show.next_run()
    if options.json:
        print(json.dumps(results))
    if len(failures) > 1 or (failures and len(options.names) > 1):
        text = f"{len(failures)} of {len(options.names)} runs could not be measured: {failures[0]}"
        say_error(options, text)
    return 2 if failures else 0


class AllRuns:
    """One stage for the images of all runs, so that the remaining time is that of all. Earlier
    one-time work has stages of its own."""

    def __init__(self, show: Show, runs: int, kinds: int) -> None:
        self.show, self.say = show, show.say
        self.runs, self.kinds = runs, kinds
        self.run, self.kind = 0, 0

    def made(self, kind: str, done: int, total: int) -> None:
        whole = self.runs * self.kinds
        before = self.run * self.kinds + self.kind
        text = f"made images, run {self.run + 1} of {self.runs}, {kind}"
        self.show("made images", before * total + done, whole * total, text=text, about=text)
        self.kind += done == total

    def next_run(self) -> None:
        self.run, self.kind = self.run + 1, 0


def _score(
    run: Run,
    dataset: Dataset,
    features: str,
    kinds: tuple[str, ...],
    options: argparse.Namespace,
    show: AllRuns,
) -> list[dict[str, Any]]:
    """The records of one run, each printed as a line."""
    records = score_distances(
        run,
        dataset,
        features=features,
        kinds=kinds,
        images=options.images,
        reference_images=options.reference_images,
        seed=options.seed,
        device=options.device,
        progress=show.show,
        made=show.made,
        again=options.again,
    )
    for record in records:
        line = _line(run.name, record)
        print(line, file=sys.stderr if options.json else sys.stdout, flush=True)
    return [{"run": run.name, **record} for record in records]


def _line(name: str, record: dict[str, Any]) -> str:
    settings, details = record["settings"], record["details"]
    entry = FEATURES[settings["features"]]
    error = details["kernel_standard_error"]
    return (
        f"{name}  {settings['kind']}: {entry.distance} {record['value']:.2f} "
        f"(extrapolated to infinitely many images {details['limit']:.2f}), "
        f"{entry.kernel} {details['kernel']:.4f}{'' if error is None else f' ± {error:.4f}'}  "
        f"({settings['images']:,} images against {settings['reference_images']:,})"
    )
