"""The one command for a borrowed GPU machine: what it chooses to train, and that it says so."""

import json
from pathlib import Path

import pytest
import torch

from benchmarks.gpu import __main__ as gpu
from benchmarks.gpu.comparisons import Check
from benchmarks.gpu.training import full_length, next_stack
from betavae_core.config import preset
from betavae_core.shipping.archives import Outcome, unpack
from betavae_core.store import load_run
from betavae_core.training.jobs import Job
from tests.oracles import small_config, train_small
from tests.training.reading import stop_after
from tests.training.zoo_file import TINY, written

CPU = torch.device("cpu")
SPEED = {1: 100.0, 4: 200.0, 16: 400.0}


def test_the_list_at_full_length() -> None:
    jobs = gpu.jobs_of(gpu.LIST, True)
    lengths = {job.config.images for job in jobs if job.config.dataset == "2dshapes"}
    assert lengths == {26 * 737_280}
    assert full_length(Job(preset("cifar100-conv-laptop"))).config.images == 5_000_000
    assert {job.name for job in jobs} != {job.name for job in gpu.jobs_of(gpu.LIST, False)}


def test_the_next_stack_is_as_large_as_can_be_finished(tmp_path: Path) -> None:
    """100, 200 and 400 images/s of 1, 4 and 16 models: 124 images take 1.24, 2.5 and 5 s."""
    configs = [small_config(beta=float(beta)) for beta in range(20)]
    configs.insert(1, small_config(latents=4))
    jobs = [Job(config) for config in configs]

    def chosen(seconds: float) -> list[int]:
        stack = next_stack(jobs, tmp_path, CPU, SPEED, seconds)
        return [jobs.index(job) for job in stack]

    assert chosen(100) == [0, *range(2, 17)]
    assert chosen(3) == [0, 2, 3, 4]
    assert chosen(1.5) == [0]
    assert chosen(0.1) == [0, 2, 3, 4]  # none can be finished: the fastest way to be further on
    jobs[0].status = "failed"
    assert chosen(3) == [1]
    jobs[1].status = "failed"
    assert chosen(3) == [2, 3, 4, 5]
    train_small(tmp_path, configs[2], stop=stop_after(8))
    assert chosen(1.3) == [2]


@pytest.mark.slow
@pytest.mark.parametrize("rates", [False, True])
def test_trained_packed_and_gone_on_with(
    rates: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """End to end on the CPU; the second call finds the first one's runs and trains the rest."""
    monkeypatch.setattr(gpu, "checks", lambda device: [Check("nothing", 0.0, 0.1)])
    monkeypatch.setattr(gpu, "RESERVE", 0.0)
    text = TINY.replace("images = 64", "images = 32")
    path, out = written(tmp_path, text), tmp_path / "out"
    common = ["--out", str(out), "--list", str(path), "--as-listed", "--device", "cpu"]
    common += ["--seconds", "0.1" if rates else "0", "--processes", "1"]
    assert gpu.main([*common, "--minutes", "1e-6", "--runs", str(tmp_path / "a")]) == 0
    assert "0 of 3 runs finished" in capsys.readouterr().out
    assert gpu.main([*common, "--minutes", "9", "--runs", str(tmp_path / "a")]) == 0
    assert "3 of 3 runs finished; 3 packed" in capsys.readouterr().out
    about = json.loads((out / "gpu.json").read_text())
    assert {row["images"] for row in about["runs"]} == {32}
    assert set(about["rates"]) == ({"alone", "stack of 4"} if rates else set())
    assert gpu.main([*common, "--minutes", "9", "--runs", str(tmp_path / "b")]) == 0
    assert "from before: unpacked" in capsys.readouterr().out
    said = unpack(out, tmp_path / "home")
    assert {each.outcome for each in said.values()} == {Outcome.UNPACKED}
    runs = [load_run(tmp_path / "home" / name) for name in said]
    assert {run.status for run in runs} == {"finished"}
    assert all(run.score("elbo") for run in runs)


def test_nothing_is_trained_on_a_device_that_computes_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gpu, "checks", lambda device: [Check("steps", float("nan"), 0.1)])
    arguments = ["--out", str(tmp_path / "out"), "--list", str(written(tmp_path)), "--seconds", "0"]
    arguments += ["--device", "cpu", "--runs", str(tmp_path / "runs"), "--as-listed"]
    assert gpu.main(arguments) == 1
    assert "DIFFERS: steps" in capsys.readouterr().out
    assert not (tmp_path / "runs").exists()
