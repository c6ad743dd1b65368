"""Options of freeze."""

from typing import Any

from .common import add_runs_folder, add_verb


def add_parser(verbs: Any) -> None:
    about = (
        "Write a run of the model conv-multirate at one β as an ordinary conv run, with the gates "
        "folded into its weights: every score, page and export works on it."
    )
    parser = add_verb(verbs, "freeze", "freeze:run", about)
    parser.add_argument("name", metavar="RUN", help="a run of conv-multirate: its name or folder")
    parser.add_argument("--beta", type=float, required=True, help="a β of the run's range")
    parser.add_argument("--to", metavar="DIR", help="folder for the new run (default: --runs)")
    parser.add_argument(
        "--name", dest="as_name", default="", help="its name (default: RUN-frozen-betaβ)"
    )
    parser.add_argument("--half", action="store_true", help="store the weights as float16")
    add_runs_folder(parser)
