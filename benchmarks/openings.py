"""The first opening of every page and dataset with an empty cache folder: seconds until the first
picture or chart, and until the page is complete. The dashboard has started and shown its first page
before, as it has for the first visitor of a class.

python -m benchmarks.openings --pages sensitivity --datasets 3dshapes
"""

import argparse
import asyncio
import json
import os
import tempfile

from betavae_core.addresses import PAGES
from betavae_core.datasets import DATASETS, dataset_title
from betavae_core.paths import data_root, runs_root
from betavae_core.store import Run, list_runs

from .dashboard import dashboard, free_port
from .load import BY_DATASET
from .visitor import Rerun, Visitor

DATASET_PAGES = (*BY_DATASET, "traversals", "datasets")


def choice(page: str, dataset: str, runs: list[Run]) -> dict[str, str]:
    """The words of an address that open this dataset on a page."""
    if page == "traversals":
        return {"run": next(run.name for run in runs if run.config.dataset == dataset)}
    return {"data" if page == "datasets" else "dataset": dataset_title(dataset)}


async def opened(port: int, page: str, **words: str) -> Rerun:
    visitor = Visitor(f"localhost:{port}")
    await visitor.enter("checkpoint" if page == "overview" else "overview")
    rerun = await visitor.go(page, **words)
    await visitor.leave()
    return rerun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", nargs="+", default=list(DATASET_PAGES), choices=PAGES)
    parser.add_argument("--datasets", nargs="+", default=["2dshapes", "3dshapes", "mpi3d-toy"])
    options = parser.parse_args()
    runs = [run for run in list_runs(runs_root()) if isinstance(run, Run) and run.has_weights]
    runs = [run for run in runs if not run.config.baseline]
    found = {}
    for page in options.pages:
        for dataset in options.datasets:
            if dataset not in DATASETS:
                parser.error(f'There is no dataset "{dataset}".')
            with tempfile.TemporaryDirectory() as empty:
                port = free_port()
                folders = {"BETAVAE_CACHE": empty, "BETAVAE_DATA": str(data_root())}
                with dashboard(port, os.environ | folders):
                    rerun = asyncio.run(opened(port, page, **choice(page, dataset, runs)))
            if rerun.errors:
                raise RuntimeError(f"{page}, {dataset}: {rerun.errors[0]}")
            picture = rerun.first_picture
            found[f"{page}, {dataset}"] = {
                "picture_s": None if picture is None else round(picture, 2),
                "complete_s": round(rerun.seconds, 2),
            }
            print(json.dumps({f"{page}, {dataset}": found[f"{page}, {dataset}"]}), flush=True)


if __name__ == "__main__":
    main()
