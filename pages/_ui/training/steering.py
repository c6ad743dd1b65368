"""Steering one training: pause, go on, stop and keep, discard, another β or learning rate, fork."""

from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core.datasets import dataset_title
from betavae_core.queue.asking import ask_for_fork
from betavae_core.queue.entries import CONTINUABLE, OPEN, entries, sole_arrival, stop_entry
from betavae_core.queue.supervisor import ensure_served
from betavae_core.store import read_config, read_history
from betavae_core.store.labels import state_title
from betavae_core.store.snapshots import list_snapshots
from betavae_core.training.steering import followed, read_wishes, steer
from pages._ui.linked import NOTHING, put, taken
from pages._ui.style import EXPECTED, plain, tell
from pages._ui.training.listing import continue_waiting, under_way
from pages._ui.training.starting import check_room_in_queue

LOOK = 3.0  # seconds between two looks at the states that a training keeps
BETAS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 16.0, 32.0, 64.0)
RATES = (1e-5, 3e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3)


def steer_panel(root: Path, name: str, unfolded: bool) -> None:
    """What can be done with the run `name`; a refusal is one sentence."""
    with st.expander(f"Steer {plain(name)}", icon=":material/tune:", expanded=unfolded):
        try:
            now = under_way(root).get(name)
            running = now is not None and now.status == "running"
            if now is not None and running:
                _running(root, name, now.node)
            else:
                _ended(root, name)
        except EXPECTED as error:
            tell(error)
        else:
            # a training keeps more states while the page is looked at
            st.fragment(_kept_states, run_every=LOOK if running else None)(root, name)


def _running(root: Path, name: str, node: str) -> None:
    """node: the machine that trains it, if there are several."""
    path = root / name
    wishes, config = read_wishes(path), followed(read_config(path), read_history(path)[0])
    stacked = any("stacked" in record for record in read_history(path)[0])
    row = st.container(horizontal=True)
    if wishes.state == "pause":
        if row.button("Go on", key=f"steer-go-{name}", icon=":material/play_arrow:"):
            steer(path, state="go")
            st.rerun()
    elif row.button("Pause", key=f"steer-pause-{name}", icon=":material/pause:"):
        steer(path, state="pause")
        st.rerun()
    if row.button("Stop and keep", key=f"steer-stop-{name}", icon=":material/stop:"):
        _stop(root, name, discard=False)
    queued = [e for e in entries(root) if e.config.run_id == name and e.state.status in OPEN]
    if queued and row.button("Discard", key=f"steer-discard-{name}", icon=":material/delete:"):
        _stop(root, name, discard=True)
    if node:
        st.caption(
            f"It trains on {plain(node)}, which follows what is asked here if it sees this folder "
            "of runs."
        )
    if stacked:
        st.caption(
            "It trains in a stack with others: a pause holds all of them, a stop ends this one, "
            "and β and the learning rate cannot be changed."
        )
        return
    beta, rate = st.columns(2, gap="large")
    if config.beta is not None:
        now = wishes.beta if wishes.beta is not None else config.beta
        _slider(beta, "β from now on", path, "beta", BETAS, now)
    now = wishes.learning_rate if wishes.learning_rate is not None else config.learning_rate
    _slider(
        *(rate, "Learning rate from now on", path, "learning_rate", RATES, now),
        help="It is still divided by 5 for the last quarter of the images.",
    )
    st.caption(
        "A change is recorded with the number of images seen, and the run is marked as steered: no "
        "chart compares it with runs that kept their β."
    )


def _ended(root: Path, name: str) -> None:
    """A training that was stopped or failed, or whose process ended while it was paused, can be
    continued."""
    asked = [entry for entry in entries(root) if entry.config.run_id == name]
    if (
        asked
        and (asked[-1].state.status in CONTINUABLE or asked[-1].is_paused)
        and st.button(
            "Continue",
            key=f"steer-continue-{name}",
            icon=":material/play_arrow:",
            help="It goes on from where it was saved, when a place is free.",
        )
    ):
        continue_waiting(root, asked[-1])
        st.rerun()


def _slider(
    place: DeltaGenerator,
    label: str,
    path: Path,
    setting: str,
    usual: tuple[float, ...],
    now: float,
    **how: Any,
) -> None:
    """A setting of a running training. It follows what others ask for, and asks only for what this
    visitor has moved it to."""
    key = f"steer-{setting.removeprefix('learning_')}-{path.name}"
    moved = taken(key)
    if moved is not NOTHING:
        steer(path, **{setting: moved})
        now = moved
    put(key, now)
    place.select_slider(label, sorted({*usual, now}), format_func="{:g}".format, key=key, **how)


def _stop(root: Path, name: str, discard: bool) -> None:
    queued = [e for e in entries(root) if e.config.run_id == name and e.state.status in OPEN]
    if queued:
        stop_entry(queued[-1], discard)
    else:
        steer(root / name, state="stop")
    st.rerun()


def _kept_states(root: Path, name: str) -> None:
    """Forks from the kept states, and where to look at them; a refusal is one sentence."""
    try:
        _offer_states(root, name)
    except EXPECTED as error:
        tell(error)


def _offer_states(root: Path, name: str) -> None:
    kept = [images for images in list_snapshots(root / name) if images]
    if not kept:
        st.caption("No state besides the last one is kept yet.")
        return
    config = read_config(root / name)
    forkable = [images for images in kept if images < config.images]
    st.page_link(
        "pages/traversals.py",
        label=f"Kept states on Traversals: {len(kept)}",
        icon=":material/tune:",
        query_params={"run": name},
    )
    if not config.multirate:
        place = {
            "dataset": dataset_title(config.dataset),
            f"seed-{config.dataset}": str(config.seed),
        }
        st.page_link(
            "pages/latent_space.py",
            label="Kept states on Latent space",
            icon=":material/scatter_plot:",
            query_params={
                **({} if config.by_hand else place),  # a steered run is shown there by itself
                "runs": name,
                "after": state_title(kept[0]),
            },
        )
    if not forkable or config.beta is None:
        return
    at, beta, button = st.columns([2, 1, 1], vertical_alignment="bottom")
    key = f"steer-after-{name}"
    if (chosen := taken(key)) is not NOTHING:
        st.session_state[f"{key}-chosen"] = chosen
    put(key, st.session_state.get(f"{key}-chosen", forkable[-1]))
    after = at.selectbox("Fork from", forkable[::-1], format_func=state_title, key=key)
    value = beta.number_input(
        "β of the fork",
        *(0.0, max(1_000.0, config.beta), float(config.beta)),
        format="%g",
        key=f"steer-fork-beta-{name}",
    )
    if button.button("Fork", key=f"steer-fork-{name}", icon=":material/fork_right:"):
        with sole_arrival(root):
            check_room_in_queue(root, 1)
            ask_for_fork(root, name, after, beta=float(value))
        ensure_served(root)
        st.rerun()
