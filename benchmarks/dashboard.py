"""A dashboard of its own for a benchmark: started at a free port, stopped at the end."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS, STOP_SECONDS = 60.0, 20.0


@contextmanager
def dashboard(port: int, env: Mapping[str, str] | None = None) -> Iterator[int]:
    """A dashboard at a port; yields the number of its process."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    settings = ["--server.headless", "true", "--server.fileWatcherType", "none"]
    process = subprocess.Popen(
        [*command, *settings, "--browser.gatherUsageStats", "false"],
        cwd=ROOT,
        env=None if env is None else dict(env),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("The dashboard did not start.")
            time.sleep(0.02)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:  # it is in the middle of long work
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return int(found.getsockname()[1])
