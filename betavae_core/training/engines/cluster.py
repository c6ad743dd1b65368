"""Ray itself and the cluster: joining it, its GPUs, and the folder of runs as its nodes see it."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import betavae_core

from ...errors import InputError, Refusal, cannot_write, not_one_of, wrong_value
from ...store import write_atomically
from ..under_way import FOLDER, kept_fresh, own_file, remove_stale

PASSED_ON = ("BETAVAE_DATA", "BETAVAE_CACHE")  # the nodes' data folders, if set on this machine


def ray_module() -> Any:
    """The module ray, with the used parts; `InputError` if it is not installed."""
    try:
        import ray
        import ray.util.scheduling_strategies
    except ImportError as error:
        raise InputError(
            "A sweep on a cluster needs Ray: pip install -r requirements-cluster.txt, here and on "
            "every node.",
            Refusal.PACKAGE,
            package="ray",
        ) from error
    return ray


def connect(ray: Any, address: str | None) -> None:
    """Join the cluster, with this code for its nodes."""
    if address and address.startswith("ray://"):
        raise InputError(
            f"{address} is an address for Ray's client; run this command on a machine of the "
            "cluster instead, without --address or with HOST:6379.",
            Refusal.CONFLICT,
            address=address,
        )
    if ray.is_initialized():
        raise InputError(
            "This process is connected to a Ray cluster already; leave that first.",
            Refusal.CONFLICT,
        )
    variables = {name: os.environ[name] for name in PASSED_ON if os.environ.get(name)}
    code = {"py_modules": [str(Path(betavae_core.__file__).parent)], "env_vars": variables}
    try:
        ray.init(
            address=address or "auto", runtime_env=code, log_to_driver=False, logging_level="error"
        )
    except (OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        raise InputError(
            f"The Ray cluster at {address or 'this machine'} cannot be reached "
            f"({first_line(error)}); start one with: ray start --head.",
            Refusal.UNAVAILABLE,
            address=address,
        ) from error


def check_gpus(gpus_per_run: float | None, device: str) -> None:
    if device not in ("auto", "cpu", "cuda"):
        raise not_one_of("On a cluster the device", ("auto", "cpu", "cuda"), device)
    if gpus_per_run is None:
        return
    whole = gpus_per_run == int(gpus_per_run) if math.isfinite(gpus_per_run) else False
    if not (0 < gpus_per_run < 1 or (whole and gpus_per_run >= 0)):
        raise wrong_value(
            "--gpus-per-run",
            "a share of a GPU, above 0 and below 1, or a whole number of them",
            gpus_per_run,
            "takes",
        )
    if (gpus_per_run == 0) != (device == "cpu") and device != "auto":
        raise InputError(
            f"--gpus-per-run {gpus_per_run:g} contradicts --device {device}.", Refusal.CONFLICT
        )


def gpus_for_each(ray: Any, gpus_per_run: float | None, device: str) -> float:
    """GPUs for each run; raises `InputError` if the cluster lacks a requested GPU: the runs would
    wait for ever."""
    there = ray.cluster_resources().get("GPU", 0.0)
    if gpus_per_run is None:
        wanted = 1.0 if device == "cuda" or (device == "auto" and there) else 0.0
    else:
        wanted = float(gpus_per_run)
    if wanted and not there:
        raise InputError(
            "The cluster has no GPU; add a node with one, or leave out --gpus-per-run and "
            "--device cuda.",
            Refusal.UNAVAILABLE,
            name="cuda",
        )
    return wanted


@contextmanager
def folder_token(root: Path) -> Iterator[Path]:
    """A file in the folder of runs by which a node recognises that folder, rather than another one
    with the same name."""
    try:
        (root / FOLDER).mkdir(parents=True, exist_ok=True)
        remove_stale(root)
        token = own_file(root, ".token")
        write_atomically(token, b"")
    except OSError as error:
        raise cannot_write(root, error, "to the folder of runs") from error
    with kept_fresh(token):
        yield token


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
