"""A whole run, and one that a test may break."""

import shutil
from pathlib import Path

import pytest

from tests.store.made import make_run


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("whole") / "a-run")


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    """A run that the test may break, beside a whole one."""
    shutil.copytree(whole, tmp_path / "other")
    return shutil.copytree(whole, tmp_path / "broken")
