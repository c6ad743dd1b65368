"""Jobs beside the server: shared, queued, cancelled; failures and processes that end are told."""

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from betavae_core.embedding.projections import embed_tsne
from betavae_core.errors import InputError
from pages._ui import elsewhere
from pages._ui.elsewhere import Job, Pool
from tests.waiting import until


@pytest.fixture
def one() -> Pool:
    return Pool(1)


def wait(*jobs: Job) -> None:
    for job in jobs:
        assert job.done.wait(60)


def until_running(job: Job) -> None:
    until(lambda: job.began is not None)


def test_a_large_result_is_kept_no_longer(one: Pool) -> None:
    job = one.job("a", os.getpid)
    wait(job)
    one.forget("a")
    one.forget("b")  # there is none
    assert one.job("a", os.getpid) is not job
    assert job.result is not None  # who has waited for it still has it


def test_a_result_is_computed_once(one: Pool) -> None:
    first = one.job("a", os.getpid)
    wait(first)
    assert one.job("a", os.getpid) is first
    other = one.job("b", os.getpid)
    wait(other)
    assert first.result == other.result != os.getpid()  # one process, beside this one


def test_jobs_take_turns(one: Pool) -> None:
    jobs = [one.job(f"sleep {n}", time.sleep, 0.3) for n in range(3)]
    until_running(jobs[0])
    assert [one.before(job) for job in jobs] == [0, 0, 1]
    wait(*jobs)
    assert jobs[0].began < jobs[1].began < jobs[2].began  # type: ignore[operator]


def test_errors_arrive_as_they_are(one: Pool) -> None:
    job = one.job("same", embed_tsne, np.zeros((5, 2)))
    wait(job)
    assert isinstance(job.error, InputError)
    assert "All codes are the same" in str(job.error)
    again = one.job("same", embed_tsne, np.zeros((5, 2)))
    assert again is not job  # a failure is not kept
    wait(again)


def test_a_process_that_ends_is_replaced(one: Pool) -> None:
    ended = one.job("exit", os._exit, 3)
    wait(ended)
    assert isinstance(ended.error, EOFError)
    fine = one.job("fine", abs, -2)
    wait(fine)
    assert fine.result == 2


def test_a_running_job_is_cancelled_and_the_next_begins(one: Pool) -> None:
    long, waiting, third = (one.job(f"{n}", time.sleep, 100 if n < 2 else 0) for n in range(3))
    until_running(long)
    one.cancel(waiting)
    assert waiting.done.is_set()
    one.cancel(long)
    wait(long, third)
    assert [job.cancelled for job in (long, waiting, third)] == [True, True, False]
    assert third.error is None
    again = one.job("1", abs, -1)
    wait(again)
    assert again.result == 1


def test_a_job_that_others_wait_for_goes_on(one: Pool) -> None:
    job = one.job("shared", time.sleep, 0.5)
    job.waiting.add(1)
    until_running(job)
    one.cancel(job)
    wait(job)
    assert not job.cancelled
    assert job.error is None


def test_what_nobody_waits_for_any_more_is_dropped(one: Pool) -> None:
    """A visitor moves a slider five times: only the last of its values is waited for."""
    long = one.job("long", time.sleep, 1)
    until_running(long)
    left = [one.job(f"left {n}", time.sleep, 100) for n in range(4)]
    for job in left:
        with one.waited_for(job):
            pass
    last = one.job("last", abs, -5)
    assert one.before(last) == 0
    with one.waited_for(last), one.waited_for(long):
        wait(last)
    assert (last.result, long.error) == (5, None)
    assert all(job.cancelled and job.done.is_set() for job in left)


def test_a_process_that_cannot_be_started(one: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job says so, and the next one is tried again."""

    def fails() -> None:
        raise OSError("no memory")

    start = elsewhere._start
    monkeypatch.setattr(elsewhere, "_start", fails)
    job = one.job("a", abs, -1)
    wait(job)
    assert isinstance(job.error, OSError)
    monkeypatch.setattr(elsewhere, "_start", start)
    again = one.job("a", abs, -1)
    wait(again)
    assert again.result == 1


def test_old_results_go_first(one: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "MOST", 2)
    for n in range(3):
        wait(one.job(f"{n}", abs, -n))
    one.job("2", abs, -2)
    assert list(one.jobs) == ["1", "2"]


def test_what_a_process_prints_is_no_answer(one: Pool) -> None:
    job = one.job("print", print, "words")
    wait(job)
    assert (job.result, job.error) == (None, None)


KILLED = """
import time
from pages._ui.elsewhere import Pool
pool = Pool(1)
job = pool.job("long", time.sleep, 600)
while not pool.running:
    time.sleep(0.01)
print(next(iter(pool.running.values())).pid, flush=True)
time.sleep(600)
"""


def is_running(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


@pytest.mark.skipif(not Path("/proc").exists(), reason="left out: needs Linux's /proc")
def test_a_killed_server_leaves_no_process() -> None:
    command = [sys.executable, "-c", KILLED]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=elsewhere.ROOT)
    assert server.stdout is not None
    pid = int(server.stdout.readline())
    assert is_running(pid)
    server.kill()
    server.communicate()
    until(lambda: not is_running(pid))


def test_another_visitor_cancels_the_same_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who came second goes on waiting: the job begins anew, below the same words and button."""
    monkeypatch.setattr(elsewhere, "_pools", [Pool(1)])
    pool = elsewhere.pool()
    first = pool.job("slow", time.sleep, 100)
    until_running(first)

    def cancel_once() -> None:
        until(lambda: first.waiting)
        time.sleep(1)
        first.waiting.clear()
        pool.cancel(first)
        until(lambda: pool.jobs["slow"] is not first)
        second = pool.jobs["slow"]
        until(lambda: second in pool.running)
        time.sleep(0.6)
        second.waiting.clear()
        pool.running[second].kill()

    threading.Thread(target=cancel_once).start()
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert "Sleeping: the process that computed it ended" in app.error[0].value


def page() -> None:
    import time

    import streamlit as st

    from betavae_core.errors import InputError
    from pages._ui.elsewhere import elsewhere

    try:
        found = elsewhere("slow", "Sleeping", 100, time.sleep, 100)
        st.write(f"found {found}")
    except InputError as error:
        st.error(str(error))


def test_a_visitor_cancels(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job ends, the page goes on, and the work can be asked for again."""
    app = AppTest.from_function(page, default_timeout=60)
    app.session_state[elsewhere.CANCELLED] = {"slow"}
    app.run()
    assert not app.exception
    assert "Sleeping: cancelled." in [each.value for each in app.caption]
    assert "found None" in [each.value for each in app.markdown]
    (again,) = app.button
    assert again.label == "Compute it (about 2 min)"
    monkeypatch.setattr(elsewhere, "_pools", [Pool(1)])
    job = elsewhere.pool().job("slow", abs, -7)
    wait(job)
    again.click().run()
    assert "found 7" in [each.value for each in app.markdown]
    assert not app.button
