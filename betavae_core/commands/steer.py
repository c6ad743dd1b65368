"""steer: pause, continue or stop a running training, or change its β or learning rate."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..errors import InputError, Refusal
from ..paths import runs_root
from ..store import find_run, read_config, read_history
from ..training.steering import STEERED, steer
from .results import show_result

STATES = {"pause": "pause", "go_on": "go", "stop": "stop"}  # option → state


def check_steerable(path: Path, changes: dict[str, Any]) -> None:
    """Raise `InputError` for a run whose training would never follow the changes: one that has
    ended; and one that trains in a stack, if they change its settings."""
    config, (history, _) = read_config(path), read_history(path)
    last = next((record for record in reversed(history) if "nll" in record), {"images": 0})
    if config.origin or config.baseline or last["images"] >= config.images:
        why = "its training has ended; a fork trains on from one of its states"
    elif "stacked" in last and set(changes) & set(STEERED):
        why = "it trains in a stack with others; it can be paused, with all of them, or stopped"
    else:
        return
    raise InputError(f"{path.name} cannot be steered: {why}.", Refusal.UNSUITABLE, run=path.name)


def run(options: argparse.Namespace) -> int:
    path = find_run(options.run, runs_root(options.runs_folder))
    states = [state for name, state in STATES.items() if getattr(options, name)]
    changes: dict[str, Any] = {"state": states[0]} if states else {}
    for name in ("beta", "learning_rate"):
        if (value := getattr(options, name)) is not None:
            changes[name] = value
    if not changes:
        raise InputError(
            "steer needs what to change: --pause, --go-on, --stop, --beta B or --learning-rate X.",
            Refusal.MISSING,
            name="change",
        )
    check_steerable(path, changes)
    wishes = steer(path, **changes)
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in changes.items())
    show_result(options, {"run": str(path), **asdict(wishes)}, f"{path.name}: asked for {told}")
    return 0
