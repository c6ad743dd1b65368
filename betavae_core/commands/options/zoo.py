"""Options of zoo."""

from typing import Any

from .common import add_data_root, add_device, add_runs_folder, add_verb


def add_parser(verbs: Any) -> None:
    about = (
        "Train and score the runs of a list, in order, at low priority and one thread each; "
        "finished runs are skipped, unfinished ones continue."
    )
    parser = add_verb(verbs, "zoo", "zoo:run", about)
    parser.add_argument(
        "--list", metavar="FILE", help="list of runs (default: zoo.toml of the checkout)"
    )
    parser.add_argument(
        "--hours", type=float, metavar="H", help="stop and save after H hours (default: no limit)"
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
        help="train nothing: copy the finished runs into DIR, with their weights if the list "
        "keeps them, otherwise without (see the verb record); existing runs are left unchanged",
    )
    parser.add_argument("--left", action="store_true", help="only list the remaining work")
