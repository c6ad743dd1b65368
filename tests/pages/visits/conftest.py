"""Runs with and without images and factors, for visits."""

from pathlib import Path

import numpy as np
import pytest

from betavae_core.config import RunConfig
from betavae_core.shipping.recorded import record_run
from betavae_core.store import load_run
from tests.datasets.own.images import write
from tests.oracles import small_config, train_small
from tests.pages.driving import save_run


@pytest.fixture
def runs(scored_runs: Path, own_folders: dict[str, Path]) -> Path:
    """Four runs and two baselines on images with factors, one run on images without, and one whose
    images are not here."""
    images = np.random.default_rng(1).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    write(own_folders["DATA"] / "noise.npz", images=images)
    plain = {"source": "own", "channels": 3, "image_size": 32, "images": 8}
    train_small(scored_runs, small_config(dataset="noise", **plain))
    save_run(scored_runs, RunConfig(dataset="gone", latents=3, **plain), score=False)
    return scored_runs


@pytest.fixture
def unseen_seed(runs: Path, tmp_path: Path) -> int:
    """A seed of which every run is kept without its weights."""
    about = {"source": "own", "channels": 3, "image_size": 32, "images": 16}
    train_small(tmp_path, small_config(dataset="blocks", seed=3, **about))
    (path,) = tmp_path.glob("blocks-*")
    record_run(load_run(path), runs / path.name, None)
    return 3
