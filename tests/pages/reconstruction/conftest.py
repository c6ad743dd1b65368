"""Measured runs for the page Reconstruction."""

import shutil
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from betavae_core.datasets import load_dataset
from betavae_core.scoring.distances import distance_observer, score_distances
from betavae_core.scoring.elbo import score_elbo
from betavae_core.store import load_run
from pages._ui.reconstruction import offered as offers
from tests.datasets.own.images import write
from tests.oracles import small_config, train_small


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with β = 1 and 4, two seeds each, on 40 images of your own, with everything
    measured on few images."""
    home = tmp_path_factory.mktemp("measured")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("RUNS", "DATA", "CACHE"):
            patch.setenv(f"BETAVAE_{name}", str(home / name.lower()))
        (home / "data").mkdir()
        images = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
        write(home / "data" / "noise.npz", images=images)
        dataset = load_dataset("noise")
        observe = distance_observer(dataset, 4, features="lite0", reference_images=20)
        for beta, seed in product((1.0, 4.0), (1, 2)):
            config = small_config(
                dataset="noise", source="own", channels=3, image_size=32, images=16,
                beta=beta, seed=seed,
            )  # fmt: skip
            train_small(home / "runs", config, observe=observe, observations=2)
            run = load_run(home / "runs" / config.run_id)
            score_elbo(run, dataset, images=40)
            score_distances(run, dataset, features="lite0", images=8, reference_images=20)
    return home


@pytest.fixture
def runs(measured: Path, own_folders: dict[str, Path]) -> Path:
    for name, folder in own_folders.items():
        shutil.copytree(measured / name.lower(), folder, dirs_exist_ok=True)
    return own_folders["RUNS"]


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """What the page would start in the background: label and arguments of each button."""
    seen: list[tuple[str, list[str]]] = []

    def note(key: str, label: str, arguments: list[str], about: str = "") -> None:
        seen.append((label, arguments))

    monkeypatch.setattr(offers, "background", note)
    return seen
