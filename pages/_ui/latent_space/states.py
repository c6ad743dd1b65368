"""The kept states of training: the paths as they were, on axes that are the same for all states."""

import numpy as np
from streamlit.delta_generator import DeltaGenerator

from betavae_core.datasets import Dataset
from betavae_core.embedding.panels import projected
from betavae_core.store import Run
from betavae_core.store.labels import state_title
from betavae_core.store.snapshots import list_snapshots
from pages._ui.choose_run import state_slider
from pages._ui.encodings import codes
from pages._ui.latent_space.panels import MAPS, Choice, HeldAxes, projection
from pages._ui.runs import left_out, state_of


def choose_states(runs: list[Run], row: DeltaGenerator) -> tuple[list[Run], list[Run]]:
    """The runs that have the chosen state, at the end of their training and in this state; those
    without it are named. row: of controls."""
    kept = {run.name: list_snapshots(run.path) for run in runs}
    earlier = {n for run in runs for n in kept[run.name] if n != run.images_seen}
    picked = state_slider(sorted(earlier), row, "after")
    if picked is None:
        return runs, runs
    whole = [run for run in runs if picked in kept[run.name]]
    rest = [run for run in runs if picked not in kept[run.name]]
    left_out(rest, f"their state after {state_title(picked)} was not kept"
             if picked else "their untrained state was not kept")  # fmt: skip
    return whole, [state_of(run, picked) for run in whole]


def held_axes(
    whole: list[Run], dataset: Dataset, rows: tuple[int, ...], choice: Choice
) -> list[HeldAxes]:
    """The axes for every kept state of each run. whole: the runs at the end of their training."""
    axes, found = 3 if choice.deep else 2, []
    for run in whole:
        states = [run, *(state_of(run, images) for images in list_snapshots(run.path))]
        means = [codes(each.weights_hash, dataset.key, rows, each, dataset)[0] for each in states]
        mapped = projection(run, dataset, choice, means[0], axes)
        found.append(HeldAxes(mapped, projected(mapped, np.concatenate(means), axes)))
    return found


def how_it_is_held(choice: Choice, state: Run) -> str:
    """The axes of a state's map, as part of a caption."""
    of = MAPS[choice.method] + " of the trained model" * (choice.method != "pair")
    after = f"after {state.images_seen:,} images" if state.images_seen else "before training"
    return f"{of}; the models {after}, on axes that stay the same for all kept states"
