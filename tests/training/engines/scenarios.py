"""What every engine must survive: a killed worker, a killed sweep, Ctrl-C. Tiny runs on forty
images of noise, long enough to be interrupted."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from betavae_core import store
from betavae_core.config import RunConfig, preset
from betavae_core.store import load_run
from betavae_core.store.files import TRAINING_LOCK
from betavae_core.training.jobs import Sweep
from betavae_core.training.resume import CHECKPOINT
from betavae_core.training.under_way import Command, commands_under_way
from tests.datasets.own.images import write
from tests.oracles import small_config, train_small
from tests.training.reading import history, same_weights
from tests.waiting import PATIENCE, until

REPOSITORY = Path(__file__).resolve().parents[3]
IMAGES = 4_000

Engine = Callable[..., Iterator[Sweep]]  # called as engine(configs, root, **settings)


def noise_config(data: Path, **changes: Any) -> RunConfig:
    """A run on the dataset "noise", which is made where it is not there."""
    data.mkdir(exist_ok=True)
    if not (data / "noise.npz").exists():
        images = np.random.default_rng(0).integers(0, 256, (40, 32, 32), dtype=np.uint8)
        write(data / "noise.npz", images=images)
    about = {"dataset": "noise", "source": "own", "channels": 1, "image_size": 32}
    return small_config(**about | {"images": IMAGES} | changes)


def lines(root: Path, config: RunConfig) -> list[str]:
    """The history as it stands, with the seconds, which training anew would not repeat."""
    file = root / config.run_id / store.HISTORY
    return file.read_text().splitlines() if file.exists() else []


def check_whole(root: Path, config: RunConfig, before: list[str], threads: int = 1) -> None:
    """The run is what it would have been without the interruption, bit for bit, trained by as many
    threads; what was trained `before` it, as far as a checkpoint was behind, was not trained again.
    """
    run = load_run(root / config.run_id)
    assert run.status == "finished"
    assert run.score("elbo") is not None
    assert not (run.path / CHECKPOINT).exists()
    whole = root.resolve().parent / "whole"
    if not (whole / config.run_id).exists():
        torch.set_num_threads(threads)
        train_small(whole, config)
        torch.set_num_threads(1)
    assert same_weights(run.path, whole / config.run_id)
    assert history(run.path) == history(whole / config.run_id)
    assert len(before) >= 2
    assert lines(root, config)[:2] == before[:2]


def lock_holder(path: Path) -> int | None:
    """The process that trains a run: the one that holds its lock."""
    if not (path / TRAINING_LOCK).exists():
        return None
    inode = (path / TRAINING_LOCK).stat().st_ino
    for line in Path("/proc/locks").read_text().splitlines():
        fields = line.split()
        if "FLOCK" in fields and fields[5].endswith(f":{inode}"):
            return int(fields[4])
    return None


def far_enough(root: Path, config: RunConfig) -> bool:
    """Whether a run has a checkpoint and a good part of its way behind it."""
    checkpoint = root / config.run_id / CHECKPOINT
    return checkpoint.exists() and len(lines(root, config)) >= 10


def a_killed_worker_is_replaced(engine: Engine, root: Path, data: Path, **settings: Any) -> None:
    """One run whose worker is killed, one that cannot be trained: the first goes on from its last
    checkpoint, the second is recorded as failed with its reason."""
    config = noise_config(data)
    blocked = replace(config, beta=1.0)
    store.create_run(root / blocked.run_id, replace(blocked, seed=9))  # in the way
    before: list[str] = []
    deaths = 0
    for state in engine([config, blocked], root, device="cpu", checkpoint_seconds=0.1, **settings):
        if not before and far_enough(root, config):
            pid = lock_holder(root / config.run_id)
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            before = lines(root, config)
        deaths = max(deaths, state.jobs[0].deaths)
    assert [job.status for job in state.jobs] == ["finished", "failed"]
    assert "other settings" in state.jobs[1].reason
    assert deaths == 1
    check_whole(root, config, before)


def a_worker_that_always_dies_is_given_up(
    engine: Engine, root: Path, data: Path, **settings: Any
) -> None:
    """Killed whenever it comes to the same point: the run has failed, with the reason."""
    config = noise_config(data, images=10**7)
    for state in engine([config], root, device="cpu", checkpoint_seconds=1e9, **settings):
        path = root / config.run_id
        if (path / store.CONFIG).exists() and (pid := lock_holder(path)):
            os.kill(pid, signal.SIGKILL)
        last = state
    assert last.jobs[0].status == "failed"
    assert last.jobs[0].deaths == 3
    assert last.jobs[0].reason.endswith(".")


def start(root: Path, *options: str) -> subprocess.Popen[str]:
    """The command of a user, in a process of its own."""
    command = [
        *(sys.executable, "-m", "betavae_core", "sweep", "--dataset", "noise", "--beta", "4"),
        *("--images", "16000", "--precision", "float32", "--checkpoint-seconds", "0.1"),
        *("--device", "cpu", "--out", str(root), "--json", *options),
    ]
    pipe = subprocess.PIPE
    # its threads wait for each other without keeping cores busy that other tests need as well
    waiting = os.environ | {"OMP_WAIT_POLICY": "passive"}
    return subprocess.Popen(
        command, cwd=REPOSITORY, stdout=pipe, stderr=pipe, text=True, env=waiting
    )


def seen(root: Path, process: subprocess.Popen[str]) -> Command:
    """What a page sees of the command, once it has trained something."""
    found: list[Command] = []

    def there() -> bool:
        found[:] = commands_under_way(root)
        return any(run.images for command in found for run in command.runs)

    until(there, process)
    (command,) = found
    return command


def a_killed_sweep_goes_on(root: Path, data: Path, *options: str, threads: int = 1) -> None:
    """Killed, started again, ended by Ctrl-C, started again: the same run as ever. While it goes
    on, its state is there to be seen; what the killed one left of that is removed."""
    about = {"dataset": "noise", "source": "own", "channels": 1, "image_size": 32}
    noise_config(data)
    config = preset("2dshapes-conv-laptop", **about, beta=4.0, images=16_000)
    process = start(root, *options)
    until(lambda: far_enough(root, config), process)
    command = seen(root, process)
    assert (command.verb, command.pid) == ("sweep", process.pid)
    assert [(run.name, run.budget) for run in command.runs] == [(config.run_id, 16_000)]
    process.kill()
    process.communicate()
    before = lines(root, config)
    assert commands_under_way(root) == []
    assert any((root / ".under-way").glob("*.json"))

    process = start(root, *options)
    assert seen(root, process).pid == process.pid
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=2 * PATIENCE)
    assert json.loads(out)[0]["status"] == "stopped", err
    assert "the same command continues" in err
    assert list((root / ".under-way").iterdir()) == []
    assert far_enough(root, config)

    process = start(root, *options)
    out, err = process.communicate(timeout=2 * PATIENCE)
    assert json.loads(out)[0]["status"] == "finished", err
    check_whole(root, config, before, threads)
