"""queue: trainings that wait for their turn, and the processes that work on them."""

import argparse
import json
from dataclasses import fields
from typing import Any

from ..config import NOT_SET_BY_OPTIONS, RunConfig
from ..errors import InputError, Refusal
from ..paths import runs_root
from ..queue.asking import ask_for, ask_for_fork
from ..queue.clearing import clear, clear_entry
from ..queue.entries import Entry, continue_entry, entries, find_entry, stop_entry
from ..queue.gpus import usual_number
from ..queue.supervisor import is_served, serve
from ..queue.worker import work_on
from .progress import shown_progress
from .results import show_result
from .settings import config_of
from .stopping import asked_to_stop


def add(options: argparse.Namespace) -> int:
    root, show = runs_root(options.runs_folder), shown_progress(options)
    overrides: dict[str, Any] = {
        field.name: getattr(options, field.name)
        for field in fields(RunConfig)
        if field.name not in NOT_SET_BY_OPTIONS and getattr(options, field.name) is not None
    }
    if options.parent:
        if options.after is None or options.preset:
            raise InputError(
                "--from RUN needs --after N, one of its snapshots, and no --preset.",
                Refusal.CONFLICT,
            )
        entry = ask_for_fork(root, options.parent, options.after, **overrides)
    else:
        config = config_of(options, overrides, show)
        entry = ask_for(root, config, snapshots=options.snapshots, data_root=options.root)
    text = f"{entry.id}  {entry.config.run_id}"
    if not is_served(root):
        show.say("Nobody works on the queue; start it with: python -m betavae_core queue serve")
    show_result(options, _told(entry), text)
    return 0


def show_list(options: argparse.Namespace) -> int:
    found = entries(runs_root(options.runs_folder))
    if options.json:
        print(json.dumps([_told(entry) for entry in found], indent=1))
        return 0
    for entry in found:
        state = entry.state
        print(f"{entry.id}  {state.status:9}  {entry.config.run_id}  {entry.why}".rstrip())
    return 0


def cancel(options: argparse.Namespace) -> int:
    entry = find_entry(runs_root(options.runs_folder), options.entry)
    stop_entry(entry, options.discard)
    show_result(options, _told(entry), f"{entry.id}: asked to end")
    return 0


def clear_ended(options: argparse.Namespace) -> int:
    root = runs_root(options.runs_folder)
    if options.entry:
        entry = find_entry(root, options.entry)
        clear_entry(entry)
        gone = [entry.id]
    else:
        gone = clear(root)
    text = f"{len(gone)} removed from the queue; their runs stay"
    show_result(options, {"removed": gone}, text)
    return 0


def go_on(options: argparse.Namespace) -> int:
    entry = find_entry(runs_root(options.runs_folder), options.entry)
    continue_entry(entry)
    show_result(options, _told(entry), f"{entry.id}: waits for its turn")
    return 0


def serve_queue(options: argparse.Namespace) -> int:
    number = usual_number() if options.at_most is None else options.at_most
    with asked_to_stop() as asked:
        serve(runs_root(options.runs_folder), number, lambda: bool(asked), options.idle)
    return 0


def work(options: argparse.Namespace) -> int:
    entry = find_entry(runs_root(options.runs_folder), options.entry)
    with asked_to_stop() as asked:
        work_on(entry, options.threads, lambda: bool(asked), shown_progress(options).say)
    return 0


def _told(entry: Entry) -> dict[str, Any]:
    state = entry.state
    return {
        "id": entry.id,
        "run": str(entry.run),
        "status": state.status,
        "reason": entry.why,
        "log": str(entry.path / "log.txt"),
    }
