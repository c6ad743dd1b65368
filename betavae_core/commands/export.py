"""export KIND RUN…: pictures and tables as files, with what they are of."""

import argparse
import json
from inspect import signature
from pathlib import Path
from typing import Any

from ..datasets import Dataset, config_dataset
from ..errors import InputError
from ..export import EXPORTS, Export
from ..paths import runs_root
from ..store import Run, find_run, load_run
from ..store.snapshots import at_snapshot
from ..traversal.codes import MODES, STEPS, Values
from .progress import Bar

OPTIONS = ("image", "to", "seed", "mode", "steps", "latents", "factor")  # of some kinds


def add_parser(verbs: Any) -> None:
    about = "Write runs' pictures and tables as files, each folder with a caption.json."
    parser = verbs.add_parser("export", help=about, description=about)
    usual = ", ".join(name for name, entry in EXPORTS.items() if entry.usual)
    parser.add_argument("kind", metavar="KIND", help=f"{', '.join(EXPORTS)}, or all: {usual}")
    parser.add_argument("runs", nargs="+", metavar="RUN", help="a run's name or folder")
    parser.add_argument("--image", type=int, metavar="N", help="start from this image's code")
    parser.add_argument("--to", type=int, metavar="N", help="interpolation: the image it ends at")
    parser.add_argument("--seed", type=int, metavar="N", help="reconstructions: another draw")
    parser.add_argument(
        "--mode", metavar="M", help=f"the values that latents go through: {', '.join(MODES)}"
    )
    parser.add_argument(
        "--steps", type=int, metavar="N", help=f"columns, {STEPS[0]} to {STEPS[1]} (default 9)"
    )
    parser.add_argument(
        "--latents", metavar="A,B", help="pair: across and down; comparison: one of the first run's"
    )
    parser.add_argument("--factor", metavar="NAME", help="sweep: which factor")
    parser.add_argument(
        "--after",
        type=int,
        metavar="N",
        help="traversals: the runs as they were after N images, where their training kept that",
    )
    parser.add_argument(
        "--out", default="exports", metavar="DIR", help="folder to write to (default %(default)s)"
    )
    parser.add_argument("--runs-from", metavar="DIR", help="folder of runs (default: as for train)")
    parser.add_argument("--root", metavar="PATH", help="official dataset file or its folder")
    parser.add_argument("--json", action="store_true", help="print the folders as JSON on stdout")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.kind not in (*EXPORTS, "all"):
        raise InputError(
            f'There is no export "{options.kind}"; there are: {", ".join(EXPORTS)}, all.'
        )
    kinds = [options.kind]
    if options.kind == "all":
        kinds = [kind for kind, entry in EXPORTS.items() if entry.usual]
    given = _given(options)
    for name in given:
        if not any(_takes(EXPORTS[kind], name) for kind in kinds):
            raise InputError(f"The export {options.kind} takes no --{name}.")
    root, out = runs_root(options.runs_from), Path(options.out)
    opened = [load_run(find_run(name, root)) for name in options.runs]
    if options.after is not None:
        if not all(EXPORTS[kind].states for kind in kinds):
            raise InputError(f"The export {options.kind} takes no --after.")
        opened = [_after(each, options.after) for each in opened]
    written = []

    def write(kind: str, runs: Any, first: str, dataset: Dataset) -> None:
        chosen = _chosen(EXPORTS[kind], given)
        folder = EXPORTS[kind].write(runs, dataset, out, **chosen)
        written.append({"run": first, "kind": kind, "folder": str(folder)})
        if not options.json:
            print(folder)

    if EXPORTS[kinds[0]].together:
        write(
            kinds[0], opened, opened[0].name, config_dataset(opened[0].config, options.root, Bar())
        )
    else:
        for each in opened:
            dataset = config_dataset(each.config, options.root, Bar())
            for kind in kinds:
                if options.kind == kind or not EXPORTS[kind].factors or dataset.space is not None:
                    write(kind, each, each.name, dataset)
    if options.json:
        print(json.dumps(written))
    return 0


def _after(run: Run, images: int) -> Run:
    """The run as it was; its last state is the run itself."""
    return run if images == run.images_seen else at_snapshot(run, images)


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """The options of some kinds that were given, checked."""
    given = {name: value for name in OPTIONS if (value := getattr(options, name)) is not None}
    if given.get("mode", "prior") not in MODES:
        raise InputError(f'There is no mode "{given["mode"]}"; there are: {", ".join(MODES)}.')
    low, high = STEPS
    if not low <= given.get("steps", low) <= high:
        raise InputError(f"Steps go from {low} to {high}, got {given['steps']}.")
    if "latents" in given:
        numbers = [text.strip().removeprefix("z") for text in given["latents"].split(",")]
        if not all(number.isdecimal() and len(number) < 9 for number in numbers):
            raise InputError(f'--latents takes numbers such as 3,0, got "{given["latents"]}".')
        given["latents"] = [int(number) for number in numbers]
    return given


def _takes(entry: Export, name: str) -> bool:
    known = signature(entry.write).parameters
    return name in known or (name in ("mode", "steps") and "values" in known)


def _chosen(entry: Export, given: dict[str, Any]) -> dict[str, Any]:
    """The given options that a kind takes, as its function does."""
    known = signature(entry.write).parameters
    chosen = {name: value for name, value in given.items() if name in known}
    if "values" in known:
        chosen["values"] = Values(given.get("mode", "prior"), given.get("steps", Values().steps))
    return chosen
