"""Options of export."""

from typing import Any

from .common import add_data_root, add_runs_folder, add_verb
from .names import EXPORTS, PAGES, TRAVERSAL_MODES, USUAL_EXPORTS, listed


def add_parser(verbs: Any) -> None:
    about = "Write pictures and tables of runs as files, each folder with a caption.json."
    parser = add_verb(verbs, "export", "export:run", about)
    parser.add_argument(
        "kind",
        metavar="KIND",
        help=f"{listed(EXPORTS)}, or all: {listed(USUAL_EXPORTS)}; or a web page that stands "
        f"alone: {listed(PAGES)}",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="RUN",
        help="a run's name or folder; a site without any is of all runs",
    )
    parser.add_argument("--image", type=int, metavar="N", help="number of the image to start from")
    parser.add_argument(
        "--to", type=int, metavar="N", help="interpolation: number of the image to end at"
    )
    parser.add_argument(
        "--seed", type=int, metavar="S", help="reconstructions: number of the random selection"
    )
    parser.add_argument(
        "--mode", metavar="M", help=f"values that a latent takes: {listed(TRAVERSAL_MODES)}"
    )
    parser.add_argument(
        "--steps", type=int, metavar="N", help="number of columns, 3 to 15 (default: 9)"
    )
    parser.add_argument(
        "--latents",
        metavar="A,B",
        help="pair: the latents along the columns and the rows; comparison: one latent of the "
        "first run",
    )
    parser.add_argument("--factor", metavar="NAME", help="sweep: the factor that changes")
    parser.add_argument(
        "--after",
        type=int,
        metavar="N",
        help="traversals and handouts: use the runs' snapshots after N images",
    )
    parser.add_argument(
        "--beta",
        metavar="B",
        help="models for every β: export them at this β; rising-beta: from one β to another, "
        "such as 0.1,10 (default: the whole range of the model)",
    )
    parser.add_argument(
        "--out",
        default="exports",
        metavar="DIR",
        help="folder to write to, or for a handout also a file that ends in .html (default: "
        "%(default)s)",
    )
    add_runs_folder(parser, "--runs-from")
    add_data_root(parser)
