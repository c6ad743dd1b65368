"""A checkup in a checkpoint's folder is the same when it is read again, while the weights are."""

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from betavae_core.choice import opening_run
from betavae_core.doctor import (
    Finding,
    Label,
    Verdict,
    check_folder,
    file_hash,
    keep_beside,
    kept_beside,
    worst,
)
from betavae_core.doctor.beside import CHECKUP
from betavae_core.errors import InputError
from betavae_core.store import Run, list_runs
from tests.doctor.damage import RUNS

PICTURE = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
FINDINGS = [
    Finding("weights", "Weights", Verdict.FINE, "As they should be.", "", {"layers": [1, 2]}),
    Finding("samples", "Samples", Verdict.LOOK, "Grey.", "No training.", {}, {"two": PICTURE}),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run = "2dshapes-conv-beta4-seed123-images7372800-klwarmup640000"
    shutil.copytree(RUNS / run, tmp_path / run, ignore=lambda *_: [CHECKUP])
    return tmp_path / run


def kept(folder: Path) -> Label:
    label = Label(folder.name, file_hash(folder), date(2026, 1, 2), {"torch": "9.9"})
    keep_beside(folder, FINDINGS, label)
    return label


def test_what_is_read_is_what_was_kept(folder: Path) -> None:
    assert kept_beside(folder) is None
    label = kept(folder)
    there = kept_beside(folder)
    assert there is not None
    findings, read = there
    assert read == label
    assert [each.to_json() for each in findings] == [each.to_json() for each in FINDINGS]
    assert (findings[1].images["two"] == PICTURE).all()


def test_new_weights_have_no_checkup(folder: Path) -> None:
    kept(folder)
    weights = folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    assert kept_beside(folder) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": 1, "sha256": 2, "day": 3}'])
def test_a_damaged_one_is_one_sentence(folder: Path, text: str) -> None:
    (folder / CHECKUP).write_text(text)
    with pytest.raises(InputError, match=r"checkup\.json is damaged") as refused:
        kept_beside(folder)
    says = str(refused.value)
    assert "\n" not in says
    assert "expected what `check --beside` writes, got " in says
    assert f"replace it with `python -m betavae_core check {folder} --beside`" in says


def test_what_a_damaged_one_lacks_is_named(folder: Path) -> None:
    (folder / CHECKUP).write_text("{}")
    with pytest.raises(InputError, match="got no entry 'day'"):
        kept_beside(folder)


def test_one_file_has_no_place_for_it(folder: Path) -> None:
    with pytest.raises(InputError, match="is one file"):
        check_folder(folder / "weights.safetensors")


def test_the_run_that_pages_open_on_ships_with_its_checkup() -> None:
    """If its weights change: `python -m betavae_core check trained_models/RUN --beside`."""
    run = opening_run([run for run in list_runs(RUNS) if isinstance(run, Run)])
    there = kept_beside(run.path)
    assert there is not None
    assert worst(there[0]) == Verdict.FINE
    assert sum(len(each.images) for each in there[0]) == 3
