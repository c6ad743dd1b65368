"""Real images above rendered ones, in one picture, for 3Dshapes and MPI3DToy.

    python -m benchmarks.likeness ../shared/data/reference docs/rendered.png

Needs the real samples (folders shapes3d and mpi3d_toy) and both rendered datasets.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from betavae_core.datasets import Dataset, load_dataset
from betavae_core.datasets.rendered.shapes3d import Rendered3DShapes
from betavae_core.pictures.grids import grid
from tests.datasets.rendered.shapes3d_factors import read

COLUMNS = 12


def shapes(folder: Path, dataset: Rendered3DShapes) -> tuple[np.ndarray, np.ndarray]:
    """Real images (N, 64, 64, 3) of 3Dshapes and the factors (N, 6) read off them."""
    files = sorted((folder / "shapes3d").glob("nb_*.png"))
    images = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
    maps = dataset.whole_table().numpy().reshape(-1, 5, 64, 64).astype(np.float32)
    return images, np.stack([read(image.astype(float), maps) for image in images])


def arm(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Real tiles (N, 64, 64, 3) of MPI3DToy and their factors (N, 7)."""
    with np.load(folder / "mpi3d_toy" / "mpi3d_toy_tiles.npz") as tiles:
        return tiles["imgs"], tiles["factors"].astype(np.int64)


def rows(dataset: Dataset, real: np.ndarray, factors: np.ndarray) -> torch.Tensor:
    """COLUMNS of the real images, spread evenly, above their rendered twins: (2, COLUMNS, …)."""
    chosen = np.linspace(0, len(real) - 1, COLUMNS).round().astype(int)
    assert dataset.space is not None
    rendered = dataset.images(dataset.space.index(factors[chosen]))
    return torch.stack([torch.from_numpy(real[chosen]).permute(0, 3, 1, 2), rendered])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reference", type=Path)
    parser.add_argument("picture", type=Path)
    options = parser.parse_args()
    shapes3d, toy = load_dataset("3dshapes", "rendered"), load_dataset("mpi3d-toy", "rendered")
    assert isinstance(shapes3d, Rendered3DShapes)
    parts = [
        rows(shapes3d, *shapes(options.reference, shapes3d)),
        rows(toy, *arm(options.reference)),
    ]
    Image.fromarray(grid(torch.cat(parts), scale=2)).save(options.picture, optimize=True)


if __name__ == "__main__":
    main()
