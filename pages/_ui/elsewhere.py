"""Work that takes seconds, in a process beside the server: other visitors do not wait for it, it
says how long it will take, and it can be cancelled. Each result is computed once for all."""

import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from betavae_core.errors import InputError, Refusal
from pages._ui.background import duration

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 0.2  # seconds until the first word, and between two looks
IDLE_SECONDS = 300.0  # after which a process without work is closed: it holds 200 MB
MOST = 300  # results that are kept
CANCELLED = "_cancelled"  # in the session: keys of jobs


@dataclass(eq=False)
class Job:
    """One call. `done` is set when it has finished, failed or was cancelled."""

    key: str
    call: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]] | None
    done: threading.Event = field(default_factory=threading.Event)
    began: float | None = None
    took: float = 0.0
    result: Any = None
    error: BaseException | None = None
    cancelled: bool = False
    waiting: set[int] = field(default_factory=set)  # threads of the visitors who wait for it


class Pool:
    """Processes that take jobs in turn."""

    def __init__(self, workers: int) -> None:
        self.guard = threading.Lock()
        self.jobs: OrderedDict[str, Job] = OrderedDict()
        self.queue: queue.Queue[Job] = queue.Queue()
        self.running: dict[Job, subprocess.Popen[bytes]] = {}
        for _ in range(workers):
            threading.Thread(target=self._work, daemon=True, name="elsewhere").start()

    def job(self, key: str, make: Callable[..., Any], *arguments: Any, **named: Any) -> Job:
        """The job of this key, which begins as soon as a process is free."""
        with self.guard:
            job = self.jobs.get(key)
            if job is None or job.cancelled or job.error is not None:
                job = self.jobs[key] = Job(key, (make, arguments, named))
                self.queue.put(job)
            self.jobs.move_to_end(key)
            finished = [k for k, each in self.jobs.items() if each.done.is_set()]
            for old in finished[: max(len(self.jobs) - MOST, 0)]:
                del self.jobs[old]
            return job

    def forget(self, key: str) -> None:
        """Keep the result of this key no longer: the caller keeps it, or it is large."""
        with self.guard:
            job = self.jobs.get(key)
            if job is not None and job.done.is_set():
                del self.jobs[key]

    def before(self, job: Job) -> int:
        """The number of jobs that will begin earlier."""
        with self.guard:
            waiting = [each for each in self.queue.queue if each.call is not None]
            return waiting.index(job) if job in waiting else 0

    def cancel(self, job: Job) -> None:
        """End the job, unless somebody waits for it."""
        with self.guard:
            if job.waiting or job.done.is_set():
                return
            job.cancelled = True
            if (process := self.running.get(job)) is not None:
                process.kill()
            else:
                self._drop(job)

    @contextmanager
    def waited_for(self, job: Job) -> Iterator[None]:
        """A visitor waits for the job; one that has not begun when the last of them turns away is
        dropped, so that nobody waits for what nobody wants."""
        me = threading.get_ident()
        with self.guard:
            job.waiting.add(me)
        try:
            yield
        finally:
            with self.guard:
                job.waiting.discard(me)
                if not job.waiting and job.began is None and not job.done.is_set():
                    self._drop(job)

    def _drop(self, job: Job) -> None:
        job.cancelled, job.call = True, None
        job.done.set()

    def _work(self) -> None:
        process: subprocess.Popen[bytes] | None = None
        while True:
            try:
                job = self.queue.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                _close(process)
                process = None
                continue
            with self.guard:
                if job.call is None:  # dropped
                    continue
                call, job.call = job.call, None
                job.began = time.monotonic()
            try:
                if process is None or process.poll() is not None:
                    process = _start()
                with self.guard:
                    self.running[job] = process
                if not job.cancelled:
                    job.result = _answer(process, call)
            except BaseException as error:  # whoever waits for it is told
                job.error = error
            with self.guard:
                self.running.pop(job, None)
                job.took = time.monotonic() - job.began
                job.done.set()
            if job.cancelled or isinstance(job.error, EOFError | OSError):
                _close(process)
                process = None


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "betavae_core.worker", str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )


def _close(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]


def _answer(process: subprocess.Popen[bytes], call: Any) -> Any:
    assert process.stdin is not None, "both are pipes"
    assert process.stdout is not None, "both are pipes"
    pickle.dump(call, process.stdin, pickle.HIGHEST_PROTOCOL)
    process.stdin.flush()
    fine, result = pickle.load(process.stdout)
    if not fine:
        raise result
    return result


_pools: list[Pool] = []
_making = threading.Lock()


def pool() -> Pool:
    """The pool of this server, with a process for every core but one."""
    with _making:
        if not _pools:
            _pools.append(Pool(max((os.cpu_count() or 2) - 1, 1)))
        return _pools[0]


def elsewhere(
    key: str,
    what: str,
    seconds: float,
    make: Callable[..., T],
    *arguments: Any,
    **named: Any,
) -> T | None:
    """`make(*arguments, **named)`, computed once for each key by a process beside the server.

    While it runs, the page says `what` it does and how long that takes, with a button that cancels
    it; None if the visitor has cancelled it. seconds: the expected time. Raises what `make` raises.
    """
    cancelled: set[str] = st.session_state.setdefault(CANCELLED, set())
    place, words = st.empty(), None
    if key in cancelled:
        row = place.container(horizontal=True, vertical_alignment="center")
        row.caption(f"{what}: cancelled.", width="content")
        row.button(
            f"Compute it (about {duration(max(seconds, 1))})",
            key=f"again-{key}",
            type="tertiary",
            on_click=cancelled.discard,
            args=(key,),
        )
        return None
    while True:
        job = pool().job(key, make, *arguments, **named)
        with pool().waited_for(job):
            while not job.done.wait(PATIENCE):
                if words is None:
                    row = place.container(horizontal=True, vertical_alignment="center")
                    words = row.empty()
                    row.button(
                        "Cancel",
                        key=f"cancel-{key}",
                        type="tertiary",
                        on_click=_cancel,
                        args=(key, cancelled),
                    )
                said = f":material/hourglass_top: {what}: {_progress(job, seconds)}"
                words.caption(said, width="content")
        if not job.cancelled:  # otherwise by somebody else, before this visitor came
            break
    place.empty()
    if job.error is not None:
        if isinstance(job.error, EOFError | OSError):
            raise InputError(
                f"{what}: the process that computed it ended before it had a result; try again.",
                Refusal.UNAVAILABLE,
            )
        raise job.error
    result: T = job.result
    return result


def _cancel(key: str, cancelled: set[str]) -> None:
    """Called at the start of the visitor's next run: this visitor waits no longer."""
    cancelled.add(key)
    if (job := pool().jobs.get(key)) is not None:
        pool().cancel(job)


def _progress(job: Job, seconds: float) -> str:
    if job.began is None:
        waits = pool().before(job)
        return f"waits for {waits} other computation" + "s" * (waits != 1)
    so_far = duration(time.monotonic() - job.began)
    return f"about {duration(max(seconds, 1))}, {so_far} so far"
