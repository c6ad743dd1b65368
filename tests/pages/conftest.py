"""Folders of runs that the pages read."""

import functools
import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.components.v2 import manifest_scanner

from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.doctor import Finding, Verdict
from betavae_core.importers import read_checkpoint
from betavae_core.models import build_vae
from betavae_core.scoring import scores as scoring
from betavae_core.scoring.baselines import baseline_config, make_baseline
from betavae_core.scoring.scores import score_metrics, standard_scores
from betavae_core.store.protocol import STANDARD
from pages._ui.checkpoint import examination
from tests.datasets.own.images import write
from tests.oracles import small_config, train_small
from tests.pages.driving import opened, save_run

SMALL = [
    (name, settings | {"points": 40, "test_points": 30} if settings.get("points") else settings)
    for name, settings in STANDARD
    if name in ("higgins", "mig", "irs")
    and settings.get("classifier") in (None, "linear", "forest")
]


@pytest.fixture(scope="session", autouse=True)
def components_are_sought_once() -> Iterator[None]:
    """Every new AppTest would look for components in all installed packages, for 0.3 seconds."""
    with pytest.MonkeyPatch.context() as patch:
        once = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two scored runs in a folder that the pages read."""
    root = tmp_path / "runs"
    monkeypatch.setenv("BETAVAE_RUNS", str(root))
    for beta in (1.0, 4.0):
        save_run(root, RunConfig(beta=beta))
    return root


@pytest.fixture(scope="session")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with β = 1 and 4, two seeds each, and two baselines, on 24 images of your own,
    scored by a small standard protocol."""
    home = tmp_path_factory.mktemp("scored")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("RUNS", "DATA", "CACHE"):
            patch.setenv(f"BETAVAE_{name}", str(home / name.lower()))
        patch.setattr(scoring, "STANDARD", SMALL)
        (home / "data").mkdir()
        images = np.random.default_rng(0).integers(0, 256, (24, 32, 32, 3), dtype=np.uint8)
        factors = {"factor_names": ["object shape", "x", "y"], "factor_sizes": [2, 3, 4]}
        write(home / "data" / "blocks.npz", images=images, **factors)
        for beta, seed in product((1.0, 4.0), (1, 2)):
            config = small_config(
                dataset="blocks", source="own", channels=3, image_size=32, images=16,
                beta=beta, seed=seed,
            )  # fmt: skip
            train_small(home / "runs", config)
        dataset = load_dataset("blocks")
        assert dataset.space is not None
        for kind in ("pca", "noise"):
            make_baseline(baseline_config(kind, dataset, latents=3), home / "runs", dataset)
        for run in opened(home / "runs"):
            score_metrics(run, standard_scores(dataset.space), dataset)
    return home


@pytest.fixture
def scored_runs(
    scored: Path, own_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The runs of `scored`, in folders of this test's own."""
    monkeypatch.setattr(scoring, "STANDARD", SMALL)
    for name, folder in own_folders.items():
        shutil.copytree(scored / name.lower(), folder, dirs_exist_ok=True)
    return own_folders["RUNS"]


@pytest.fixture
def folder(tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of checkpoints beside the runs: one that opens, one that is cut off."""
    place = tmp_path / "given"
    (place / "deep").mkdir(parents=True)
    torch.save(build_vae(RunConfig()).state_dict(), place / "deep" / "mine.pt")
    whole = (place / "deep" / "mine.pt").read_bytes()
    (place / "cut.pt").write_bytes(whole[: len(whole) // 2])
    monkeypatch.setenv("BETAVAE_CHECKPOINTS", str(place))
    return place


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> list[RunConfig]:
    """A checkup that takes no time; returns whose were begun, in order."""
    begun: list[RunConfig] = []

    def checkup(_: Any, config: RunConfig, **__: Any) -> Iterator[Finding]:
        begun.append(config)
        yield Finding("weights", "Weights", Verdict.FINE, "As they should be.")

    monkeypatch.setattr("betavae_core.doctor.examination.checkup", checkup)
    monkeypatch.setattr(examination, "read_guarded", read_checkpoint)
    return begun
