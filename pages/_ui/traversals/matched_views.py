"""The same latent in other runs, and in snapshots of the same run."""

import streamlit as st

from betavae_core.browser.live import SliderRow
from betavae_core.datasets import Dataset
from betavae_core.store import Run
from betavae_core.store.labels import run_labels
from betavae_core.store.snapshots import list_snapshots
from betavae_core.tables.families import recipe
from betavae_core.traversal.pictures import (
    MOST_RUNS,
    Codes,
    Start,
    other_runs,
    through_training,
)
from pages._ui.linked import several
from pages._ui.runs import state_of
from pages._ui.traversals.grid_picture import Pictured, pictured
from pages._ui.traversals.latent_rows import choose_latent
from pages._ui.traversals.modes import choose_values


def close_to(run: Run, others: list[Run]) -> list[Run]:
    """Those of the other runs that differ from it only in β or only in the seed; if there are none,
    all."""
    return [
        each
        for each in others
        if recipe(each.config, "beta") == recipe(run.config, "beta")
        and (each.config.seed == run.config.seed or each.config.beta == run.config.beta)
    ] or others


def choose_other_runs(
    run: Run,
    dataset: Dataset,
    codes: Codes,
    alike: list[Run],
    start: Start,
    rows: list[SliderRow],
) -> tuple[Pictured, list[Run]]:
    """The same image and latent in several runs, each latent matched to the first run's; if the
    first is a snapshot, the others are shown after as many images, if they have such a snapshot.
    Also returns these other runs."""
    latent_at, runs_at = st.columns([1, 4])
    with latent_at:
        latent = choose_latent(rows, "Latent", "latent")
    labels = dict(zip([r.name for r in alike], run_labels(alike), strict=True))
    chosen = several(
        runs_at.multiselect,
        "Models to compare with",
        [r.name for r in alike],
        [r.name for r in close_to(run, alike)[: MOST_RUNS - 2]],
        most=MOST_RUNS - 1,
        format_func=labels.__getitem__,
        key=f"with-{run.name}",
        help="The order of latents is arbitrary. For each model the picture shows the latent whose "
        "codes of the same images correlate most with those of the first model's latent; latents "
        "are matched one-to-one.",
    )
    values = choose_values(dataset, start)
    others = [_at(r, run.snapshot) for r in alike if r.name in chosen]
    return pictured(other_runs, run, others, start, values, codes, latent), others


def choose_training(
    run: Run,
    dataset: Dataset,
    codes: Codes,
    snapshots: list[int],
    start: Start,
    rows: list[SliderRow],
) -> Pictured:
    """One latent in every snapshot of the training, matched to the run's."""
    latent = choose_latent(rows, "Latent", "latent")
    values = choose_values(dataset, start)
    states = [state_of(run, images) for images in snapshots]
    return pictured(through_training, run, states, start, values, codes, latent)


def _at(run: Run, images: int | None) -> Run:
    """The run after as many images, if it has such a snapshot."""
    if images is None or images not in list_snapshots(run.path):
        return run
    return state_of(run, images)
