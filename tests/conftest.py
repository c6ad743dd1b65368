"""What every test gets: its own folders, one thread, and the shared data where it is there."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from betavae_core.fid import FEATURES
from betavae_core.store import Run, load_run
from tests.datasets.own.images import write
from tests.oracles import coarse_features, small_config, train_small

ONE_THREAD = 1  # results to the last bit, and no fight over the cores
torch.set_num_threads(ONE_THREAD)

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--device", default="cpu", help="device of the model tests: cpu, cuda, mps")


@pytest.fixture(scope="session")
def device(request: pytest.FixtureRequest) -> torch.device:
    return torch.device(request.config.getoption("--device"))


@pytest.fixture(autouse=True)
def own_folders(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """No test reads or writes the user's runs, data or caches."""
    home = tmp_path_factory.mktemp("home")
    folders = {name: home / name.lower() for name in ("RUNS", "DATA", "CACHE")}
    for name, folder in folders.items():
        monkeypatch.setenv(f"BETAVAE_{name}", str(folder))
    return folders


@pytest.fixture(autouse=True)
def own_threads() -> None:
    """Of PyTorch, whatever the test before left."""
    torch.set_num_threads(ONE_THREAD)


@pytest.fixture(autouse=True)
def own_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that a test calls in its own process does not slow the tests after it."""
    monkeypatch.setattr(os, "nice", lambda increment: 0)


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Streamlit's AppTest leaves its script as the main module, which spawned workers then run."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="session")
def shared_data() -> Callable[..., Path]:
    """A path under ../shared/data. Where that is not beside the clone: `instead`, or the test is
    left out."""

    def find(name: str, instead: Path | None = None) -> Path:
        path = SHARED / name
        if path.exists():
            return path
        if instead is None:
            pytest.skip(f"left out: ../shared/data/{name} is not beside this clone")
        return instead

    return find


@pytest.fixture
def unwritable(tmp_path: Path) -> Path:
    """A folder that nobody can make, not even root: its parent is a file."""
    (tmp_path / "file").write_text("in the way")
    return tmp_path / "file" / "runs"


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The features "coarse", and a list that grows whenever their network is built."""
    seen: list[str] = []
    monkeypatch.setitem(FEATURES, "coarse", coarse_features(seen))
    return seen


@pytest.fixture
def small_run(tmp_path: Path) -> Run:
    """A quickly trained run on 2Dshapes."""
    config = small_config()
    train_small(tmp_path, config)
    return load_run(tmp_path / config.run_id)


@pytest.fixture
def own_run(own_folders: dict[str, Path]) -> Run:
    """A run on 40 images of your own."""
    images = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    own_folders["DATA"].mkdir(exist_ok=True)
    write(own_folders["DATA"] / "noise.npz", images=images)
    config = small_config(dataset="noise", source="own", channels=3, image_size=32, images=8)
    train_small(own_folders["RUNS"], config)
    return load_run(own_folders["RUNS"] / config.run_id)
