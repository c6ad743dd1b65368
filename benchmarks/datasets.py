"""How fast do random batches come out of the datasets, on one core, and in how much memory?

python benchmarks/datasets.py
"""

import resource
import time

import torch

from betavae_core.datasets import load_dataset
from betavae_core.rng import generator


def main() -> None:
    torch.set_num_threads(1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    dataset = load_dataset("2dshapes", "rendered")
    source = generator(0, "benchmark")
    dataset.images(torch.arange(256))
    for batch in (64, 256, 1024):
        started, images = time.perf_counter(), 0
        while time.perf_counter() - started < 3:
            indices = torch.randint(len(dataset), (batch,), generator=source)
            images += len(dataset.images(indices))
        rate = images / (time.perf_counter() - started)
        print(f"2dshapes (rendered), batches of {batch}: {rate:,.0f} images/s")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"memory beyond the libraries, at most: {grown:.0f} MB")


if __name__ == "__main__":
    main()
