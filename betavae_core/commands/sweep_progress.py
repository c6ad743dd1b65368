"""All runs of a sweep in one line of progress."""

import math

from ..training.jobs import Job, Sweep
from .progress import Show

NAMED = 4  # largest number of runs named in the line


def show_sweep(show: Show, state: Sweep) -> None:
    """The number of finished runs, the current ones, and the remaining time."""
    left = state.seconds_left
    at_work = [job for job in state.jobs if job.status in ("running", "scoring")]
    text = (
        f"{state.count('finished')} of {len(state.jobs)} finished, "
        + (f"{state.count('failed')} failed, " if state.count("failed") else "")
        + f"{'–' if left is None else math.ceil(left / 60)} min left"
        + _at_work(at_work)
    )
    show.state(
        text,
        what="sweep",
        done=sum(job.images for job in state.jobs),
        total=sum(job.config.images for job in state.jobs),
        finished=state.count("finished"),
        failed=state.count("failed"),
        runs=len(state.jobs),
        seconds_left=left,
        under_way=[
            {"run": job.name, "status": job.status, "images": job.images, "node": job.node}
            for job in at_work
        ],
    )


def _at_work(jobs: list[Job]) -> str:
    """The current runs, by name or, if they are many, their number."""
    nodes = {job.node for job in jobs if job.node}
    where = f" on {len(nodes)} nodes" if len(nodes) > 1 else ""
    if len(jobs) > NAMED:
        rate = sum(job.rate for job in jobs)
        return f"; {len(jobs)} runs under way{where}, {rate:,.0f} images/s"
    names = [
        f"{job.name} "
        + ("scoring" if job.status == "scoring" else f"{100 * job.images // job.config.images} %")
        for job in jobs
    ]
    return f"; {', '.join(names)}{where}" if jobs else ""
