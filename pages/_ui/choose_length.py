"""The choice of a training length."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core.presets import ONE_PASS
from betavae_core.store import Run
from betavae_core.tables.lengths import length_of, lengths, of_length
from pages._ui.address import note, wish
from pages._ui.linked import one_of

LENGTH_HELP = (
    "The number of images seen in training, counted in passes over the dataset. Models of "
    "different training lengths are never shown together. KL warm-up: the weight of the KL term "
    "rose from 0 to β over the first images, as recorded in each model's settings."
)


def choose_length(runs: list[Run], place: DeltaGenerator | None = None) -> list[Run]:
    """The runs with one training length, from runs of one dataset: by default the length with the
    most values of β (the longest of these), or that of the runs in a link; baselines and imports
    stay."""
    found = lengths(runs)
    if len(found) < 2:
        return runs
    dataset, named = runs[0].config.dataset, wish("runs") or []
    linked = [length_of(run) for run in runs if run.name in named]
    key, size = f"length-{dataset}", ONE_PASS.get(dataset)
    chosen = one_of(
        (place or st).segmented_control,
        "Training length",
        found,
        default=next((length for length in linked if length), found[0]),
        required=True,
        wrap=True,
        format_func=lambda length: length.title(size),
        key=key,
        help=LENGTH_HELP,
    )
    note(key, [chosen.title(size)], usual=chosen == found[0])
    return of_length(runs, chosen)[0]
