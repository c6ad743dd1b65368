"""The latent-space page: the time for its panels, and the density of codes over β.

Encodes and embeds four ground-truth star traversals from the models (bar 2 s), and again from
their codes; runs the page with four runs again once its data are cached (bar 1 s); and prints, of
the stars of every β, the median over the seeds of what the page shows under its panels.

    python -m benchmarks.embeddings [--runs DIR]
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from streamlit.testing.v1 import AppTest

from betavae_core.datasets import load_dataset
from betavae_core.embedding.numbers import path_numbers
from betavae_core.embedding.paths import star
from betavae_core.embedding.projections import fit_pca
from betavae_core.paths import runs_root
from betavae_core.scoring.encoding import encode_rows
from betavae_core.store import find_run, load_run

BETAS = ("0.1", "1", "4", "10")
SEEDS = (123, 235, 427, 921)
RUNS = {
    "2dshapes": [f"2dshapes-conv-beta{beta}-seed123" for beta in BETAS],
    "mpi3d-toy": [
        f"mpi3d-toy-conv-beta{beta}-seed123-images3110400-klwarmup640000" for beta in BETAS
    ],
}
FOUR = 235  # a seed with four runs
REPEATS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", help="folder of runs")
    root = runs_root(parser.parse_args().runs)
    torch.set_num_threads(os.cpu_count() or 1)
    from_models(root)
    from_the_page(root)
    over_beta(root)


def from_models(root: Path) -> None:
    for name, runs in RUNS.items():
        dataset = load_dataset(name, "rendered")
        assert dataset.space is not None, "both have factors"
        models = [load_run(find_run(run, root)).vae for run in runs]
        paths = star(dataset.space)
        rows = np.concatenate([path.rows for path in paths])
        dataset.images(rows[:1])  # one-time work
        started = time.perf_counter()
        codes = [encode_rows(model, dataset, rows) for model in models]
        encoded = time.perf_counter()
        for mean, log_var in codes:
            fit_pca(mean)(mean)
            path_numbers(paths, mean, log_var, dataset.space.names)
        ended = time.perf_counter()
        print(
            f"{name}: {len(rows)} images × {len(models)} runs: {ended - started:.2f} s (bar 2), of "
            f"it PCA and numbers {ended - encoded:.2f} s (bar 1)"
        )


def from_the_page(root: Path) -> None:
    """Executions of the page's script, for which a visitor waits after a click."""
    os.environ["BETAVAE_RUNS"] = str(root)
    app = AppTest.from_file(str(Path(__file__).parents[1] / "app.py"), default_timeout=600)
    app.run()
    app.switch_page("pages/latent_space.py").run()
    app.segmented_control(key="seed-2dshapes").set_value(FOUR)
    first = seconds(app.run)
    print(f"page, four runs, 2dshapes: {first:.2f} s with encoding; then, cached (bar 1):")

    def switch(key: str) -> None:
        app.toggle(key=key).set_value(not app.toggle(key=key).value).run()

    spent = {
        "again": [seconds(app.run) for _ in range(REPEATS)],
        "widths": [seconds(lambda: switch("widths")) for _ in range(REPEATS)],
        "shared axes": [seconds(lambda: switch("shared")) for _ in range(REPEATS)],
        "3-D": [seconds(lambda: switch("deep")) for _ in range(2 * REPEATS)],
    }
    app.segmented_control(key="visit").set_value("grid").run()
    spent["grid of 1,280 images, again"] = [seconds(app.run) for _ in range(REPEATS)]
    assert not app.exception, "the page is as it should be"
    for what, times in spent.items():
        print(f"  {what}: median {np.median(times):.2f} s, slowest {max(times):.2f} s")


def seconds(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def over_beta(root: Path) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    assert dataset.space is not None, "it has factors"
    paths = star(dataset.space)
    rows = np.concatenate([path.rows for path in paths])
    print("| β | spread | mean posterior σ | nearest code | in posterior σ | nearest / spread |")
    print("|---|---|---|---|---|---|")
    for beta in BETAS:
        table = []
        for seed in SEEDS:
            model = load_run(find_run(f"2dshapes-conv-beta{beta}-seed{seed}", root)).vae
            mean, log_var = encode_rows(model, dataset, rows)
            found = path_numbers(paths, mean, log_var, dataset.space.names)
            parts = [found[name] for name in ("spread", "sigma", "nearest", "separation")]
            table.append([*parts, found["nearest"] / found["spread"]])
        cells = [
            f"{middle:.3g} ({low:.3g}–{high:.3g})"
            for middle, low, high in zip(
                np.median(table, 0), np.min(table, 0), np.max(table, 0), strict=True
            )
        ]
        print(f"| {beta} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
