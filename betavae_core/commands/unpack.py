"""unpack: the runs that another machine has trained and packed."""

import argparse
import json
import sys
from pathlib import Path

from ..paths import runs_root
from ..shipping.archives import Outcome, unpack

SAID = {Outcome.UNPACKED: "unpacked", Outcome.KEPT: "already exists, left unchanged"}


def run(options: argparse.Namespace) -> int:
    root = runs_root(options.runs_folder)
    results = unpack(Path(options.folder), root)
    left_out = {n: each for n, each in results.items() if each.outcome is Outcome.LEFT_OUT}
    for name, result in left_out.items():
        print(f"{name} was left out: {result.reason}", file=sys.stderr)
    if options.json:
        print(
            json.dumps({"root": str(root), "runs": {n: str(each) for n, each in results.items()}})
        )
    else:
        for name, result in results.items():
            if name not in left_out:
                print(f"{name}  {SAID[result.outcome]}")
    return 1 if left_out else 0
