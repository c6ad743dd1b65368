"""The use of a borrowed GPU machine in one command: check it, measure its speed, and train.

    python -m benchmarks.gpu --minutes 9 --out DIR

First small cases on the device against the CPU; then images/s of one graphed model, of stacks of 4,
16 and 32 and of several processes; then the runs of zoo.toml at the length of the large studies
(26 passes of 2Dshapes, 40 of 3Dshapes, 18 of MPI3DToy, 100 of CIFAR where its images are there),
in the order of the list and as many at once as the time allows, until it is up; finished runs are
scored on the processor's cores meanwhile. DIR gets `gpu.json` and the runs in at most 5 parts of
12 MB at the end;
`python -m betavae_core unpack DIR` unpacks them as runs. The same command with the earlier contents
of DIR continues where it stopped: the runs packed there are unpacked first.
"""

import argparse
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from betavae_core.device import (
    choose_device,
)
from betavae_core.errors import InputError
from betavae_core.paths import cache_root
from betavae_core.shipping.archives import MANIFEST, unpack
from betavae_core.store import write_atomically
from betavae_core.training.jobs import Job

from .comparisons import checks
from .rates import rates
from .scorers import Scorers
from .training import jobs_of, pack_runs, seen, work

SIZES = (4, 16, 32)  # sizes of the measured stacks
RESERVE = 20.0  # seconds at the end, for checkpoints and packing
LIST = Path(__file__).resolve().parents[2] / "zoo.toml"


def report(jobs: Sequence[Job], runs: Path, started: dict[str, Any]) -> dict[str, Any]:
    """The results, for gpu.json."""
    rows = [
        {
            "run": job.name,
            "images": seen(runs / job.name),
            "budget": job.config.images,
            "reason": job.reason,
        }
        for job in jobs
    ]
    return started | {"runs": rows}


def main(arguments: list[str] | None = None) -> int:
    about, _, more = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu",
        description=about,
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=9.0, help="for all of it (9)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="of the results")
    parser.add_argument(
        "--runs", type=Path, metavar="DIR", help="where runs are trained (in the cache folder)"
    )
    parser.add_argument("--list", type=Path, default=LIST, metavar="FILE", help="default: zoo.toml")
    parser.add_argument(
        "--as-listed", action="store_true", help="the list's own numbers of images, no full length"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement; 0: none")
    parser.add_argument(
        "--measured",
        type=Path,
        metavar="FILE",
        help="gpu.json of an earlier call: its checks and rates are not measured again",
    )
    parser.add_argument("--processes", type=int, default=4, help="measured at the same time (4)")
    parser.add_argument(
        "--scorers",
        type=int,
        default=max((os.cpu_count() or 2) - 2, 1),
        metavar="N",
        help="processes that score finished runs meanwhile (all cores but two)",
    )
    options = parser.parse_args(arguments)
    began = time.monotonic()
    try:
        return run(options, began + 60 * options.minutes - min(RESERVE, 6 * options.minutes))
    except InputError as error:
        print(error)
        return 2


def run(options: argparse.Namespace, deadline: float) -> int:
    if not options.minutes > 0:
        raise InputError(f"--minutes must be above 0, got {options.minutes:g}.")
    device = choose_device(options.device)
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)

    runs = options.runs or cache_root() / "gpu-runs"
    jobs = jobs_of(options.list, not options.as_listed)
    if (options.out / MANIFEST).exists():
        for name, result in unpack(options.out, runs).items():
            say(f"{name} from before: {result}")
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    about: dict[str, Any] = {"device": name, "torch": torch.__version__, "checks": [], "rates": {}}
    if options.measured:
        about |= json.loads(options.measured.read_text())
    for check in () if options.measured else checks(device):
        say(
            f"{'equal' if check.holds else 'DIFFERS'}: {check.what}: {check.difference:.1e} "
            f"(at most {check.tolerance:g})"
        )
        about["checks"].append(asdict(check))
    differing = [row for row in about["checks"] if not row["difference"] <= row["tolerance"]]
    wrong = any(not row.get("fused") for row in differing)
    speed, fused = {1: 1.0}, False
    sizes = SIZES if device.type == "cuda" else SIZES[:1]
    if options.seconds > 0 and not options.measured:
        for way, rate in rates(device, sizes, options.processes, options.seconds):
            say(f"{way}: {rate:,.0f} images/s")
            about["rates"][way] = rate
    if found := about["rates"]:
        speed = {n: found[f"stack of {n}"] for n in sizes} | {1: found["alone"]}
        whole = f"stack of {sizes[-1]}"
        fused = not differing and found.get(f"{whole}, fused", 0.0) > found[whole]

    def write() -> None:
        options.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(report(jobs, runs, about), indent=1)
        write_atomically(options.out / "gpu.json", text.encode())

    def keep() -> None:
        pack_runs(jobs, runs, options.out)
        write()

    write()
    if wrong:
        say("The device's results differ from the CPU's: nothing is trained on it.")
    else:
        scorers = Scorers(options.scorers)
        work(jobs, runs, device, speed, fused, scorers, deadline, say, keep)
        while scorers.busy() and time.monotonic() < deadline:
            time.sleep(1.0)
        scorers.stop()
        for name in scorers.failed:
            say(f"{name}: its scoring ended with an error")
    packed = pack_runs(jobs, runs, options.out)
    write()
    finished = sum(seen(runs / job.name) >= job.config.images for job in jobs)
    say(
        f"{finished} of {len(jobs)} runs finished; {len(packed['runs'])} packed in "
        f"{len(packed['parts'])} parts, {sum(p['bytes'] for p in packed['parts']) / 1e6:.1f} MB"
        + (
            f", left out for lack of room: {', '.join(packed['left_out'])}"
            if packed["left_out"]
            else ""
        )
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
