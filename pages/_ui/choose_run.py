"""The choice of a run by its parts, and of a snapshot of its training."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core import choice as choice_of
from betavae_core.addresses import TRAINED, keys_of
from betavae_core.datasets import dataset_title
from betavae_core.store import Run
from betavae_core.store.labels import state_title
from betavae_core.store.snapshots import list_snapshots
from betavae_core.tables.lengths import length_of
from betavae_core.tables.parts import NOT_STATED, PARTS, offered, with_part
from pages._ui.address import answered, cannot_follow, hidden, note, visit
from pages._ui.followed import followed
from pages._ui.linked import NOTHING, one_of, put, taken
from pages._ui.runs import all_runs, state_of
from pages._ui.style import plain
from pages._ui.text_size import letters
from pages._ui.weights import WITHOUT_WEIGHTS, show_command

WIDTHS = {"dataset": 130, "model": 185, "length": 195, "beta": 85, "seed": 105, "name": 420}
HELP = {
    "length": "The number of images seen in training, counted in passes over the dataset.",
    "beta": "β is the weight of the KL term.",
    "name": "These models share all settings on the left and differ in others, which their names "
    "state.",
}


def choose_run(
    runs: list[Run], cannot: str, *, key: str = "run", place: DeltaGenerator | None = None
) -> Run:
    """One of the runs, chosen by its parts in a row of selectors; by default the visitor's choice
    if it is among them, otherwise the run that a page opens on. cannot: the reason if the visitor's
    choice is not among them, as the rest of a sentence after its name. key: of the run in
    addresses; place: a row of other controls."""
    now, everything = visit(), all_runs(baselines=True, multirate=True, steered=True)[0]
    choice = followed()
    names = [run.name for run in runs]
    if (picked := _picked(runs, now.shown.get(key))) is not None:
        choice = now.choice = choice_of.choose_run(choice, picked)
    shown = choice_of.shown_run(choice, runs)
    asked = next((run for run in everything if run.name == choice.run), None)
    follows = choice.dataset in (None, shown.config.dataset)
    reason, unmade = "", None
    seeded = choice.seed in (None, choice_of.seed_of(shown)) or choice_of.seed_of(shown) is None
    if asked is not None and asked.name not in names:
        answered(key)
        if follows:
            unmade = None if asked.has_weights else asked
            if asked.has_weights and _is_left_out_by_length(asked, runs):
                cannot = "was not trained for the training length chosen above"
            if asked.config.multirate:
                cannot = "is one model for every β, which this page does not show"
            reason = f"{plain(asked.name)} {WITHOUT_WEIGHTS if unmade else cannot}"
    elif follows and choice.run is None and not seeded:
        reason = without_seed(choice.seed, shown.config.dataset)
    elif follows:
        now.choice = choice_of.choose_run(choice, shown)
    if not follows and not any(row.choice == "dataset" for row in keys_of(now.page)):
        reason = f"No model here was trained on {plain(dataset_title(choice.dataset or ''))}"
    if reason:
        cannot_follow(f"{reason}; showing {plain(shown.name)} instead.")
    if unmade is not None:
        show_command(unmade)
    now.shown[key] = shown.name
    note(key, [shown.name], usual=shown is choice_of.opening_run(runs))
    if not hidden(key):
        _draw(runs, shown, place or st.container(horizontal=True, gap="small"))
    return shown


def _picked(runs: list[Run], name: str | None) -> Run | None:
    """The run that the visitor has now chosen by changing a part of the shown one, if they did."""
    shown = next((run for run in runs if run.name == name), None)
    if shown is None:
        return None
    for number, part in enumerate(PARTS):
        value = taken(f"pick-{part.name}")
        if value is not NOTHING and value in offered(runs, shown, number):
            return with_part(runs, shown, number, value)
    return None


def _draw(runs: list[Run], shown: Run, row: DeltaGenerator) -> None:
    """The selectors of all parts that the shown run has, or that can be chosen."""
    for number, part in enumerate(PARTS):
        texts = offered(runs, shown, number)
        if len(texts) == 1 and (texts == [NOT_STATED] or not part.alone):
            continue
        put(f"pick-{part.name}", part.of(shown))
        row.selectbox(
            part.label,
            texts,
            key=f"pick-{part.name}",
            width=letters(WIDTHS[part.name]),
            help=HELP.get(part.name),
        )


def _is_left_out_by_length(asked: Run, runs: list[Run]) -> bool:
    """Whether runs of its dataset are among these, but none of its training length."""
    alike = [run for run in runs if run.config.dataset == asked.config.dataset]
    length = length_of(asked)
    return length is not None and bool(alike) and length not in map(length_of, alike)


def without_seed(seed: int | None, dataset: str) -> str:
    """The reason why a page has no runs of the chosen seed."""
    there = [
        run
        for run in all_runs(baselines=True)[0]
        if run.config.dataset == dataset and choice_of.seed_of(run) == seed
    ]
    if there and not any(run.has_weights for run in there):
        return f"Every model of the random seed {seed} {WITHOUT_WEIGHTS}"
    return (
        f"No model here was trained on {plain(dataset_title(dataset))} from the random seed {seed}"
    )


def choose_state(run: Run, place: DeltaGenerator) -> Run:
    """The run itself, or one of its snapshots if there are any; place: a row of controls."""
    earlier = [images for images in list_snapshots(run.path) if images != run.images_seen]
    picked = state_slider(earlier, place, f"after-{run.name}")
    return run if picked is None else state_of(run, picked)


def state_slider(kept: list[int], place: DeltaGenerator, key: str) -> int | None:
    """The images seen at one of the kept states of training, or None for its end; no slider if
    there are none."""
    if not kept:
        return None
    names = {state_title(images): images for images in kept}
    picked = one_of(
        place.select_slider,
        "State of training",
        [*names, TRAINED],
        default=TRAINED,
        key=key,
        width=letters(190),
        help="Snapshots: weights that were kept during training, by the number of images seen.",
    )
    return names.get(picked)
