"""The engine of a Ray cluster of two nodes (on this machine): killed workers and nodes, killed
sweeps, Ctrl-C; and what is refused."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from betavae_core.training.engines.ray import sweep_on_ray
from betavae_core.training.under_way import FOLDER
from tests.oracles import one_sentence
from tests.training.engines.scenarios import (
    a_killed_sweep_goes_on,
    a_killed_worker_is_replaced,
    a_worker_that_always_dies_is_given_up,
    check_whole,
    far_enough,
    lines,
    noise_config,
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A node of one core, where the sweep itself runs, too."""
    pytest.importorskip("ray", reason="left out: Ray (requirements-cluster.txt) is not installed")
    variables = {
        "RAY_worker_niceness": "0",  # else whatever runs beside the tests goes first
        "RAY_health_check_failure_threshold": "50",  # a busy machine is not a dead one
    }
    os.environ.update(variables)
    from ray.cluster_utils import Cluster

    started = patiently(
        lambda: Cluster(initialize_head=True, head_node_args=NODE | {"include_dashboard": False})
    )
    yield started
    started.shutdown()
    for name in variables:
        del os.environ[name]


NODE = {"num_cpus": 1, "object_store_memory": 100_000_000}


def patiently(start: Callable[[], Any]) -> Any:
    """Start a node; Ray gives it 30 seconds, which a busy machine may need more than once for."""
    for _ in range(5):
        with suppress(Exception):
            return start()
    return start()


def test_a_killed_worker(cluster: Any, tmp_path: Path, own_folders: dict[str, Path]) -> None:
    a_killed_worker_is_replaced(
        sweep_on_ray, tmp_path / "runs", own_folders["DATA"], address=cluster.address
    )


def test_a_worker_that_always_dies(
    cluster: Any, tmp_path: Path, own_folders: dict[str, Path]
) -> None:
    a_worker_that_always_dies_is_given_up(
        sweep_on_ray, tmp_path / "runs", own_folders["DATA"], address=cluster.address
    )


def test_a_killed_sweep(cluster: Any, tmp_path: Path, own_folders: dict[str, Path]) -> None:
    options = ("--engine", "ray", "--address", cluster.address)
    a_killed_sweep_goes_on(tmp_path / "runs", own_folders["DATA"], *options)


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "pulled"])
def test_a_node_that_is_removed(
    shared: bool,
    cluster: Any,
    tmp_path: Path,
    own_folders: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In mid-sweep: its run goes on from its last checkpoint on the other node. Both with a folder
    of runs that the nodes see, and with one that they do not: under the name /proc/self/cwd each
    process finds another folder."""
    monkeypatch.chdir(tmp_path)
    runs = tmp_path / "runs"
    root = runs if shared else Path("/proc/self/cwd/runs")
    data = own_folders["DATA"]
    configs = [noise_config(data, beta=beta, images=12_000) for beta in (1.0, 4.0)]
    second = patiently(lambda: cluster.add_node(**NODE))
    cluster.wait_for_nodes()
    before: list[list[str]] = []
    most = deaths = 0
    for state in sweep_on_ray(
        configs, root, address=cluster.address, device="cpu", checkpoint_seconds=0.1
    ):
        most = max(most, state.count("running"))
        if not before and all(far_enough(runs, config) for config in configs):
            before = [lines(runs, config) for config in configs]
            cluster.remove_node(second, allow_graceful=False)
        deaths = max(deaths, sum(job.deaths for job in state.jobs))
    assert before
    assert most == 2
    assert deaths == 1
    assert [job.status for job in state.jobs] == ["finished", "finished"]
    for config, lines_before in zip(configs, before, strict=True):
        check_whole(runs, config, lines_before)
    assert list((runs / FOLDER).iterdir()) == []


def test_a_gpu_where_there_is_none(
    cluster: Any, tmp_path: Path, own_folders: dict[str, Path]
) -> None:
    config = noise_config(own_folders["DATA"])
    for asked in ({"gpus_per_run": 0.25}, {"device": "cuda"}):
        with one_sentence("no GPU"):
            next(sweep_on_ray([config], tmp_path, address=cluster.address, **asked))


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"gpus_per_run": 1.5}, "1.5"),
        ({"gpus_per_run": -1.0}, "-1"),
        ({"gpus_per_run": float("nan")}, "nan"),
        ({"gpus_per_run": 0.5, "device": "cpu"}, "contradicts"),
        ({"device": "mps"}, "mps"),
        ({"workers": 0}, "0"),
        ({"address": "ray://head:10001"}, "ray://"),
        ({"address": "nowhere"}, "nowhere"),
    ],
)
def test_what_makes_no_sense_is_refused(
    settings: dict[str, Any], named: str, tmp_path: Path, own_folders: dict[str, Path]
) -> None:
    pytest.importorskip("ray", reason="left out: Ray (requirements-cluster.txt) is not installed")
    with one_sentence(named):
        next(sweep_on_ray([noise_config(own_folders["DATA"])], tmp_path, **settings))
    assert os.listdir(tmp_path) == []


def test_without_ray_it_says_how_to_get_it(
    tmp_path: Path, own_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with one_sentence("requirements-cluster.txt"):
        next(sweep_on_ray([noise_config(own_folders["DATA"])], tmp_path))
