"""Options of report."""

from typing import Any

from .common import add_runs_folder, add_verb


def add_parser(verbs: Any) -> None:
    about = (
        "Judge claims from stored runs, and write reproduction.md and reproduction.html: a verdict "
        "for each claim with its evidence, the paper's tables and figures beside ours, what chance "
        "does, and how many seeds would be needed. Nothing is trained or measured."
    )
    parser = add_verb(verbs, "report", "report:run", about)
    parser.add_argument(
        "--claims",
        metavar="FILE",
        help="a file with a claim in each line, such as "
        '"mean higgins of beta=4 > beta=1 on 2dshapes" (docs/claims.md; default: the claims of '
        "the paper, with its tables and figures)",
    )
    parser.add_argument("--out", metavar="DIR", help="folder of the report (default: docs)")
    add_runs_folder(parser)
