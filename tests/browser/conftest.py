"""A dashboard to drive, with a few runs."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from betavae_core import store
from betavae_core.config import RunConfig
from betavae_core.models import build_model, build_vae
from betavae_core.store.snapshots import save_snapshot
from tests.browser.drive import COLOUR, CONV, MLP, OF_ALL, OTHER, ROOT


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shipped β = 1 runs, one of them with three channels, another β, one for every β, and a
    freshly initialised MLP; the first has states of its training: its untrained weights and its
    last."""
    root = tmp_path_factory.mktemp("runs")
    for name in (CONV, COLOUR, OTHER, OF_ALL):
        shutil.copytree(ROOT / "trained_models" / name, root / name)
    trained = store.load_run(root / CONV)
    save_snapshot(root / CONV, build_vae(trained.config), 0)
    save_snapshot(root / CONV, trained.vae, trained.config.images)
    store.create_run(root / MLP, RunConfig(model="mlp"))
    store.save_weights(root / MLP, build_model(RunConfig(model="mlp")), 0, half=True)
    return root


@pytest.fixture(scope="module")
def url(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running dashboard on a free port, with a cache of its own."""
    folders = {"BETAVAE_RUNS": str(runs), "BETAVAE_CACHE": str(tmp_path_factory.mktemp("cache"))}
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    server = subprocess.Popen(
        [*command, "--server.port", str(port)],
        cwd=ROOT,
        env=os.environ | folders | {"OMP_NUM_THREADS": "1"},
    )
    address = f"http://localhost:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.5)
        else:
            pytest.fail("the dashboard did not start within a minute")
        yield address
    finally:
        server.terminate()
        server.wait(10)
