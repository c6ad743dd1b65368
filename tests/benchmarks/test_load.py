"""The load test for twenty seconds: nobody sees an error or another visitor's choice."""

import argparse
import asyncio
import shutil
from pathlib import Path

import pytest

from benchmarks import load
from benchmarks.dashboard import dashboard, free_port
from betavae_core.config import RunConfig
from betavae_core.store import Run

SHIPPED = Path(__file__).resolve().parents[2] / "trained_models"

pytestmark = pytest.mark.slow


def test_twenty_seconds_of_six_visitors(own_folders: dict[str, Path]) -> None:
    """Who come at once to a dashboard that has just started, with an empty cache folder."""
    for weights in sorted(SHIPPED.glob("2dshapes-conv-*/weights.safetensors"))[:2]:
        shutil.copytree(weights.parent, own_folders["RUNS"] / weights.parent.name)
    options = argparse.Namespace(visitors=6, minutes=1 / 3, think=1.0, seed=0, cold=True)
    port = free_port()
    with dashboard(port) as pid:
        told = asyncio.run(load.all_visits(f"localhost:{port}", pid, options))
    about = load.summary(told)
    assert about["errors"] == []
    assert about["pages"]["all"]["reruns"] >= 12
    assert {page for page, *_ in told.waits} >= {"overview", "traversals"}
    assert about["largest_rerun_mb"] < 4
    assert about["seconds_mb_own_mb"]


def test_a_page_that_shows_another_choice_is_an_error() -> None:
    assert load.wrong("reconstruction", "3dshapes", None, "Images of 2Dshapes") != ""
    assert load.wrong("reconstruction", "3dshapes", None, "Images of 3Dshapes") == ""


def test_traversals_of_another_run_are_an_error() -> None:
    run = Run(Path(RunConfig().run_id), RunConfig(), None, [], [], "")
    says = "β\u00a0= 4, seed 123, 1 pass, trained on 2Dshapes (rendered)."
    assert load.wrong("traversals", "2dshapes", run, says) == ""
    assert load.wrong("traversals", "2dshapes", run, says.replace("123", "5")) != ""
