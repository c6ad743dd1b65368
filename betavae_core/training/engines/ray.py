"""A sweep on a Ray cluster: a task for each run (on GPUs for each stack of runs), which sends its
state to this process as a stream of news.

If a node sees the folder of runs (shared storage), it trains there; otherwise it trains in a folder
of its own and sends back the changes with each checkpoint. A task that dies with its worker or node
is started again from this machine's disk, by this process and not by Ray, which would start it from
the original state. The code travels to the nodes; the packages in requirements.txt must be
installed there.
"""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import torch

from ...config import RunConfig
from ...errors import wrong_value
from ...store import CONFIG, BeingTrained, sole_writer
from ..jobs import (
    CHECKPOINT_SECONDS,
    UNDER_WAY,
    Job,
    Sweep,
    groups_of,
    left_to_do,
    planned,
)
from .carried import Files, read_folder, write_folder
from .cluster import check_gpus, connect, folder_token, gpus_for_each, ray_module
from .node import Bell, train_on_node


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
    ray = ray_module()
    if workers is not None and workers < 1:
        raise wrong_value("A sweep", "at least one worker", workers, "needs")
    check_gpus(gpus_per_run, device)
    state = planned(jobs, snapshots, distances)
    root = Path(os.path.abspath(root))
    with ExitStack() as undo:
        connect(ray, address)
        undo.callback(ray.shutdown)
        gpus = gpus_for_each(ray, gpus_per_run, device)
        token = undo.enter_context(folder_token(root))
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
        )(train_on_node)

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


def _last_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].rstrip(".")
