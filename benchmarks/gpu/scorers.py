"""Processes that score finished runs on the processor's cores while the GPU trains the next ones.

`python -m benchmarks.gpu.scorers RUN` is one of them; the codes of the run's images are in the
cache, from the GPU.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

from betavae_core.datasets import config_dataset
from betavae_core.store import load_run
from betavae_core.training.jobs import Job
from betavae_core.training.workers import score_job


def command_of(run: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.gpu.scorers", str(run)]


class Scorers:
    """At most `most` processes at once, the runs in the order of their arrival."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.waiting: list[Path] = []
        self.running: dict[Path, subprocess.Popen[bytes]] = {}
        self.failed: list[str] = []  # names of the runs whose process ended with an error

    def add(self, run: Path) -> None:
        self.waiting.append(run)
        self.look()

    def look(self) -> None:
        """Start what can start."""
        for run, process in list(self.running.items()):
            if process.poll() is not None:
                del self.running[run]
                if process.returncode:
                    self.failed.append(run.name)
        while self.waiting and len(self.running) < self.most:
            run = self.waiting.pop(0)
            lonely = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
            self.running[run] = subprocess.Popen(
                command_of(run),
                env=os.environ | lonely,
                start_new_session=True,
            )

    def busy(self) -> bool:
        self.look()
        return bool(self.running)

    def stop(self) -> None:
        """End them; what they have measured is stored."""
        self.waiting.clear()
        for process in self.running.values():
            os.killpg(process.pid, signal.SIGKILL)  # with processes of its own
        for process in self.running.values():
            process.wait()
        self.running.clear()


def main() -> int:
    path = Path(sys.argv[1])
    os.nice(10)
    config = load_run(path).config
    score_job(Job(config, scored=True), path, config_dataset(config), "cpu", lambda: False)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
