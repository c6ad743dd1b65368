"""A sweep on a Ray cluster: a task for each run (on GPUs for each stack of runs), which sends its
state to this process as a stream of news.

If a node sees the folder of runs (shared storage), it trains there; otherwise it trains in a folder
of its own and sends back the changes with each checkpoint. A task that dies with its worker or node
is started again from this machine's disk, by this process and not by Ray, which would start it from
the original state. The code travels to the nodes; the packages in requirements.txt must be
installed there.
"""

import asyncio
import math
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import torch

import betavae_core

from ...config import RunConfig
from ...errors import InputError, Refusal, cannot_write, not_one_of, wrong_value
from ...store import CONFIG, BeingTrained, sole_writer, write_atomically
from ..jobs import (
    CHECKPOINT_SECONDS,
    UNDER_WAY,
    Job,
    News,
    Sweep,
    groups_of,
    left_to_do,
    planned,
)
from ..resume import CHECKPOINT
from ..under_way import FOLDER, own_file, process_lives, remove_stale
from ..workers import work_together
from .carried import Files, read_folder, stamps, write_folder

PASSED_ON = ("BETAVAE_DATA", "BETAVAE_CACHE")  # the nodes' data folders, if set on this machine
INTERVAL = 1.0  # seconds between two news of a continuing run, and between checks of the bell
SCRATCH = "betavae-run-"  # folders on nodes that do not see the folder of runs

# the node's name, the job and its news (None: it begins), and changed files of that run
Sent = tuple[str, tuple[int, News] | None, Files]


def sweep_on_ray(
    jobs: Sequence[RunConfig | Job],
    root: str | Path,
    *,
    address: str | None = None,
    gpus_per_run: float | None = None,
    workers: int | None = None,
    device: str = "auto",
    half: bool = False,
    data_root: str | Path | None = None,
    distances: dict[str, Any] | None = None,
    snapshots: int = 0,
    threads: int = 1,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Sweep]:
    """`sweep` on the cluster at `address` (None: this machine's cluster).

    A run, on GPUs a stack of runs, takes `threads` cores and `gpus_per_run` GPUs, below 1 or a
    whole number (None: one if the cluster has GPUs and `device` allows it, otherwise none);
    without a GPU it trains on the CPU. workers: tasks at a time (None: as many as the cluster can
    run). The rest is as for `sweep`. Raises `InputError` if Ray is not installed, if the cluster
    cannot be reached or lacks a requested GPU, and as `sweep` does.
    """
    ray = _ray()
    if workers is not None and workers < 1:
        raise wrong_value("A sweep", "at least one worker", workers, "needs")
    _check_gpus(gpus_per_run, device)
    state = planned(jobs, snapshots, distances)
    root = Path(os.path.abspath(root))
    with ExitStack() as undo:
        _connect(ray, address)
        undo.callback(ray.shutdown)
        gpus = _gpus(ray, gpus_per_run, device)
        token = undo.enter_context(_token(root))
        cluster = _Cluster(ray, root, token, {"CPU": float(threads), "GPU": gpus})
        cluster.settings = {
            "device": device if gpus else "cpu",
            "half": half,
            "data_root": os.path.abspath(data_root) if data_root else None,
            "checkpoint_seconds": checkpoint_seconds,
        }
        undo.callback(cluster.leave)
        groups = groups_of(state.jobs, root, torch.device("cuda" if gpus else "cpu"))
        yield from cluster.carry_out(state, groups, workers, stop)


class _Cluster:
    """The tasks of one sweep, as this process sees them."""

    def __init__(self, ray: Any, root: Path, token: Path, needs: dict[str, float]) -> None:
        self.ray, self.root, self.token, self.needs = ray, root, token, needs
        self.settings: dict[str, Any] = {}
        self.tasks: dict[int, Any] = {}  # number of a group of jobs → the stream of its task
        self.begun: set[int] = set()  # those of them that have reported
        self.held: dict[int, ExitStack] = {}  # locks of runs whose files this process writes
        here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            ray.get_runtime_context().get_node_id(), soft=False
        )  # it must not die with another node
        self.bell = ray.remote(num_cpus=0, scheduling_strategy=here)(Bell).remote()
        self.rung = self.bell.wait.remote()
        self.task = ray.remote(
            num_cpus=needs["CPU"], num_gpus=needs["GPU"], num_returns="streaming", max_retries=0
        )(_task)

    def carry_out(
        self,
        state: Sweep,
        groups: Sequence[Sequence[int]],
        workers: int | None,
        stop: Callable[[], bool],
    ) -> Iterator[Sweep]:
        asked = False
        while any(job.status in UNDER_WAY for job in state.jobs):
            if not asked and (asked := stop()):
                self.bell.ring.remote()
                for place in self.tasks.keys() - self.begun:
                    self.ray.cancel(self.tasks[place])
            room = workers or self.room()
            for place, group in enumerate(groups):
                if len(self.tasks) >= room and not asked:
                    break
                if place not in self.tasks and (jobs := left_to_do(group, state, self.root, asked)):
                    self.start(place, jobs)
            self.listen(state, groups)
            yield state

    def room(self) -> int:
        """The number of runs that the cluster can run now; nodes come and go."""
        has = self.ray.cluster_resources()
        places = [has.get(kind, 0.0) / need for kind, need in self.needs.items() if need]
        return max(1, math.floor(min(places) + 1e-9))

    def start(self, place: int, jobs: dict[int, Job]) -> None:
        """Submit a group to the cluster, where it waits for a node."""
        for job in jobs.values():
            job.status = "waiting"
        files = {n: read_folder(self.root / job.name) for n, job in jobs.items()}
        threads = int(self.needs["CPU"])
        self.tasks[place] = self.task.remote(
            jobs, self.root, self.token, self.settings, threads, files, [self.rung]
        )

    def listen(self, state: Sweep, groups: Sequence[Sequence[int]]) -> None:
        """Receive the tasks' news, waiting half a second for the first."""
        if not self.tasks:
            return
        streams = list(self.tasks.values())
        self.ray.wait(streams, num_returns=1, timeout=0.5, fetch_local=False)
        ready, _ = self.ray.wait(streams, num_returns=len(streams), timeout=0, fetch_local=False)
        for place, stream in list(self.tasks.items()):
            if stream in ready and not self.hear(stream, state, groups[place]):
                del self.tasks[place]
                for number in groups[place]:
                    if lock := self.held.pop(number, None):
                        lock.close()
            elif stream in ready:
                self.begun.add(place)
        self.begun &= self.tasks.keys()

    def hear(self, stream: Any, state: Sweep, group: Sequence[int]) -> bool:
        """Receive a task's next news; False if the task ended, with its result recorded."""
        errors = self.ray.exceptions
        left = [job for job in (state.jobs[n] for n in group) if job.status in UNDER_WAY]
        try:
            node, told, files = self.ray.get(next(stream))
            if told is None:
                for job in left:
                    job.node, job.status = node, "running"
                return True
            number, news = told
            if files:
                self.keep(number, state.jobs[number], files)
            state.take(number, news)
            return True
        except BeingTrained as error:
            self.ray.cancel(stream)
            for job in left:
                job.status, job.reason = "failed", str(error)
        except StopIteration:
            for job in left:
                job.die("The task ended without a result.")
        except errors.TaskCancelledError:
            for job in left:
                job.status = "stopped"
        except (errors.RayTaskError, errors.RuntimeEnvSetupError) as error:
            for job in left:
                job.status, job.reason = "failed", f"The task failed ({_last_line(error)})."
        except errors.RayError as error:
            for job in left:
                where = job.node or "a node"
                job.die(f"The worker on {where} died ({type(error).__name__}).")
        return False

    def keep(self, number: int, job: Job, files: Files) -> None:
        """Write the files that a task sent of a run, and lock the run as `train` does."""
        path = self.root / job.name
        self.hold(number, path)
        write_folder(path, files)
        self.hold(number, path)  # if it did not exist before

    def hold(self, number: int, path: Path) -> None:
        if number not in self.held and (path / CONFIG).exists():
            with ExitStack() as stack:
                stack.enter_context(sole_writer(path))
                self.held[number] = stack.pop_all()

    def leave(self) -> None:
        """Make the running tasks save and end, whatever ends the sweep."""
        with suppress(self.ray.exceptions.RayError):  # the cluster itself may be gone
            self.bell.ring.remote()
        for lock in self.held.values():
            lock.close()


class Bell:
    """An actor that rings once: all tasks wait for the one answer of `wait`."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()

    async def wait(self) -> bool:
        return await self.rung.wait()

    async def ring(self) -> None:
        self.rung.set()


def _task(
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
            self.answer = bool(_ray().wait([self.rung], timeout=0)[0])
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


def _ray() -> Any:
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


def _connect(ray: Any, address: str | None) -> None:
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
            f"({_first_line(error)}); start one with: ray start --head.",
            Refusal.UNAVAILABLE,
            address=address,
        ) from error


def _check_gpus(gpus_per_run: float | None, device: str) -> None:
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


def _gpus(ray: Any, gpus_per_run: float | None, device: str) -> float:
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
def _token(root: Path) -> Iterator[Path]:
    """A file in the folder of runs by which a node recognises that folder, rather than another one
    with the same name."""
    try:
        (root / FOLDER).mkdir(parents=True, exist_ok=True)
        remove_stale(root)
        token = own_file(root, ".token")
        write_atomically(token, b"")
    except OSError as error:
        raise cannot_write(root, error, "to the folder of runs") from error
    try:
        yield token
    finally:
        token.unlink(missing_ok=True)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _last_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].rstrip(".")
