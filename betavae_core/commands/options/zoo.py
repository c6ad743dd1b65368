"""Options of zoo."""

from typing import Any

from .common import add_data_root, add_device, add_runs_folder, add_verb


def add_parser(verbs: Any) -> None:
    about = (
        "Train and score the runs of a list, in order, at low priority and one thread each; what "
        "is finished is skipped, what is not goes on."
    )
    parser = add_verb(verbs, "zoo", "zoo:run", about)
    parser.add_argument(
        "--list", metavar="FILE", help="list of runs (default: zoo.toml of the checkout)"
    )
    parser.add_argument(
        "--hours", type=float, metavar="H", help="stop and save after H hours (default: go on)"
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="runs at a time (default: one per core)"
    )
    add_runs_folder(parser, "--out")
    add_device(parser, "auto")
    add_data_root(parser)
    parser.add_argument(
        "--ship",
        metavar="DIR",
        help="train nothing: copy the finished runs into DIR, with their weights where the list "
        "keeps them, else without (see the verb record); what is there already stays as it is",
    )
    parser.add_argument("--left", action="store_true", help="only say what is left to do")
