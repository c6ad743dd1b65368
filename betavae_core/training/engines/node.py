"""One task of a sweep on a node of the cluster: it trains a run or a stack and reports."""

import asyncio
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from ..jobs import Job, News
from ..resume import CHECKPOINT
from ..under_way import process_lives
from ..workers import work_together
from .carried import Files, read_folder, stamps, write_folder
from .cluster import ray_module

INTERVAL = 1.0  # seconds between two news of a continuing run, and between checks of the bell
SCRATCH = "betavae-run-"  # folders on nodes that do not see the folder of runs

# the node's name, the job and its news (None: it begins), and changed files of that run
Sent = tuple[str, tuple[int, News] | None, Files]


class Bell:
    """An actor that rings once: all tasks wait for the one answer of `wait`."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()

    async def wait(self) -> bool:
        return await self.rung.wait()

    async def ring(self) -> None:
        self.rung.set()


def train_on_node(
    jobs: dict[int, Job],
    root: Path,
    token: Path,
    settings: dict[str, Any],
    threads: int,
    files: dict[int, Files],
    rung: list[Any],
) -> Iterator[Sent]:
    """One run or stack on a node; every end except a death sends one last message for each run."""
    torch.set_num_threads(threads)
    node, asked = socket.gethostname(), _Asked(rung[0])
    yield node, None, {}
    if token.exists():  # shared storage
        for told in _sparsely(work_together(jobs, root, asked=asked, **settings)):
            yield node, told, {}
        return
    _remove_scratch()
    with tempfile.TemporaryDirectory(prefix=f"{SCRATCH}{os.getpid()}-") as scratch:
        paths = {number: Path(scratch) / job.name for number, job in jobs.items()}
        for number, path in paths.items():
            path.mkdir()
            write_folder(path, files[number])
        known = {number: stamps(path) for number, path in paths.items()}
        for told in _sparsely(work_together(jobs, Path(scratch), asked=asked, **settings)):
            number, (status, *_) = told
            path, now = paths[number], stamps(paths[number])
            due = status != "running" or known[number].get(CHECKPOINT) != now.get(CHECKPOINT)
            yield node, told, read_folder(path, known[number]) if due else {}
            known[number] = now if due else known[number]


class _Asked:
    """Whether the bell has rung (checked once a second) or its owner, the process of the sweep, is
    gone."""

    def __init__(self, rung: Any) -> None:
        self.rung, self.due, self.answer = rung, 0.0, False

    def __call__(self) -> bool:
        if not self.answer and time.monotonic() >= self.due:
            self.answer = bool(ray_module().wait([self.rung], timeout=0)[0])
            self.due = time.monotonic() + INTERVAL
        return self.answer


def _sparsely(news: Iterator[tuple[int, News]]) -> Iterator[tuple[int, News]]:
    """At most one message per `INTERVAL` that a run continues, since one process receives those of
    thousands of runs."""
    due: dict[int, float] = {}
    for number, each in news:
        if each[0] != "running" or time.monotonic() >= due.get(number, 0.0):
            due[number] = time.monotonic() + INTERVAL
            yield number, each


def _remove_scratch() -> None:
    """Remove the leftovers of killed workers on this node."""
    for path in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*"):
        pid = path.name.removeprefix(SCRATCH).split("-")[0]
        if pid.isdigit() and not process_lives(int(pid)):
            shutil.rmtree(path, ignore_errors=True)
