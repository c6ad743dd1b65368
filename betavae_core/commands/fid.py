"""fid RUN…: distances of what runs make to their dataset, stored beside each run."""

import argparse
import json
import sys
from typing import Any

from ..datasets import Dataset, config_dataset
from ..errors import InputError
from ..fid import FEATURES, default_features
from ..fid.features import fetch_inception
from ..fid.reference import IMAGES as REFERENCE_IMAGES
from ..paths import runs_root
from ..scoring.distances import FEW, IMAGES, KINDS, few_images, score_distances
from ..store import Run, find_run, load_run
from .progress import Bar

MADE = "features of "  # what `measure_distances` tells begins so


def add_parser(verbs: Any) -> None:
    about = (
        "Fréchet and kernel distances (FID and KID with Inception's weights) of reconstructions "
        "and of prior samples to the dataset; nothing is computed again that is there."
    )
    parser = verbs.add_parser("fid", help=about, description=about)
    parser.add_argument("runs", nargs="*", metavar="RUN", help="a run's name or folder")
    parser.add_argument(
        "--features",
        choices=FEATURES,
        help="default: inception where its weights are, else lite0, which is not called FID",
    )
    parser.add_argument(
        "--fetch", action="store_true", help="first download Inception's weights (95 MB)"
    )
    parser.add_argument(
        "--kind", default=",".join(KINDS), metavar="K,K", help="default %(default)s"
    )
    parser.add_argument(
        "--images",
        type=int,
        default=IMAGES,
        metavar="N",
        help=f"made images (default %(default)s; {FEW} or more)",
    )
    parser.add_argument(
        "--reference-images",
        type=int,
        default=REFERENCE_IMAGES,
        metavar="N",
        help="of the dataset that they are compared with (default %(default)s, or all)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of all that is drawn (0)")
    parser.add_argument("--root", metavar="PATH", help="official dataset file or its folder")
    parser.add_argument("--device", default="cpu", help="that computes: cpu, cuda or mps")
    parser.add_argument("--again", action="store_true", help="compute anew what is there")
    parser.add_argument("--json", action="store_true", help="print the result as JSON on stdout")
    parser.add_argument("--out", metavar="DIR", help="folder of runs (default: as for train)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.fetch:
        print(f"Inception's weights are at {fetch_inception()}.", file=sys.stderr)
    elif not options.runs:
        raise InputError("fid needs one or more runs; `runs` lists them.")
    features = options.features or default_features()
    kinds = tuple(options.kind.split(","))
    if wrong := [kind for kind in kinds if kind not in KINDS]:
        raise InputError(f'There is no kind "{wrong[0]}"; there are: {", ".join(KINDS)}.')
    root = runs_root(options.out)
    results: list[dict[str, Any]] = []
    bar, warned, failures = AllRuns(len(options.runs), len(kinds)), set[str](), list[str]()
    for name in options.runs:
        try:
            run = load_run(find_run(name, root))
            dataset = config_dataset(run.config, options.root, bar)
            counts = min(options.images, len(dataset)), min(options.reference_images, len(dataset))
            if (warning := few_images(*counts)) and warning not in warned:
                print(warning, file=sys.stderr)
                warned.add(warning)
            results += _score(run, dataset, features, kinds, options, bar)
        except InputError as error:  # the other runs are measured all the same
            print(error, file=sys.stderr)
            failures.append(str(error))
        bar.next_run()
    if options.json:
        print(json.dumps(results))
    if len(failures) > 1 or (failures and len(options.runs) > 1):
        print(
            f"{len(failures)} of {len(options.runs)} runs could not be measured: {failures[0]}",
            file=sys.stderr,
        )
    return 2 if failures else 0


class AllRuns:
    """One bar for what all runs make, so that the time left is that of all: "made images, run 2 of
    8, samples". Work that comes before, once, has a bar of its own."""

    def __init__(self, runs: int, kinds: int) -> None:
        self.bar = Bar()
        self.runs, self.kinds = runs, kinds
        self.run, self.kind = 0, 0

    def __call__(self, what: str, done: int, total: int) -> None:
        if not what.startswith(MADE):
            return self.bar(what, done, total)
        whole = self.runs * self.kinds
        before = self.run * self.kinds + self.kind
        what = f"made images · run {self.run + 1} of {self.runs}, {what.removeprefix(MADE)}"
        self.bar(what, before * total + done, whole * total)
        self.kind += done == total

    def next_run(self) -> None:
        self.run, self.kind = self.run + 1, 0


def _score(
    run: Run,
    dataset: Dataset,
    features: str,
    kinds: tuple[str, ...],
    options: argparse.Namespace,
    bar: AllRuns,
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
        progress=bar,
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
