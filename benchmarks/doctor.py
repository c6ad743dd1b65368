"""The time for a checkup, starting from a checkpoint's path, read in a process with limits as in
the dashboard (bars: 5 s to the first reconstructions, 60 s in all for a conv model on 2 cores),
and its verdicts on the existing runs: no healthy one may be reported.

    python -m benchmarks.doctor [--runs DIR] [--threads N] [--fresh] [--all]

Wall-clock time depends on other work; the processor time of this process and of the reading one is
printed beside it.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch

from betavae_core.config import RunConfig
from betavae_core.doctor import Finding, checkup, examine, worst
from betavae_core.importers import read_guarded
from betavae_core.models import VAE, build_vae
from betavae_core.paths import runs_root
from betavae_core.store import Run, find_run, list_runs

TIMED = (
    "2dshapes-conv-beta4-seed123-images7372800-klwarmup640000",
    "3dshapes-conv-beta4-seed123-learningrate0.0005-images1440000-klwarmup640000",
    "2dshapes-mlp-beta4-seed123-images1000000",
)
TOLD = ("outputs", "reconstruction", "beta")


def examined(path: Path) -> Iterator[Finding]:
    """All findings on a checkpoint, in the way of the page Checkpoint."""
    imported = read_guarded(path)
    yield from examine(imported)


def processor_time() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def times(path: Path) -> None:
    """Print the times of opening, of the reconstructions, and of the end."""
    started, used = time.perf_counter(), processor_time()
    for finding in examined(path):
        if finding.key in ("file", *TOLD):
            said = f" ({finding.verdict}: {finding.says})" if finding.images else ""
            print(
                f"{path.name}: {finding.key} after {time.perf_counter() - started:.1f} s "
                f"({processor_time() - used:.1f} s of processor time){said[:160]}",
                flush=True,
            )


def fresh(path: Path) -> None:
    """The same with an empty cache, without a prepared dataset; then for tensors alone, which do
    not state their training data."""
    kept = os.environ.get("BETAVAE_CACHE")
    for bare in (False, True):
        with tempfile.TemporaryDirectory() as place:
            os.environ["BETAVAE_CACHE"] = place
            weights = path / "weights.safetensors"
            print(f"empty cache{', weights alone' * bare}:", flush=True)
            times(weights if bare else path)
    os.environ.pop("BETAVAE_CACHE") if kept is None else os.environ.update(BETAVAE_CACHE=kept)


def verdicts(run: Run) -> None:
    """Print the findings on a run that are not fine, one per line."""
    findings = list(checkup(run.vae, run.config))
    print(f"{run.name}: {worst(findings)}")
    for finding in findings:
        if finding.key == "beta" or finding.verdict in ("look", "broken"):
            print(f"    {finding.verdict}: {finding.says}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", help="folder of runs")
    parser.add_argument("--threads", type=int, default=2, help="of PyTorch (2)")
    parser.add_argument("--fresh", action="store_true", help="also with an empty cache")
    parser.add_argument("--all", action="store_true", help="also the verdicts on every VAE there")
    options = parser.parse_args()
    root = runs_root(options.runs)
    torch.set_num_threads(options.threads)
    warm_up()
    for name in TIMED:
        times(find_run(name, root))
    if options.fresh:
        fresh(find_run(TIMED[1], root))
    if options.all:
        for run in list_runs(root):
            if isinstance(run, Run) and isinstance(run.model, VAE):
                verdicts(run)


def warm_up() -> None:
    """PyTorch's and scikit-learn's first calls, which a running dashboard has already made."""
    config = RunConfig()
    for _ in checkup(build_vae(config), config, dataset="2dshapes"):
        pass


if __name__ == "__main__":
    main()
