"""Options of unpack."""

from typing import Any

from .common import add_runs_folder, add_verb


def add_parser(verbs: Any) -> None:
    about = (
        "Unpack runs that were trained and packed elsewhere (benchmarks.gpu); existing runs are "
        "left unchanged."
    )
    parser = add_verb(verbs, "unpack", "unpack:run", about)
    parser.add_argument("folder", metavar="DIR", help="the folder with runs.json and its parts")
    add_runs_folder(parser, "--out")
