"""Options of check."""

from typing import Any

from .common import add_data_root, add_entry, add_runs_folder, add_seed, add_verb


def add_parser(verbs: Any) -> None:
    about = "Check a checkpoint of any known layout; exit status 1 if it is broken or not opened."
    parser = add_verb(verbs, "check", "check:run", about)
    parser.add_argument("path", metavar="PATH", help="a checkpoint's file or folder, or a run's")
    parser.add_argument(
        "--dataset",
        metavar="NAME",
        help="the only dataset to test it on, prepared if necessary (default: all that fit and are "
        "ready)",
    )
    add_data_root(parser)
    add_seed(parser)
    parser.add_argument("--html", metavar="FILE", help="also write the card as a page")
    parser.add_argument("--png", metavar="FILE", help="also write the card as a picture")
    parser.add_argument(
        "--beside",
        action="store_true",
        help="also keep it in the checkpoint's folder; the page Checkpoint shows the checkup of a "
        "run as an example",
    )
    parser.add_argument("--quick", action="store_true", help="stop after the reconstructions")
    parser.add_argument(
        "--guarded",
        action="store_true",
        help="read it in a process with limits on memory and time, like an upload",
    )
    add_entry(parser)
    parser.add_argument("--keep", metavar="NAME", help="also keep it as a run with this name")
    add_runs_folder(parser, "--out")
