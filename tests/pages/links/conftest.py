"""Runs that links are of, the links that pages make, and the files that they offer."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from betavae_core.addresses import Choices
from pages._ui import address, charts
from pages._ui.latent_space import details as latent_details
from pages._ui.reconstruction import side_by_side
from pages._ui.traversals import grid_picture
from tests.datasets.own.images import write
from tests.pages.driving import save_run
from tests.pages.links.taken import CONV, HUED


@pytest.fixture
def runs(own_folders: dict[str, Path]) -> Path:
    """Two β of one seed, and a run on images of your own that have hues."""
    own_folders["DATA"].mkdir()
    images = np.random.default_rng(0).integers(0, 256, (60, 32, 32, 3), dtype=np.uint8)
    factors = {"factor_names": ["floor hue", "x", "wall hue"], "factor_sizes": [4, 3, 5]}
    write(own_folders["DATA"] / "tiles.npz", images=images, **factors)
    for config in CONV.values():
        save_run(own_folders["RUNS"], config)
    save_run(own_folders["RUNS"], HUED, score=False)
    return own_folders["RUNS"]


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the pages offer to download, by the file's name."""
    files: dict[str, Any] = {}

    def keep(label: str, data: Any, file: str, *_: Any, **__: Any) -> None:
        files[file] = data

    for module in (charts, grid_picture, side_by_side, latent_details):
        monkeypatch.setattr(module, "download", keep)
    return files


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The links that pages make, the newest last."""
    made: list[str] = []
    make = address.link

    def remember(page: str, choices: Choices) -> str:
        made.append(make(page, choices))
        return made[-1]

    monkeypatch.setattr(address, "link", remember)
    return made
