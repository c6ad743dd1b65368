"""A class of thirty on a dashboard of its own, read-only, as a public one is."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from benchmarks import classroom
from benchmarks.dashboard import dashboard, free_port
from pages._ui.mode import VARIABLE

SHIPPED = Path(__file__).resolve().parents[2] / "trained_models"
STUDENTS = 30


@pytest.mark.slow
def test_thirty_students_guess_and_see_the_answer(own_folders: dict[str, Path]) -> None:
    for run in sorted(SHIPPED.glob("2dshapes-conv-beta4-seed*")):
        shutil.copytree(run, own_folders["RUNS"] / run.name)
    port = free_port()
    with dashboard(port, os.environ | {VARIABLE: "1"}):
        taught = asyncio.run(classroom.teach(f"localhost:{port}", STUDENTS))
    about = classroom.summary(taught)
    assert about["errors"] == []
    assert about["lecturer reads"].startswith(f"**{STUDENTS}** guesses")
    assert about["students who saw the answer"] == STUDENTS
