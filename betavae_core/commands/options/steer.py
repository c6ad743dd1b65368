"""Options of steer."""

from typing import Any

from .common import add_runs_folder, add_verb


def add_parser(verbs: Any) -> None:
    about = (
        "Pause, continue or stop a running training, or change its β or learning rate; the run "
        "records each change and is left out of charts over β."
    )
    parser = add_verb(verbs, "steer", "steer:run", about)
    parser.add_argument("run", metavar="RUN", help="name or folder of the run that is training")
    state = parser.add_mutually_exclusive_group()
    state.add_argument("--pause", action="store_true", help="save, and wait")
    state.add_argument("--go-on", action="store_true", help="continue after a pause")
    state.add_argument(
        "--stop", action="store_true", help="save and end; train --resume RUN continues it"
    )
    parser.add_argument("--beta", type=float, metavar="B", help="β from now on")
    parser.add_argument(
        "--learning-rate",
        type=float,
        metavar="X",
        help="learning rate from now on (still divided by 5 for the last quarter)",
    )
    add_runs_folder(parser)
