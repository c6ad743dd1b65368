"""How long the latent-space page waits for its panels: encode and embed four ground-truth star
traversals from the models (bar 2 s), and again from their codes (bar 1 s).

    python -m benchmarks.embeddings [--runs DIR]
"""

import argparse
import os
import time

import numpy as np
import torch

from betavae_core.datasets import load_dataset
from betavae_core.embeddings import encode_rows, fit_pca, path_numbers, star
from betavae_core.paths import runs_root
from betavae_core.store import find_run, load_run

RUNS = {
    "2dshapes": [f"2dshapes-conv-beta{beta}-seed123" for beta in ("0.1", "1", "4", "10")],
    "mpi3d-toy": [f"mpi3d-toy-conv-beta{b}-seed123-images500000" for b in ("0.1", "1", "4", "10")],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", help="folder of runs")
    root = runs_root(parser.parse_args().runs)
    torch.set_num_threads(os.cpu_count() or 1)
    for name, runs in RUNS.items():
        dataset = load_dataset(name, "rendered")
        assert dataset.space is not None, "both have factors"
        models = [load_run(find_run(run, root)).vae for run in runs]
        paths = star(dataset.space)
        rows = np.concatenate([path.rows for path in paths])
        dataset.images(rows[:1])  # what is prepared once
        started = time.perf_counter()
        codes = [encode_rows(model.encode, dataset.images, rows) for model in models]
        encoded = time.perf_counter()
        for mean, log_var in codes:
            fit_pca(mean)(mean)
            path_numbers(paths, mean, log_var, dataset.space.names)
        ended = time.perf_counter()
        print(
            f"{name}: {len(rows)} images × {len(models)} runs: {ended - started:.2f} s (bar 2), of "
            f"it PCA and numbers {ended - encoded:.2f} s (bar 1)"
        )


if __name__ == "__main__":
    main()
