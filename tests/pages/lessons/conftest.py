"""The runs that come with the lab, and lessons of one's own."""

from pathlib import Path

import pytest

from pages._ui.lessons.classroom import classes

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def no_classes() -> None:
    """Every test has a server of its own, as far as classes are concerned."""
    classes.clear()


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped runs in the folder that the pages read."""
    root = ROOT / "trained_models"
    monkeypatch.setenv("BETAVAE_RUNS", str(root))
    return root
