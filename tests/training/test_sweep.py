"""Sweeps: finished runs are skipped, failures recorded, the rest goes on."""

from dataclasses import replace
from pathlib import Path

import pytest

from betavae_core import store
from betavae_core.config import RunConfig
from betavae_core.errors import InputError
from betavae_core.store import load_run
from betavae_core.training.jobs import Sweep
from betavae_core.training.sweep import sweep

SMALL = RunConfig(images=64, batch_size=16)


@pytest.mark.slow
def test_a_failed_run_does_not_stop_the_others_and_finished_ones_are_skipped(
    tmp_path: Path,
) -> None:
    configs = [replace(SMALL, beta=1.0), replace(SMALL, beta=4.0)]
    blocked = tmp_path / configs[1].run_id
    store.create_run(blocked, replace(configs[1], seed=9))  # in the way, with other settings
    *_, state = sweep(configs, tmp_path, workers=1, device="cpu")
    assert [job.status for job in state.jobs] == ["finished", "failed"]
    assert "other settings" in state.jobs[1].reason
    run = load_run(tmp_path / configs[0].run_id)
    assert run.status == "finished"
    assert run.score("elbo") is not None
    *_, again = sweep(configs[:1], tmp_path, workers=1, device="cpu")
    assert again.jobs[0].status == "finished"
    assert again.trained == 0


@pytest.mark.slow
def test_a_stopped_sweep_goes_on_where_it_was(tmp_path: Path) -> None:
    """Stopped in the middle of its only run; the same call finishes it with the same weights."""
    config = replace(SMALL, images=640)
    asked: list[bool] = []

    def first_news(state: Sweep) -> None:
        if state.jobs[0].images:
            asked.append(True)

    for state in sweep([config], tmp_path / "a", workers=1, device="cpu", stop=lambda: bool(asked)):
        first_news(state)
    assert state.jobs[0].status == "stopped"
    assert 0 < state.jobs[0].images < 640
    *_, state = sweep([config], tmp_path / "a", workers=1, device="cpu")
    assert state.jobs[0].status == "finished"
    assert state.trained < 640
    list(sweep([config], tmp_path / "b", workers=1, device="cpu"))
    resumed, whole = (load_run(tmp_path / name / config.run_id) for name in "ab")
    assert resumed.weights_hash == whole.weights_hash


@pytest.mark.parametrize(("configs", "workers"), [([], 1), ([SMALL, SMALL], 1), ([SMALL], 0)])
def test_a_sweep_that_makes_no_sense_is_refused(
    configs: list[RunConfig], workers: int, tmp_path: Path
) -> None:
    with pytest.raises(InputError):
        next(sweep(configs, tmp_path, workers=workers, device="cpu"))
