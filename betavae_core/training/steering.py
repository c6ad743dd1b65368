"""Steering: a running training is paused, continued, stopped, or given another β or learning rate.

What is asked is one small file in the run's folder, control.json, which is replaced atomically:

    {"state": "go", "beta": 10.0, "learning_rate": null}

The training looks at it before each step. A change of β or of the learning rate becomes an event in
the run's history, and the run's config says in `steered` what was changed after how many images;
a training that nobody steers is not changed in a single bit.
"""

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from .. import store
from ..beta import beta_text
from ..config import RunConfig
from ..errors import InputError, Refusal, damaged, not_one_of

CONTROL, CONTROL_LOCK = "control.json", ".control.lock"
STATES = ("go", "pause", "stop")
PATIENCE = 0.1  # seconds between two looks of a paused training
STEERED = ("beta", "learning_rate")  # the settings that can be changed


@dataclass(frozen=True)
class Wishes:
    """What is asked of a training; None: as it is."""

    state: str = "go"  # go | pause | stop (save and end; it can be continued)
    beta: float | None = None
    learning_rate: float | None = None


def steer(path: Path, **changes: Any) -> Wishes:
    """Ask the training of the run in `path` for changes, each a field of `Wishes`; returns all that
    is asked now. Raises `InputError` for a folder without a run or that cannot be written, and for
    values that a run cannot have."""
    check_wishes(store.read_config(path), **changes)
    store.check_writable(path)
    with FileLock(path / CONTROL_LOCK):
        wishes = replace(read_wishes(path), **changes)
        store.write_atomically(path / CONTROL, json.dumps(asdict(wishes)).encode())
    return wishes


def check_wishes(config: RunConfig, **changes: Any) -> None:
    """Raise `InputError` for changes that a run with this config cannot follow."""
    if changes.get("state", "go") not in STATES:
        raise not_one_of("state", STATES, changes["state"])
    if config.beta is None and changes.get("beta") is not None:
        raise InputError(
            f"This training ({config.beta_words}) has no single β that could be changed.",
            Refusal.CONFLICT,
            model=config.model,
        )
    replace(config, **{name: changes[name] for name in STEERED if changes.get(name) is not None})


def read_wishes(path: Path) -> Wishes:
    """What is asked of the run's training: nothing if there is no file. Raises `InputError` if it
    is damaged."""
    try:
        found = Wishes(**json.loads((path / CONTROL).read_text()))
    except FileNotFoundError:
        return Wishes()
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise damaged(path / CONTROL, error, "delete it to train on") from error
    check_wishes(store.read_config(path), **asdict(found))
    return found


def check_unsteered(stored: RunConfig, steered: str = "") -> None:
    """Raise `InputError` if a run that is there was steered, other than by the changes `steered`:
    it then does not count as a run of the settings that it was begun with."""
    if stored.steered and stored.steered != steered:
        raise InputError(
            f"{stored.run_id} was steered while it trained ({stored.steered}), so it does not "
            "count as a run of these settings: rename its folder to train them, or choose another "
            "seed or β.",
            Refusal.CONFLICT,
            run=stored.run_id,
            steered=stored.steered,
        )


def changes_of(history: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of a history by which β or the learning rate changed."""
    return [record for record in history if record.get("event") == "steered"]


def followed(config: RunConfig, history: Sequence[dict[str, Any]]) -> RunConfig:
    """The settings after the changes of a history; `steered` tells them."""
    changes = changes_of(history)
    now = {name: event[name] for event in changes for name in STEERED if name in event}
    return replace(config, **now, steered="; ".join(map(change_text, changes)))


def change_text(event: dict[str, Any]) -> str:
    """One change in words: "β = 10 after 20,000 images"."""
    parts = [beta_text(event["beta"])] if "beta" in event else []
    if "learning_rate" in event:
        parts.append(f"learning rate {event['learning_rate']:g}")
    return f"{' and '.join(parts)} after {event['images']:,} images"


class Listener:
    """The wishes for one training, read again when their file changes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.wishes, self._stamp = Wishes(), (0, 0)
        if read_wishes(path).state == "stop":  # of an earlier session
            steer(path, state="go")

    def news(self) -> bool:
        """Whether there is a new file, which is then read."""
        try:
            stat = os.stat(self.path / CONTROL)
        except FileNotFoundError:
            return False
        stamp = stat.st_ino, stat.st_mtime_ns
        if stamp == self._stamp:
            return False
        self._stamp, self.wishes = stamp, read_wishes(self.path)
        return True


def wait_for_all(
    listeners: Sequence[Listener], rest: Callable[[], None], stop: Callable[[], bool]
) -> float:
    """Wait while a pause is asked for any of several trainings that only go on together; returns
    the seconds of waiting. rest: saves and shows the state of all."""
    for listener in listeners:
        listener.news()
    if not _paused(listeners):
        return 0.0
    began = time.monotonic()
    rest()
    while _paused(listeners) and not stop():
        time.sleep(PATIENCE)
        for listener in listeners:
            listener.news()
    return time.monotonic() - began


def _paused(listeners: Sequence[Listener]) -> bool:
    """Whether one is to wait, and none to end: who is to end leaves the others first."""
    states = [listener.wishes.state for listener in listeners]
    return "pause" in states and "stop" not in states


class Steering(Listener):
    """Follows the wishes for one training; `config` has the settings of its next step."""

    def __init__(self, path: Path, config: RunConfig) -> None:
        super().__init__(path)
        self.begun = config
        self.config = followed(config, store.read_history(path)[0])
        if self.config.steered != config.steered:  # a kill came between history and config
            self._mark()

    @property
    def stopped(self) -> bool:
        return self.wishes.state == "stop"

    def follow(
        self,
        images: int,
        save: Callable[[], None],
        rest: Callable[[], None],
        stop: Callable[[], bool],
    ) -> float:
        """Do what is asked after `images` images, and wait while a pause is asked; returns the
        seconds of waiting. save: saves the training's state, so that a kill loses no change; rest:
        also shows it, before a pause."""
        if not self.news():
            return 0.0
        began = time.monotonic()
        self._change(images, save)
        if self.wishes.state != "pause":
            return 0.0
        rest()
        while self.wishes.state == "pause" and not stop():
            time.sleep(PATIENCE)
            if self.news():
                self._change(images, save)
        return time.monotonic() - began

    def _change(self, images: int, save: Callable[[], None]) -> None:
        """Record and follow the changed settings: first the history, then the config, which is
        made from it, then the state; a kill in between leaves them to be changed again."""
        wanted = {name: getattr(self.wishes, name) for name in STEERED}
        new = {name: value for name, value in wanted.items() if value is not None}
        new = {name: value for name, value in new.items() if value != getattr(self.config, name)}
        if not new:
            return
        store.append_history(self.path, {"images": images, "event": "steered", **new})
        self.config = followed(self.begun, store.read_history(self.path)[0])
        self._mark()
        save()

    def _mark(self) -> None:
        """Write into the run's config what its history tells of changes."""
        marked = replace(self.begun, steered=self.config.steered)
        store.write_atomically(self.path / store.CONFIG, marked.to_json().encode())
