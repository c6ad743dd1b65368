"""The trainings that can be watched, and the queue."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st

from betavae_core.errors import InputError
from betavae_core.queue.clearing import ENDED, clear
from betavae_core.queue.entries import (
    CONTINUABLE,
    OPEN,
    SETTLED,
    Entry,
    continue_entry,
    entries,
    read_entry,
    sole_arrival,
    stop_entry,
)
from betavae_core.queue.supervisor import ensure_served, is_served
from betavae_core.store import CONFIG
from betavae_core.training.steering import Wishes, read_wishes
from betavae_core.training.under_way import RunUnderWay, commands_under_way
from betavae_core.training.watching import WATCH
from pages._ui.background import duration
from pages._ui.style import EXPECTED, plain, tell, without_paths
from pages._ui.training.changing import can_change
from pages._ui.training.starting import check_room_in_queue

OFFERED = "_trainings"  # in the session: those that the page was drawn with
OFFERED_AT_MOST = 16  # trainings to watch
SHOWN = 12  # entries of the queue, the newest, besides those with work left


def under_way(root: Path) -> dict[str, RunUnderWay]:
    """The runs of every command that trains now, by name."""
    commands = commands_under_way(root)
    return {run.name: run for command in commands for run in command.runs}


def watchable(root: Path) -> list[str]:
    """The names of the runs to watch: those under way, then those that showed themselves while they
    trained, the latest first."""
    now = [name for name, run in under_way(root).items() if run.status != "finished"]
    shown = {}
    for file in root.glob(f"*/{WATCH}"):
        with suppress(FileNotFoundError):  # its run was removed since
            shown[file.parent.name] = file.stat().st_mtime
    names = [*now, *sorted(shown, key=lambda name: -shown[name])]
    there = [name for name in dict.fromkeys(names) if (root / name / CONFIG).is_file()]
    return there[:OFFERED_AT_MOST]


def work_left(root: Path) -> list[str]:
    """The names of the trainings in the queue that are not finished, in the order of arrival."""
    return [entry.config.run_id for entry in entries(root) if entry.state.status in OPEN]


def show_queue(root: Path) -> None:
    """The entries with work left and the newest others, each with its state, its log and what can
    be done with it. When a training appears or ends, or is steered by another visitor, the page is
    drawn again, so that it offers what is possible."""
    st.session_state[OFFERED] = _offered(root)  # this visitor's click is answered first
    _followed_queue(root)


def _offered(root: Path) -> tuple[Any, ...]:
    """All on which it depends what the page offers."""
    trained = sorted(under_way(root).items())
    asked = [(name, run.status, _asked(root / name)) for name, run in trained]
    return watchable(root), asked, bool(work_left(root))


@st.fragment(run_every=2.0)
def _followed_queue(root: Path) -> None:
    if st.session_state.get(OFFERED) != _offered(root):
        st.rerun()
    every = entries(root)
    newest = {entry.id for entry in every[-SHOWN:]}
    there = [entry for entry in every if entry.state.status in OPEN or entry.id in newest]
    left = sum(entry.state.status in OPEN for entry in there)
    if not there:
        return
    with st.expander(f"Queue: {left} of {len(there)} not finished", icon=":material/list:"):
        held = all(entry.is_paused for entry in there if entry.state.status in OPEN)
        changeable = can_change(root)
        if changeable and not held:
            _offer_service(root)
        running = under_way(root)
        for entry in reversed(there):
            _row(root, entry, running.get(entry.config.run_id), changeable)
        ended = sum(entry.state.status in ENDED for entry in every)
        if (
            ended
            and changeable
            and st.button(
                f"Clear the list of {ended} finished, failed or discarded",
                key="clear-queue",
                icon=":material/clear_all:",
                help="They leave the queue with their logs; their runs stay.",
            )
        ):
            _clear(root)


def _offer_service(root: Path) -> None:
    """A supervisor where none works."""
    try:
        if not is_served(root):
            st.caption("No process starts what waits. It begins a few seconds after a press on:")
            if st.button("Work on the queue", key="serve-queue"):
                ensure_served(root)
    except EXPECTED as error:
        tell(error)


def _clear(root: Path) -> None:
    try:
        clear(root)
        st.rerun()
    except EXPECTED as error:
        tell(error)


def continue_waiting(root: Path, entry: Entry) -> None:
    """Let a stopped or failed training wait again, or a paused one go on; raises `InputError` if
    the queue is full."""
    with sole_arrival(root):
        if read_entry(entry.path).state.status not in OPEN:  # those are counted already
            check_room_in_queue(root, 1)
        continue_entry(entry)
    ensure_served(root)


def _asked(run: Path) -> Wishes | None:
    """What is asked of a training; None of one that cannot be read, which its panel says."""
    try:
        return read_wishes(run)
    except InputError:
        return None


def _row(root: Path, entry: Entry, now: RunUnderWay | None, changeable: bool) -> None:
    text, log, first, second = st.columns([5, 1, 1, 1], vertical_alignment="center")
    status = entry.state.status
    told = f"**{plain(entry.config.run_id)}** :gray[{status}]"
    if status == "running" and now is not None and now.rate:
        left = "" if now.seconds_left is None else f", {duration(now.seconds_left)} left"
        told += f" {now.images:,} of {now.budget:,} images, {now.rate:,.0f} images/s{left}"
    if why := entry.why:
        told += f" – {plain(without_paths(why))}"
    text.markdown(told)
    with log.popover("Log", width="stretch"):
        st.code(without_paths(entry.log()) or "Nothing yet.", language=None)
    if not changeable:
        return
    stop = status in OPEN and first.button("Stop", key=f"cancel-{entry.id}", width="stretch")
    go_on = status in CONTINUABLE and first.button(
        "Continue", key=f"start-{entry.id}", width="stretch"
    )
    discard = (
        status not in SETTLED
        and entry.state.made
        and second.button("Discard", key=f"discard-{entry.id}", width="stretch")
    )
    try:
        if go_on:
            continue_waiting(root, entry)
        elif stop or discard:
            stop_entry(entry, discard)
            st.rerun()
    except EXPECTED as error:  # also of what another visitor has ended in the meantime
        tell(error)
