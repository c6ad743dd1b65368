"""export KIND RUN…: pictures and tables as files, with what they are of."""

import argparse
import json
from pathlib import Path
from typing import Any

from ..datasets import config_dataset
from ..errors import InputError
from ..export import EXPORTS
from ..paths import runs_root
from ..store import find_run, load_run
from .data import Bar


def add_parser(verbs: Any) -> None:
    about = "Write a run's pictures and tables as files, each folder with a caption.json."
    parser = verbs.add_parser("export", help=about, description=about)
    parser.add_argument("kind", metavar="KIND", help=f"{', '.join(EXPORTS)}, or all")
    parser.add_argument("runs", nargs="+", metavar="RUN", help="a run's name or folder")
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
    root = runs_root(options.runs_from)
    written = []
    for name in options.runs:
        opened = load_run(find_run(name, root))
        dataset = config_dataset(opened.config, options.root, Bar())
        for kind, export in EXPORTS.items():
            if kind == options.kind or (
                options.kind == "all" and (kind != "embedding" or dataset.space is not None)
            ):
                folder = export(opened, dataset, Path(options.out))
                written.append({"run": opened.name, "kind": kind, "folder": str(folder)})
                if not options.json:
                    print(folder)
    if options.json:
        print(json.dumps(written))
    return 0
