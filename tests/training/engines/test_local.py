"""The engine of one machine: killed workers, killed sweeps, Ctrl-C."""

import os
from pathlib import Path

import pytest

from betavae_core.training.sweep import sweep
from tests.training.engines.scenarios import (
    a_killed_sweep_goes_on,
    a_killed_worker_is_replaced,
    a_worker_that_always_dies_is_given_up,
)

pytestmark = pytest.mark.slow


def test_a_killed_worker(tmp_path: Path, own_folders: dict[str, Path]) -> None:
    a_killed_worker_is_replaced(sweep, tmp_path / "runs", own_folders["DATA"], workers=2)


def test_a_worker_that_always_dies(tmp_path: Path, own_folders: dict[str, Path]) -> None:
    a_worker_that_always_dies_is_given_up(sweep, tmp_path / "runs", own_folders["DATA"], workers=1)


def test_a_killed_sweep(tmp_path: Path, own_folders: dict[str, Path]) -> None:
    """A single worker has all cores."""
    options = ("--workers", "1")
    threads = os.cpu_count() or 1
    a_killed_sweep_goes_on(tmp_path / "runs", own_folders["DATA"], *options, threads=threads)
