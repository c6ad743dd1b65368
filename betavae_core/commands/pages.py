"""export handout RUN…: web pages that stand alone."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from ..export.folder import file_name
from ..export.handout import export_handout, images_of
from ..paths import runs_root
from ..store import Run, find_run, list_runs, load_run
from ..store.frozen import at_beta
from .progress import shown_progress
from .states import after, betas


def handout(options: argparse.Namespace) -> int:
    """One page of all the runs: a file, or in a folder under a name of its own."""
    show, out, root = shown_progress(options), Path(options.out), runs_root(options.runs_folder)
    opened = [load_run(find_run(name, root)) for name in options.names]
    if options.after is not None:
        opened = [after(run, options.after) for run in opened]
    if options.beta is not None:
        (beta,) = betas(options.beta, "one number, such as 4", 1)
        opened = [at_beta(run, beta) for run in opened]
    if out.suffix.lower() not in (".html", ".htm"):
        out /= f"handout-{file_name(opened[0])}.html"
    dataset, missing = images_of(opened[0].config, options.root, show)
    others = _beside(opened, root)
    export_handout(opened, dataset, out, missing=missing, others=others, progress=show)
    written = {"runs": [run.name for run in opened], "kind": "handout", "file": str(out)}
    print(json.dumps([written]) if options.json else out)
    return 0


def _beside(opened: list[Run], root: Path) -> list[Run]:
    """The other runs of the folder, which a model for every β is compared with."""
    if not any(run.config.multirate for run in opened):
        return []
    return [run for run in list_runs(root) if isinstance(run, Run)]


PAGES: dict[str, Callable[[argparse.Namespace], int]] = {"handout": handout}
