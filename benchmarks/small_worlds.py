"""What a model of a small world has learned after how many images, and how fast.

    python -m benchmarks.small_worlds [--beta 4] [--preset sprites-mini]

Trains the preset once with one thread, keeping snapshots, and prints for each the share of every
factor's change of the images that the reconstructions show (`scoring/shown_factors.py`), with the
seconds of processor time until then. Images/s of a loaded machine say nothing; processor time does.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from betavae_core.config import preset
from betavae_core.datasets import config_dataset
from betavae_core.models import VAE
from betavae_core.presets import SMALL_WORLDS
from betavae_core.scoring.shown_factors import explained_changes
from betavae_core.store import load_run
from betavae_core.store.snapshots import at_snapshot, list_snapshots
from betavae_core.training import train

SNAPSHOTS, PAIRS = 8, 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="sprites-mini", choices=SMALL_WORLDS)
    parser.add_argument("--beta", type=float, default=4.0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    config = preset(options.preset, beta=options.beta, precision="auto")
    with tempfile.TemporaryDirectory() as folder:
        seconds: dict[int, float] = {0: 0.0}
        began = time.process_time()
        for record in train(config, folder, device="cpu", snapshots=SNAPSHOTS, watched=True):
            seconds[record.images] = time.process_time() - began
        run = load_run(Path(folder) / config.run_id)
        dataset = config_dataset(config)
        for images in list_snapshots(run.path):
            vae = at_snapshot(run, images).vae
            shares = explained_changes(reconstruction(vae), dataset, PAIRS)
            took = min(s for seen, s in seconds.items() if seen >= images)
            told = ", ".join(f"{name} {share:.2f}" for name, share in shares.items())
            print(f"{images:8,} images, {took:6.1f} s: {told}")
        total = seconds[config.images]
        print(f"{config.images / total:,.0f} images per second of one processor core, watched")


def reconstruction(vae: VAE) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda x: vae.decode(vae.encode(x)[0])


if __name__ == "__main__":
    main()
