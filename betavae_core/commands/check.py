"""check PATH: is a checkpoint sane, and if not, what is wrong with it?"""

import argparse
import json
import os
import sys
from pathlib import Path

from .. import store
from ..doctor import (
    Finding,
    Label,
    card_html,
    card_png,
    check_folder,
    examine,
    file_hash,
    in_short,
    keep_beside,
    record,
    refused,
    remembered,
    worst,
)
from ..errors import InputError, Refusal, exists, missing
from ..importers import Imported, keep, read_checkpoint, read_guarded
from ..importers.names import shown
from ..paths import runs_root
from ..store import write_atomically
from .progress import shown_progress


def run(options: argparse.Namespace) -> int:
    try:
        return _run(options)
    except OSError as error:  # 1 is only for broken checkpoints
        raise InputError(
            f"Reading or writing failed ({error.strerror or error}).",
            Refusal.NOT_WRITTEN,
            reason=str(error.strerror or error),
        ) from error


def _run(options: argparse.Namespace) -> int:
    path = _readable(options.path)
    for place in (options.html, options.png):
        if place and not Path(place).resolve().parent.is_dir():
            raise InputError(
                f"{shown(place)} cannot be written: its folder does not exist.",
                Refusal.NOT_WRITTEN,
                path=shown(place),
            )
    if options.beside:  # before a minute of work
        check_folder(path)
    if options.keep:
        _check_new(runs_root(options.runs_folder) / store.run_name(options.keep))
    kept, not_kept = None, None
    try:
        read = read_guarded if options.guarded else read_checkpoint
        imported = read(path, entry=options.entry)
    except InputError as error:
        findings = refused(error)
        _print_all(options, findings)
    else:
        findings = _examined(options, imported)
        _print_all(options, findings)
        if options.keep:
            try:
                whole = remembered(imported, findings)
                kept = str(keep(whole, runs_root(options.runs_folder), options.keep))
                print(f"Kept as {kept} ({whole.config.dataset})", file=sys.stderr)
            except InputError as error:  # the findings must still be printed
                not_kept = error
    label = Label(path.resolve().name, file_hash(path))
    overall = worst(findings)
    if options.json:
        print(json.dumps(record(findings, label, kept)))
    if options.html:
        write_atomically(Path(options.html), card_html(findings, label).encode())
    if options.png:
        write_atomically(Path(options.png), card_png(findings, label))
    if options.beside:
        keep_beside(path, findings, label)
    if not_kept is not None:
        raise not_kept
    return int(overall.failed)


def _examined(options: argparse.Namespace, imported: Imported) -> list[Finding]:
    """All findings; stderr tells which question was answered last."""
    findings, show = [], shown_progress(options)
    for finding in examine(
        imported,
        dataset=options.dataset,
        root=options.root,
        compare=options.runs_folder,
        seed=options.seed,
        quick=options.quick,
        progress=show,
    ):
        findings.append(finding)
        show.state(f"{finding.title}: {finding.verdict}", what=finding.title)
    if options.progress == "bar" and sys.stderr.isatty():
        show.state("")  # the findings begin on a line of their own
    return findings


def _check_new(run: Path) -> None:
    """Refuse the name of an existing run."""
    if any((run / name).exists() for name in (store.CONFIG, store.WEIGHTS, store.HISTORY)):
        raise exists(run, "give --keep another name", "has a run")


def _readable(given: str) -> Path:
    """The path, if it is readable; raises `InputError`."""
    path, name = Path(given), shown(given)
    try:
        if not path.exists():
            raise missing(name, "give a checkpoint's file or folder")
        if not os.access(path, os.R_OK | os.X_OK if path.is_dir() else os.R_OK):
            raise InputError(f"{name} is not readable by this user.", Refusal.NOT_READ, path=name)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{name}: no file or folder can have this path.", Refusal.VALUE, name="path", got=name
        ) from error
    return path


def _print_all(options: argparse.Namespace, findings: list[Finding]) -> None:
    """The summary, then each finding in one line, with its usual cause in a second one."""
    out = sys.stderr if options.json else sys.stdout
    print(f"{worst(findings):12}  Summary: {in_short(findings)}", file=out)
    for finding in findings:
        print(f"{finding.verdict:12}  {finding.title}: {finding.says}", file=out)
        if finding.cause:
            print(f"{'':12}  usual cause: {finding.cause}", file=out)
