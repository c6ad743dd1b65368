"""The one command for a borrowed GPU machine: what it chooses to train, and that it says so."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks.gpu import __main__ as gpu
from benchmarks.gpu import scorers, training
from benchmarks.gpu.comparisons import Check, fused_gradients
from benchmarks.gpu.training import full_length, next_stack
from betavae_core.config import RunConfig, preset
from betavae_core.shipping.archives import Outcome, unpack
from betavae_core.store import load_run
from betavae_core.training.jobs import Job
from betavae_core.training.stacked_step import Stack
from tests.oracles import small_config, train_small
from tests.training.reading import stop_after
from tests.training.zoo_file import TINY, written
from tests.waiting import until

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
    text = TINY.replace("images = 64", "images = 32\nscored = false")
    text = text.replace("2dshapes-conv-laptop", "sprites-mini")
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


def test_what_cannot_be_stacked_is_trained_alone_and_a_divergence_ends_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BETAVAE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(training, "measure", lambda path, dataset, device: None)
    usual: dict[str, Any] = {"dataset": "sprites-mini", "images": 64, "batch_size": 16}
    configs = [
        RunConfig(**usual, objective="factor-vae"),
        RunConfig(**usual, beta=1.0, learning_rate=1e30),
        RunConfig(**usual, objective="dip-vae-i", learning_rate=1e30),
        RunConfig(**usual, model="conv-multirate"),
    ]
    jobs = [Job(config) for config in configs]
    kept: list[int] = []
    training.work(
        jobs,
        tmp_path / "runs",
        CPU,
        speed={1: 1.0},
        fused=False,
        scorers=scorers.Scorers(1),
        deadline=time.monotonic() + 600,
        say=lambda text: None,
        keep=lambda: kept.append(1),
    )
    assert [training.seen(tmp_path / "runs" / job.name) for job in jobs[::3]] == [64, 64]
    assert [job.status for job in jobs] == ["waiting", "failed", "failed", "waiting"]
    assert all("try a smaller learning rate" in job.reason for job in jobs[1:3])
    assert len(kept) == 4


def test_nothing_is_trained_on_a_device_that_computes_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gpu, "checks", lambda device: [Check("steps", float("nan"), 0.1)])
    arguments = ["--out", str(tmp_path / "out"), "--list", str(written(tmp_path)), "--seconds", "0"]
    arguments += ["--device", "cpu", "--runs", str(tmp_path / "runs"), "--as-listed"]
    assert gpu.main(arguments) == 1
    assert "DIFFERS: steps" in capsys.readouterr().out
    assert not (tmp_path / "runs").exists()


def test_a_fused_step_with_a_wrong_gradient_is_found_and_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = small_config(batch_size=4)
    monkeypatch.setattr(Stack, "fuse", lambda stack: None)  # compiling takes minutes on a CPU
    assert fused_gradients(config, CPU, 1e-6).holds

    def damage(stack: Stack) -> None:
        stack.objective = lambda images, noise, beta: stack._objective(images, noise * 0, beta)

    monkeypatch.setattr(Stack, "fuse", damage)
    found = fused_gradients(config, CPU, 1e-3)
    assert not found.holds
    assert "gradient of " in found.what
    assert "float32" in found.what


def test_scorers_work_one_after_another_and_end_with_their_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each scorer is a process with a child of its own; the run "slow" goes on for ever."""
    program = (
        "import subprocess, sys, pathlib; run = pathlib.Path(sys.argv[1]);"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "(run.parent / (run.name + '.child')).write_text(str(child.pid));"
        "child.wait() if run.name == 'slow' else child.kill(); sys.exit(run.name == 'wrong')"
    )
    monkeypatch.setattr(
        scorers, "command_of", lambda run: [sys.executable, "-c", program, str(run)]
    )
    working = scorers.Scorers(1)
    for name in ("right", "wrong", "slow", "never"):
        working.add(tmp_path / name)
    assert len(working.running) == 1
    until(lambda: working.busy() and (tmp_path / "slow.child").exists())
    until(lambda: (tmp_path / "slow.child").read_text())
    assert working.failed == ["wrong"]
    working.stop()
    assert not working.busy()
    assert not (tmp_path / "never.child").exists()
    child = int((tmp_path / "slow.child").read_text())
    until(lambda: not alive(child))


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
