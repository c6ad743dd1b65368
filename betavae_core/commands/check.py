"""check PATH: is a checkpoint sane, and if not, what is wrong with it?"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..doctor import Finding, Label, card_html, card_png, checkup, file_hash, opened, refused, worst
from ..errors import InputError
from ..importers import Imported, keep, read_checkpoint, read_guarded
from ..paths import runs_root
from ..store import write_atomically
from .base import add_verb
from .data import Bar


def add_parser(verbs: Any) -> None:
    about = "Check a checkpoint of any known layout; exit status 1 when something is broken."
    parser = add_verb(verbs, "check", run, about)
    parser.add_argument("path", metavar="PATH", help="a checkpoint's file or folder, or a run's")
    parser.add_argument(
        "--dataset", metavar="D", help="the only one to try (default: all that fit)"
    )
    parser.add_argument("--root", metavar="PATH", help="official dataset files' folder")
    parser.add_argument("--seed", type=int, default=0, help="of all that is drawn (0)")
    parser.add_argument("--html", metavar="FILE", help="also write the card as a page")
    parser.add_argument("--png", metavar="FILE", help="also write the card as a picture")
    parser.add_argument("--quick", action="store_true", help="stop after the reconstructions")
    parser.add_argument(
        "--guarded", action="store_true", help="read it in a process with limits, as uploads are"
    )
    parser.add_argument("--keep", metavar="NAME", help="also keep it as a run of that name")


def run(options: argparse.Namespace) -> int:
    path = Path(options.path)
    if not path.exists():
        raise InputError(f"{options.path} is not there; give a checkpoint's file or folder.")
    for place in (options.html, options.png):
        if place and not Path(place).resolve().parent.is_dir():
            raise InputError(f"{place} cannot be written: its folder is not there.")
    findings, kept = [], None
    try:
        imported = (read_guarded if options.guarded else read_checkpoint)(path)
    except InputError as error:
        findings.append(refused(error))
        _print(options, findings[-1])
    else:
        for finding in _findings(options, imported):
            findings.append(finding)
            _print(options, finding)
        if options.keep:
            kept = str(keep(imported, runs_root(options.out), options.keep))
            print(f"Kept as {kept}", file=sys.stderr)
    label = Label(path.resolve().name, file_hash(path))
    if options.html:
        write_atomically(Path(options.html), card_html(findings, label).encode())
    if options.png:
        write_atomically(Path(options.png), card_png(findings, label))
    overall = worst(findings)
    if options.json:
        print(
            json.dumps(
                {
                    "name": label.short_name,
                    "sha256": label.sha256,
                    "verdict": overall,
                    "run": kept,
                    "findings": [finding.to_json() for finding in findings],
                }
            )
        )
    return 1 if overall == "broken" else 0


def _findings(options: argparse.Namespace, imported: Imported) -> Iterator[Finding]:
    yield from opened(imported)
    yield from checkup(
        imported.model,
        imported.config,
        dataset=options.dataset,
        root=options.root,
        compare=options.out,
        seed=options.seed,
        quick=options.quick,
        progress=Bar(),
    )


def _print(options: argparse.Namespace, finding: Finding) -> None:
    """One line as soon as it is known; what causes it on a second one."""
    out = sys.stderr if options.json else sys.stdout
    print(f"{finding.verdict:12}  {finding.title}: {finding.says}", file=out, flush=True)
    if finding.cause:
        print(f"{'':12}  usual cause: {finding.cause}", file=out, flush=True)
