"""export handout RUN…, export site: web pages that stand alone."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from ..export.folder import file_name
from ..export.handout import export_handout, handout_of
from ..export.site import export_site
from ..paths import runs_root
from ..store import Run, find_run, list_runs, load_run
from ..store.frozen import at_beta
from .progress import shown_progress
from .states import after, betas, no_option


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
    export_handout(handout_of(opened, root, options.root, show), out)
    written = {"runs": [run.name for run in opened], "kind": "handout", "file": str(out)}
    print(json.dumps([written]) if options.json else out)
    return 0


def site(options: argparse.Namespace) -> int:
    """The pages of these runs, or of all in the folder, in a new folder."""
    for option in ("after", "beta"):
        if getattr(options, option) is not None:
            raise no_option("site", option)
    show, root = shown_progress(options), runs_root(options.runs_folder)
    if options.names:
        opened = [load_run(find_run(name, root)) for name in options.names]
    else:
        opened = [run for run in list_runs(root) if isinstance(run, Run)]
    folder = export_site(opened, Path(options.out), data_root=options.root, progress=show)
    written = {"runs": [run.name for run in opened], "kind": "site", "folder": str(folder)}
    print(json.dumps([written]) if options.json else folder)
    return 0


PAGES: dict[str, Callable[[argparse.Namespace], int]] = {"handout": handout, "site": site}
