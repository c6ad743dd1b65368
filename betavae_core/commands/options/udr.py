"""Options of udr."""

from typing import Any

from .common import add_data_root, add_runs_folder, add_seed, add_verb


def add_parser(verbs: Any) -> None:
    about = (
        "Rank runs on the same dataset without labels: UDR, the agreement of each run's latents "
        "with those of the other runs, stored beside each run; and its rank correlation with the "
        "stored scores that need labels."
    )
    parser = add_verb(verbs, "udr", "udr:run", about)
    parser.add_argument(
        "names", nargs="+", metavar="RUN", help="two or more runs: names or folders"
    )
    parser.add_argument(
        "--images", type=int, default=1_000, metavar="N", help="random images (default: 1000)"
    )
    add_seed(parser)
    add_runs_folder(parser)
    add_data_root(parser)
