"""Options of data."""

import argparse
from typing import Any

from .common import add_verb


def add_parser(verbs: Any) -> None:
    about = "List, fetch and check the datasets and their official files."
    parser = verbs.add_parser("data", help=about, description=about)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, about: str) -> argparse.ArgumentParser:
        added = add_verb(actions, name, f"data:{name}_data", about)
        added.add_argument(
            "--root",
            metavar="DIR",
            help="folder of official files (default: $BETAVAE_DATA or the user's cache folder)",
        )
        return added

    action("list", "List the datasets with links, sizes, checksums and licences.")
    fetching = action("fetch", "Download an official file, resuming an interrupted download.")
    fetching.add_argument("name", metavar="NAME", help="a dataset of the paper")
    checking = action("check", "Open a dataset, convert it if necessary, and describe it.")
    checking.add_argument("name", metavar="NAME", help="a dataset of the paper or your own images")
    checking.add_argument(
        "--source", choices=("rendered", "official", "excerpt", "own"), help="source of its images"
    )
    about = "List the arrays in the cache folder, or remove them."
    caching = add_verb(actions, "cache", "data:cache_data", about)
    caching.add_argument(
        "--clear", action="store_true", help="remove all that is not being made; it is made again"
    )
    verifying = action("verify", "Identify a file or folder and check whether it is complete.")
    verifying.add_argument("path", metavar="PATH", help="the file or folder")
