"""Trainings on machines with GPUs: one at a time on each."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core.config import RunConfig
from betavae_core.queue import gpus, supervisor
from betavae_core.queue.entries import add_entry, entries, held, set_state
from betavae_core.queue.gpus import free_gpu, usual_number
from betavae_core.queue.supervisor import Supervisor


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "gpus", lambda: ("0", "GPU-5"))


def test_one_training_per_gpu_or_per_core(two_gpus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert usual_number() == 2
    monkeypatch.setattr(gpus, "gpus", tuple)
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    assert usual_number() == 5
    assert free_gpu([]) == ""


def test_the_least_used_gpu_is_next(two_gpus: None) -> None:
    assert free_gpu([]) == "0"
    assert free_gpu(["0"]) == "GPU-5"
    assert free_gpu(["GPU-5", "0", "GPU-5", ""]) == "0"


def test_each_worker_sees_its_own_gpu(
    two_gpus: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also beside one that an earlier supervisor has started."""
    seen: list[str | None] = []

    def start(arguments: list[str], output: int, variables: Any) -> subprocess.Popen[bytes]:
        seen.append(variables.get("CUDA_VISIBLE_DEVICES"))
        return subprocess.Popen(["sleep", "60"])

    monkeypatch.setattr(supervisor, "start_apart", start)
    first, *_ = [add_entry(tmp_path, RunConfig(seed=seed)) for seed in range(4)]
    set_state(first, status="running", gpu="0")
    served = Supervisor(tmp_path, at_most=3)
    with held(first):
        served.look()
    try:
        assert seen == ["GPU-5", "0"]
        assert [entry.state.gpu for entry in entries(tmp_path)] == ["0", "GPU-5", "0", ""]
    finally:
        for process in served.started.values():
            process.kill()
            process.wait()


def test_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What CUDA says here; devices that the caller may not use are not counted."""
    gpus.gpus.cache_clear()
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    assert len(gpus.gpus()) == count
    monkeypatch.setattr(gpus, "DRIVER", Path("/"))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for visible, expected in ((None, ("0", "1")), ("3,GPU-7", ("3", "GPU-7"))):
        gpus.gpus.cache_clear()
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        if visible:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        assert gpus.gpus() == expected
    gpus.gpus.cache_clear()
