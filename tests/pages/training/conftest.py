"""Runs for the page Training, and no real process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from betavae_core.training.under_way import RunUnderWay, publishing
from pages._ui.training import listing, starting, steering
from tests.oracles import train_small
from tests.pages.training.mini import MINI


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Nothing is really started; whether a supervisor was asked for."""
    asked: list[Path] = []
    for module in (listing, starting, steering):
        monkeypatch.setattr(module, "ensure_served", asked.append)
    monkeypatch.setattr(starting, "elsewhere", lambda *_: 1_000.0)
    return asked


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BETAVAE_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def trained(root: Path) -> Path:
    train_small(root, MINI, watched=True, snapshots=3)
    return root / MINI.run_id


@pytest.fixture
def running(trained: Path) -> Iterator[Path]:
    """A run that a command of this process seems to train."""
    with publishing(trained.parent, "train") as publish:
        publish([RunUnderWay(trained.name, "running", 1_024, 2_048, 500.0, 2.0)], 2.0)
        yield trained
