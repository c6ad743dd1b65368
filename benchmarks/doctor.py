"""How long a checkup takes (bars: 5 s to the first reconstructions, 60 s in all for a conv model on
2 cores), and what it says of the runs that are here: none of the healthy ones may be accused.

    python -m benchmarks.doctor [--runs DIR] [--all]

Wall-clock depends on what else runs; the processor time of this process is beside it.
"""

import argparse
import time

import torch

from betavae_core.doctor import checkup, worst
from betavae_core.models import VAE
from betavae_core.paths import runs_root
from betavae_core.store import Run, find_run, list_runs, load_run

TIMED = (
    "2dshapes-conv-beta4-seed123",
    "3dshapes-conv-beta4-seed123",
    "2dshapes-mlp-beta4-seed123-images1000000",
)
THREADS = 2


def times(run: Run) -> None:
    """Print when the reconstructions came and when all was done."""
    started, used = time.perf_counter(), time.process_time()
    for finding in checkup(run.vae, run.config):
        if finding.key in ("outputs", "reconstruction", "beta"):
            print(
                f"{run.name}: {finding.key} after {time.perf_counter() - started:.1f} s "
                f"({time.process_time() - used:.1f} s of processor time)",
                flush=True,
            )


def verdicts(run: Run) -> None:
    """Print what is not fine about a run, a finding a line."""
    findings = list(checkup(run.vae, run.config))
    print(f"{run.name}: {worst(findings)}")
    for finding in findings:
        if finding.key == "beta" or finding.verdict in ("look", "broken"):
            print(f"    {finding.verdict}: {finding.says}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", help="folder of runs")
    parser.add_argument("--all", action="store_true", help="also the verdicts on every VAE there")
    options = parser.parse_args()
    root = runs_root(options.runs)
    torch.set_num_threads(THREADS)
    for name in TIMED:
        times(load_run(find_run(name, root)))
    if options.all:
        for run in list_runs(root):
            if isinstance(run, Run) and isinstance(run.model, VAE):
                verdicts(run)


if __name__ == "__main__":
    main()
