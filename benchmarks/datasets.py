"""The rendered datasets on one core: one-time build, random batches, memory and disk.

    python -m benchmarks.datasets [NAME …]

Each dataset has a process and an empty cache folder of its own. (The bars for the one-time build
are stated for two cores; the build uses one.)
"""

import argparse
import multiprocessing
import os
import resource
import tempfile
import time
from pathlib import Path

import torch

from betavae_core.datasets import DATASETS, load_dataset
from betavae_core.rng import generator


def measure(name: str, folder: str) -> None:
    os.environ["BETAVAE_CACHE"] = folder
    torch.set_num_threads(1)
    before = peak()
    started = time.perf_counter()
    load_dataset(name, "rendered")
    built = time.perf_counter() - started
    started = time.perf_counter()
    dataset = load_dataset(name, "rendered")
    opened = time.perf_counter() - started
    disk = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    source = generator(0, "benchmark")
    dataset.images(torch.arange(256))
    rates = []
    for batch in (64, 256, 1024):
        started, images = time.perf_counter(), 0
        while time.perf_counter() - started < 3:
            indices = torch.randint(len(dataset), (batch,), generator=source)
            images += len(dataset.images(indices))
        rates.append(f"{images / (time.perf_counter() - started):,.0f}")
    print(
        f"{name:10} built in {built:.1f} s, opened in {opened:.3f} s, {disk / 1e6:.0f} MB on disk; "
        f"batches of 64 / 256 / 1,024 at {' / '.join(rates)} images/s; "
        f"{peak() - before:.0f} MB of memory beyond the libraries, at most"
    )


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    rendered = [name for name, entry in DATASETS.items() if entry.rendered is not None]
    parser.add_argument("names", nargs="*", default=rendered, metavar="NAME")
    spawn = multiprocessing.get_context("spawn")
    for name in parser.parse_args().names:
        with tempfile.TemporaryDirectory() as folder:
            process = spawn.Process(target=measure, args=(name, folder))
            process.start()
            process.join()


if __name__ == "__main__":
    main()
