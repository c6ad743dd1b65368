"""From the command to the first page: seconds until the server answers, the first words, the first
picture, the first live component, and the page is complete, with a warm and with an empty cache
folder.

python -m benchmarks.startup --repeat 3
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from betavae_core.paths import cache_root

from .dashboard import dashboard, free_port
from .visitor import Rerun, Visitor


def start(cache: str, page: str) -> dict[str, float | None]:
    """One start with this cache folder; seconds since the command."""
    began, port = time.perf_counter(), free_port()
    with dashboard(port, os.environ | {"BETAVAE_CACHE": cache}):
        answers = time.perf_counter() - began
        rerun = asyncio.run(_visit(port, page))
    if rerun.errors:
        raise RuntimeError(rerun.errors[0])
    since = answers + rerun.connecting
    times = {
        "words": rerun.first_words,
        "picture": rerun.first_picture,
        "live": rerun.first_live,
        "all": rerun.seconds,
    }
    return {"answers": answers} | {
        name: None if seconds is None else since + seconds for name, seconds in times.items()
    }


async def _visit(port: int, page: str) -> Rerun:
    visitor = Visitor(f"localhost:{port}")
    rerun = await visitor.enter(page)
    await visitor.leave()
    return rerun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--page", default="", help="the address of a page (default: the first)")
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as empty:
        for name, folder in (("warm", str(cache_root())), ("empty", empty)):
            if name == "warm":
                start(folder, options.page)  # fills what may be missing
            each = [
                start(folder if name == "warm" else str(Path(empty) / str(n)), options.page)
                for n in range(options.repeat)
            ]
            found[name] = {
                key: round(statistics.median(one[key] or float("nan") for one in each), 2)
                for key in each[0]
            }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
