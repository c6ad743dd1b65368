"""The choice of the runs to picture."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core import choice as choice_of
from betavae_core.store import Run
from pages._ui.address import answered, cannot_follow, harmless, note, say, visit, want, wish
from pages._ui.choose_dataset import choose_dataset_of
from pages._ui.choose_length import choose_architectures, choose_length
from pages._ui.choose_run import without_seed
from pages._ui.followed import followed
from pages._ui.linked import draw, put, taken
from pages._ui.runs import all_runs
from pages._ui.style import plain


def choose_runs(
    runs: list[Run], place: DeltaGenerator | None = None, opening: str | None = None
) -> list[Run]:
    """The runs to picture: of one dataset, one training length, one architecture unless more are
    chosen, and, if β was repeated, one seed; if a link names runs, only these. place: a row of
    controls. opening: the dataset that the page opens on, as in `choose_dataset_of`."""
    now, everything = visit(), all_runs(baselines=True, multirate=True, steered=True)[0]
    choice = followed()
    _without_gone_runs({run.name for run in runs})
    datasets = list(dict.fromkeys(run.config.dataset for run in runs))
    row = place or st.container(horizontal=True, gap="medium")
    cannot = "No model here was trained on {}"
    dataset = choose_dataset_of(datasets, "Dataset", cannot, row, opening)
    choice = now.choice
    runs = choose_length([run for run in runs if run.config.dataset == dataset], row)
    runs = choose_architectures(runs, row)
    seeds = sorted({seed for run in runs if (seed := choice_of.seed_of(run)) is not None})
    seed, key = choice_of.usual_seed(runs), f"seed-{dataset}"
    if len(seeds) > 1:
        usual = seed
        if (picked := taken(key)) in seeds:
            choice = now.choice = choice_of.choose_seed(choice, dataset, picked, everything)
        if choice.seed in seeds and choice.dataset == dataset:
            seed = choice.seed
        _follow_seed(choice, dataset, seeds, seed, everything)
        put(key, seed)
        choose = row.segmented_control
        draw(choose, "Random seed", seeds, required=True, wrap=True, key=key)
        note(key, [str(seed)], usual=seed == usual)
        runs = [run for run in runs if choice_of.seed_of(run) in (None, seed)]
    elif seed is not None:
        _follow_seed(choice, dataset, seeds, seed, everything)
        note(key, [str(seed)], usual=True)
    if choice.dataset == dataset and choice.seed in (None, *seeds):
        now.choice = choice_of.settled(
            choice, dataset, seed if len(seeds) > 1 else None, everything
        )
    return _linked_runs(runs)


def steered_alone() -> list[Run]:
    """The run that a link names, if it was steered or is a fork: such a run is shown by itself,
    never beside models of one β. Empty if the link names no such run."""
    runs = [run for run in all_runs(steered=True)[0] if run.config.by_hand and run.has_weights]
    found = [run for run in runs if wish("runs") == [run.name]]
    if not found:
        return []
    followed()
    answered("runs")
    says, button = st.columns([5, 1], vertical_alignment="center")
    says.caption(
        f"{plain(found[0].name)} is shown alone: its β or learning rate was changed while it "
        "trained, or it is a fork, so it cannot be compared with models trained at a single β."
    )
    if button.button("Show others", width="stretch"):
        want("runs", None)
        st.rerun()
    note("runs", [found[0].name], usual=False)
    return found


def _follow_seed(
    choice: choice_of.Choice, dataset: str, seeds: list[int], shown: int | None, runs: list[Run]
) -> None:
    """A sentence if the chosen seed is not offered here, although other pages have it; it stays
    chosen."""
    if choice.dataset != dataset or choice.seed in (None, *seeds):
        return
    if any(choice_of.seed_of(run) == choice.seed for run in runs if run.config.dataset == dataset):
        answered(f"seed-{dataset}")
        reason = without_seed(choice.seed, dataset)
        cannot_follow(f"{reason}; showing the random seed {shown} instead.")


def _without_gone_runs(names: set[str]) -> None:
    """A sentence, shown once, if the link names missing runs."""
    asked = wish("runs") or []
    there = {run.name for run in all_runs(multirate=True)[0] if run.config.multirate}
    if ranged := [name for name in asked if name in there]:
        say(f"{harmless(ranged[0])} is one model for every β, which this page does not show so.")
    gone = [name for name in asked if name not in names | there]
    if gone:
        shown = ", ".join(harmless(name) for name in gone[:4]) + ", …" * (len(gone) > 4)
        say(f"The link names models that are not here: {shown}.")
    if gone or ranged:
        want("runs", [name for name in asked if name in names] or None)


def _linked_runs(runs: list[Run]) -> list[Run]:
    """The runs that the link names, with a button for all of them; all runs if it names none."""
    asked = wish("runs") or []
    found = [run for run in runs if run.name in asked] or runs
    elsewhere = [name for name in asked if name not in {run.name for run in runs}]
    if answered("runs") is not None and elsewhere:
        named = ", ".join(harmless(name) for name in elsewhere[:4]) + ", …" * (len(elsewhere) > 4)
        say(
            "The link names models of another dataset, training length, architecture or random "
            f"seed than is shown: {named}."
        )
    if len(found) < len(runs):
        says, button = st.columns([5, 1], vertical_alignment="center")
        says.caption(f"Showing {len(found)} of {len(runs)} models: only those that the link names.")
        if button.button("Show all", width="stretch"):
            want("runs", None)
            st.rerun()
    note("runs", [run.name for run in found], usual=len(found) == len(runs))
    return found
