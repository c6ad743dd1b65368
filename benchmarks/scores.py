"""The time for scores, from existing code tables (which are made first, untimed).

    python -m benchmarks.scores [--runs DIR] [--dci]

It uses the shipped 2Dshapes runs with seed 123 (β = 0.1, 1, 4, 10) and the PCA and ICA baselines.
The per-image procedure is timed on a slice of the points and extrapolated.
"""

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from betavae_core.datasets import load_dataset
from betavae_core.datasets.base import to_float
from betavae_core.device import keep_freed_memory
from betavae_core.metrics import METRICS
from betavae_core.metrics.base import pair_indices
from betavae_core.metrics.classifiers import CLASSIFIERS
from betavae_core.metrics.higgins import difference_points
from betavae_core.metrics.sensitivity import sensitivity
from betavae_core.paths import runs_root
from betavae_core.rng import generator
from betavae_core.scoring.codes import BATCH, code_table
from betavae_core.store import find_run, load_run

RUNS = [f"2dshapes-conv-beta{beta}-seed123" for beta in ("0.1", "1", "4", "10")] + [
    "2dshapes-pca-seed123-images25000",
    "2dshapes-ica-seed123-images2500",
]
SIZES = (16, 64, 128, 256)
SLICE = 40  # points of the per-image procedure


def timed(what: str, bar: str, work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    took = time.perf_counter() - started
    print(f"{what}: {took:.2f} s (bar {bar})", flush=True)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", help="folder of runs")
    parser.add_argument("--dci", action="store_true", help="DCI at its full size, too: minutes")
    options = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    keep_freed_memory()
    root = runs_root(options.runs)
    dataset = load_dataset("2dshapes", "rendered")
    space = dataset.space
    assert space is not None, "2Dshapes has factors"
    runs = [load_run(find_run(name, root)) for name in RUNS]
    tables = {}
    for run in runs:
        table = code_table(run.model, run.weights_hash, dataset)
        tables[run.name] = (np.array(table.mean), space)  # in memory, not on disk
    codes = tables[RUNS[2]][0]
    model = runs[2].vae

    x = to_float(dataset.images(np.arange(BATCH))).contiguous(memory_format=torch.channels_last)
    count = 40
    with torch.no_grad():
        model.encode(x)
        rates = []
        for _ in range(3):  # in turns, so that a machine that slows down slows both
            started = time.perf_counter()
            for _ in range(count):
                model.encode(x)
            bare = time.perf_counter() - started
            started = time.perf_counter()
            for number in range(count):
                images = dataset.images(np.arange(number * BATCH, (number + 1) * BATCH))
                model.encode(to_float(images).contiguous(memory_format=torch.channels_last))
            rates.append((bare, time.perf_counter() - started))
    bare, whole = (float(np.median(column)) for column in zip(*rates, strict=True))
    print(
        f"encoding for a table: {count * BATCH / whole:,.0f} images/s, "
        f"{bare / whole:.0%} of the encoder's bare forward (bar 85 %)"
    )

    METRICS["higgins"](codes, space, points=100, test_points=50)  # first calls load libraries
    timed(
        "one Higgins score, logistic regression, 10,000 + 5,000 points, L = 64",
        "5 s",
        lambda: METRICS["higgins"](codes, space),
    )

    factors = list(range(len(space.sizes)))
    from_table = timed(
        "training data for four L from a table, 1,500 points each",
        "–",
        lambda: [difference_points(codes, space, 1_500, L, factors, 0, "bench") for L in SIZES],
    )

    def per_image() -> None:
        source = generator(0, "per image")
        with torch.no_grad():
            for L in SIZES:
                for _ in range(SLICE):
                    _, one, two = pair_indices(space, 1, L, factors, source)
                    means = [model.encode(to_float(dataset.images(i[0])))[0] for i in (one, two)]
                    (means[0] - means[1]).abs().mean(0)

    sliced = timed(f"the same image by image, {SLICE} points for each L", "–", per_image)
    ratio = sliced * 1_500 / SLICE / from_table
    print(f"  extrapolated to 1,500 points: {ratio:,.0f} times as long (bar 50)")

    timed(
        "Fig 6 of one dataset: linear, four L, six representations, 1,000 + 500 points, paper mode",
        "60 s",
        lambda: sensitivity(tables, L=SIZES, mode="paper"),
    )
    timed(
        "Table 2: four classifiers, L = 64, six representations, 1,000 + 500 points, corrected",
        "120 s",
        lambda: sensitivity(
            tables, L=(64,), classifiers=tuple(CLASSIFIERS), points=1_000, test_points=500
        ),
    )
    names = ("mig", "sap", "factor_vae", "modularity", "irs")
    timed(
        "MIG, SAP, FactorVAE, modularity and IRS of one table",
        "60 s",
        lambda: [METRICS[name](codes, space) for name in names],
    )
    if options.dci:
        timed(
            "DCI of one table, 10,000 + 5,000 points", "300 s", lambda: METRICS["dci"](codes, space)
        )


if __name__ == "__main__":
    main()
