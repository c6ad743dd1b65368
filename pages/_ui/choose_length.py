"""The choice of a training length, and of the architectures shown with it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core.presets import ONE_PASS
from betavae_core.store import Run
from betavae_core.tables.lengths import length_of, lengths, of_length
from betavae_core.tables.parts import architecture_title
from pages._ui.address import note, wish
from pages._ui.followed import followed
from pages._ui.linked import one_of, several

LENGTH_HELP = (
    "The number of images seen in training, counted in passes over the dataset. Models of "
    "different training lengths are never shown together; baselines and imported models, whose "
    "length is unknown, are shown with every length, and so is the line of one model for every β, "
    "which names its length if it is another one. KL warm-up: the weight of the KL term rose "
    "from 0 to β over the first images, as recorded in each model's settings."
)


def choose_length(runs: list[Run], place: DeltaGenerator | None = None) -> list[Run]:
    """The runs with one training length, from runs of one dataset: by default that of the runs in a
    link, that of the visitor's run, or the first of `lengths`; baselines and imports stay."""
    found = lengths(runs)
    if len(found) < 2:
        return runs
    dataset, mine = runs[0].config.dataset, followed().run
    named = wish("runs") or ([mine] if mine else [])
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


def choose_architectures(runs: list[Run], place: DeltaGenerator) -> list[Run]:
    """The runs of some of the architectures, from runs of one dataset and training length: by
    default the first one, or those of the runs in a link; baselines and imports stay."""
    trained = [run for run in runs if length_of(run) is not None]
    titles = list(dict.fromkeys(map(architecture_title, trained)))
    if len(titles) < 2:
        return runs
    named = wish("runs") or []
    linked = list(dict.fromkeys(architecture_title(run) for run in trained if run.name in named))
    key, usual = f"architecture-{runs[0].config.dataset}", linked or titles[:1]
    chosen = several(
        place.pills,
        "Architectures",
        titles,
        usual,
        selection_mode="multi",
        key=key,
        help="The models to show together; all, if none is chosen.",
    )
    note(key, chosen, usual=chosen == titles[:1])
    kept = chosen or titles
    return [run for run in runs if length_of(run) is None or architecture_title(run) in kept]
