"""All runs of a sweep in one line of progress."""

import math
from pathlib import Path

from ..errors import InputError
from ..training.jobs import Job, Sweep
from ..training.steering import read_wishes
from .progress import Show

NAMED = 4  # largest number of runs named in the line


def show_sweep(show: Show, state: Sweep, root: Path) -> None:
    """The number of finished runs, the current ones in the folder of runs `root`, and the
    remaining time; of a paused one, how it goes on."""
    left = state.seconds_left
    at_work = [job for job in state.jobs if job.status in ("running", "scoring")]
    paused = {job.name for job in at_work if _is_paused(job, root)}
    text = (
        f"{state.count('finished')} of {len(state.jobs)} finished, "
        + (f"{state.count('failed')} failed, " if state.count("failed") else "")
        + f"{'–' if left is None else math.ceil(left / 60)} min left"
        + _at_work(at_work)
        + "".join(f"; {name} is paused until: steer {root / name} --go-on" for name in paused)
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
            {
                "run": job.name,
                "status": "paused" if job.name in paused else job.status,
                "images": job.images,
                "node": job.node,
            }
            for job in at_work
        ],
    )


def _is_paused(job: Job, root: Path) -> bool:
    try:
        return job.status == "running" and read_wishes(root / job.name).state == "pause"
    except InputError:
        return False  # its worker reports the fault


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
