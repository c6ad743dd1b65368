"""unpack: the runs that another machine has trained and packed."""

import argparse
import json
import sys
from pathlib import Path

from ..paths import runs_root
from ..shipping.archives import unpack


def run(options: argparse.Namespace) -> int:
    root = runs_root(options.runs_folder)
    said = unpack(Path(options.folder), root)
    refused = {name: what for name, what in said.items() if what not in ("unpacked", "kept")}
    for name, what in refused.items():
        print(f"{name} was left out: {what}", file=sys.stderr)
    if options.json:
        print(json.dumps({"root": str(root), "runs": said}))
    else:
        for name, what in said.items():
            if name not in refused:
                print(f"{name}  {'already exists, left unchanged' if what == 'kept' else what}")
    return 1 if refused else 0
