"""How long visitors wait when many of them use the dashboard at once: websocket clients that change
pages and controls, each checking that what it is shown belongs to what it chose.

python -m benchmarks.load --visitors 20 --minutes 2

Starts a dashboard of its own (or takes the one at --url); one visitor opens every page with every
dataset, then all others come (--cold: at once, to a dashboard that has just started). Prints, by
page, the median, the 95th percentile and the largest time from a choice to the end of the page's
script (of computations whose progress the page shows apart), the errors, and the memory of the
server over time: all of it, and the part that is its own, without files that are mapped.
"""

import argparse
import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from betavae_core.addresses import PAGES
from betavae_core.datasets import DATASETS, dataset_title
from betavae_core.paths import runs_root
from betavae_core.store import Run, list_runs
from betavae_core.store.labels import run_words
from betavae_core.tables.parts import PARTS, with_part

from .dashboard import dashboard, free_port
from .visitor import Rerun, Visitor

BY_DATASET = ("overview", "latent_space", "disentanglement", "sensitivity", "reconstruction")
WITH_FACTORS = ("disentanglement", "sensitivity")
COMPUTED = "computations with their progress"
PART_LABELS = [part.label for part in PARTS]  # of the selectors of a run
KINDS = ("Selectbox", "ButtonGroup", "Slider")


@dataclass
class Told:
    """What all visitors saw."""

    waits: list[tuple[str, str, Rerun]] = field(default_factory=list)  # page, what, rerun
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, float, float]] = field(default_factory=list)  # seconds, MB, own MB

    def take(self, page: str, what: str, rerun: Rerun) -> None:
        self.waits.append((page, what, rerun))
        self.errors += [f"{page}: {error}" for error in rerun.errors]


def memory(pid: int) -> tuple[float, float]:
    """Resident megabytes of a process, and those of them that are its own, as Linux counts them."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    sizes = {name: text.split() for name, _, text in (line.partition(":") for line in lines)}
    return float(sizes["VmRSS"][0]) / 1024, float(sizes["RssAnon"][0]) / 1024


def wrong(page: str, dataset: str, run: Run | None, words: str) -> str:
    """What a visitor sees that it did not choose, "" where all belongs to its choice."""
    if page in BY_DATASET and dataset_title(dataset) not in words:
        return f"{page} does not name {dataset_title(dataset)}"
    if page == "traversals" and run is not None:
        ours = f"{run_words(run)}, trained on {dataset_title(run.config.dataset)}"
        if ours not in words.replace("\\", "").replace("\u00a0", " "):
            return f"{page} does not show {run.name}"
    return ""


async def visit(
    url: str, runs: list[Run], told: Told, end: float, think: float, source: random.Random
) -> None:
    """One visitor until `end`: half of its steps go to another page, half set a control."""
    visitor = Visitor(url)
    chosen = source.choice(runs)
    page = source.choice(PAGES)
    first = True
    while time.monotonic() < end:
        controls = [] if first else _offered(visitor)
        if first or not controls or source.random() < 0.5:
            page = source.choice([each for each in PAGES if each != page])
            chosen = source.choice([run for run in runs if _offers(page, run)])
            name = {"run": chosen.name} if page == "traversals" else {}
            if page in BY_DATASET:
                name = {"dataset": dataset_title(chosen.config.dataset)}
            rerun = await (visitor.enter if first else visitor.go)(page, **name)
            told.take(page, "page", rerun)
            first = False
        else:
            widget = source.choice(controls)
            value = source.choice(_values(widget))
            if page == "traversals" and widget.label in PART_LABELS:
                chosen = with_part(runs, chosen, PART_LABELS.index(widget.label), str(value))
            elif widget.label == "Dataset":
                by_title = {dataset_title(run.config.dataset): run for run in runs}
                chosen = by_title.get(str(value), chosen)
            told.take(page, f"control {widget.label}", await visitor.choose(widget, value))
        if found := wrong(page, chosen.config.dataset, chosen, visitor.words()):
            told.errors.append(f"shown another choice: {found}")
        await asyncio.sleep(source.uniform(0.5, 1.5) * think)
    await visitor.leave()


def _offers(page: str, run: Run) -> bool:
    """Whether the page can show the dataset: two need factors, which the rendered ones have."""
    entry = DATASETS.get(run.config.dataset)
    return page not in WITH_FACTORS or (entry is not None and entry.rendered is not None)


def _offered(visitor: Visitor) -> list[Any]:
    """The controls that change what is shown; none that starts long work."""
    return [
        each
        for each in visitor.controls(*KINDS)
        if len(_values(each)) > 1 and "training dataset" not in each.label.lower()
    ]


def _values(widget: Any) -> list[Any]:
    """What the control can be set to, as the browser would send it."""
    kind = type(widget).__name__
    if kind == "Selectbox":
        return list(widget.options)
    if kind == "ButtonGroup":
        return [option.content for option in widget.options]
    return list(widget.options)


async def watch(pid: int, told: Told, end: float) -> None:
    began = time.monotonic()
    while time.monotonic() < end:
        told.memory.append((time.monotonic() - began, *memory(pid)))
        await asyncio.sleep(5)


async def tour(url: str, runs: list[Run]) -> None:
    """One visitor who opens every page with every dataset, so that what they show is there."""
    visitor = Visitor(url)
    await visitor.enter()
    for page in PAGES:
        for dataset in dict.fromkeys(run.config.dataset for run in runs):
            first = next(run.name for run in runs if run.config.dataset == dataset)
            named = {"dataset": dataset_title(dataset)} if page in BY_DATASET else {}
            await visitor.go(page, **({"run": first} if page == "traversals" else named))
    await visitor.leave()


async def all_visits(url: str, pid: int | None, options: argparse.Namespace) -> Told:
    runs = [run for run in list_runs(runs_root()) if isinstance(run, Run) and run.has_weights]
    runs = [run for run in runs if not run.config.baseline]
    if not runs:
        raise RuntimeError("There is no run with weights to visit.")
    if not options.cold:
        await tour(url, runs)
    told, end = Told(), time.monotonic() + 60 * options.minutes
    watching = [watch(pid, told, end)] if pid is not None else []
    each = [
        visit(url, runs, told, end, options.think, random.Random(options.seed + n))
        for n in range(options.visitors)
    ]
    await asyncio.gather(*watching, *each)
    return told


def summary(told: Told) -> dict[str, Any]:
    """Of all waits, by page, and of computations whose progress the page shows: number, median,
    95th percentile and largest, in seconds."""
    rows = {}
    for page in ("all", *PAGES, COMPUTED):
        waits = [
            rerun.seconds
            for name, _, rerun in told.waits
            if (page == COMPUTED) == rerun.announced and page in ("all", COMPUTED, name)
        ]
        if waits:
            p50, p95, most = np.quantile(waits, [0.5, 0.95, 1.0]).round(3).tolist()
            rows[page] = {"reruns": len(waits), "p50_s": p50, "p95_s": p95, "max_s": most}
    sizes = [rerun.received for *_, rerun in told.waits]
    return {
        "pages": rows,
        "errors": told.errors,
        "largest_rerun_mb": round(max(sizes, default=0) / 1e6, 3),
        "seconds_mb_own_mb": [[round(value) for value in each] for each in told.memory],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--think", type=float, default=5.0, help="mean seconds between two choices")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cold", action="store_true", help="without the tour before")
    parser.add_argument("--url", help="host:port of a dashboard that runs (default: start one)")
    options = parser.parse_args()
    if options.url:
        told = asyncio.run(all_visits(options.url, None, options))
    else:
        port = free_port()
        with dashboard(port) as pid:
            told = asyncio.run(all_visits(f"localhost:{port}", pid, options))
    print(json.dumps(summary(told), indent=1))


if __name__ == "__main__":
    main()
