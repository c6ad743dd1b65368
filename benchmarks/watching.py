"""What being watched costs a training.

    python -m benchmarks.watching [--preset sprites-mini] [--images 60000] [--pairs 4]

Trains the preset on one thread, by turns unwatched and watched, and prints the processor time of
each and the share by which the watched one takes longer. A first, short pair is not counted.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from statistics import median

import torch

from betavae_core.config import PRESETS, RunConfig, preset
from betavae_core.training import train

FIRST = 4_096  # images of the pair that is not counted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="sprites-mini", choices=PRESETS)
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--pairs", type=int, default=4)
    options = parser.parse_args()
    torch.set_num_threads(1)
    config = preset(options.preset, images=options.images, precision="auto")
    for watched in (False, True):
        seconds(replace(config, images=FIRST), watched)
    shares = []
    for number in range(options.pairs):
        order = (False, True) if number % 2 == 0 else (True, False)
        took = {watched: seconds(config, watched) for watched in order}
        shares.append(took[True] / took[False] - 1)
        print(
            f"unwatched {took[False]:.2f} s, watched {took[True]:.2f} s: {100 * shares[-1]:+.1f} %",
            flush=True,
        )
    print(f"median {100 * median(shares):+.1f} %")


def seconds(config: RunConfig, watched: bool) -> float:
    """The processor time of one training."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        for _ in train(config, folder, device="cpu", watched=watched):
            pass
        return time.process_time() - began


if __name__ == "__main__":
    main()
