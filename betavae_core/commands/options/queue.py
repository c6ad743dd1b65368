"""Options of queue."""

import argparse
from typing import Any

from .common import add_data_root, add_runs_folder, add_verb
from .train import add_fork, add_settings


def add_parser(verbs: Any) -> None:
    about = (
        "Trainings that wait for their turn: each is a process of its own, at most so many at a "
        "time, and whatever is killed continues."
    )
    parser = verbs.add_parser("queue", help=about, description=about)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, work: str, about: str) -> argparse.ArgumentParser:
        added = add_verb(actions, name, f"queue:{work}", about)
        add_runs_folder(added)
        return added

    adding = action("add", "add", "Put a training at the end of the queue (options as of train).")
    add_fork(adding)
    add_data_root(adding)
    adding.add_argument(
        "--snapshots", type=int, default=9, metavar="N", help="as of train (default: %(default)s)"
    )
    add_settings(adding)
    action("list", "show_list", "List the trainings of the queue with their status.")
    ending = action("cancel", "cancel", "End a training, saved, or take it from the queue.")
    ending.add_argument("entry", metavar="ID", help="its id, or the name of its run")
    ending.add_argument(
        "--discard", action="store_true", help="also remove its run, if the queue has made it"
    )
    clearing = action(
        "clear",
        "clear_ended",
        "Remove finished, failed and discarded trainings from the queue; their runs stay. (Of all "
        "trainings without work left, only the newest 100 stay when one is added.)",
    )
    clearing.add_argument(
        "entry",
        metavar="ID",
        nargs="?",
        help="this one alone, also a stopped one: its id, or the name of its run",
    )
    continuing = action("continue", "go_on", "Let a stopped or failed training wait again.")
    continuing.add_argument("entry", metavar="ID", help="its id, or the name of its run")
    serving = action("serve", "serve_queue", "Work on the queue until it is empty.")
    serving.add_argument(
        "--at-most",
        type=int,
        metavar="N",
        help="trainings at a time (default: one per GPU, or per core)",
    )
    serving.add_argument(
        "--idle",
        type=float,
        default=60.0,
        metavar="S",
        help="seconds without work after which it ends (default: %(default)g)",
    )
    working = action("work", "work", "Work on one training of the queue; serve calls it.")
    working.add_argument("entry", metavar="ID", help="its id")
    working.add_argument(
        "--threads", type=int, default=1, metavar="N", help="threads (default: %(default)s)"
    )
