"""Choices of a dataset: from all, from those with known factors, from those with trained runs."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core import choice as choice_of
from betavae_core.datasets import DATASETS, Dataset, dataset_title, own_datasets
from betavae_core.errors import InputError
from betavae_core.paths import data_root
from betavae_core.store import Run
from pages._ui.address import answered, cannot_follow, end_page, note, visit
from pages._ui.followed import followed, offered_name
from pages._ui.linked import draw, one_of, put, taken
from pages._ui.runs import dataset_of, open_dataset
from pages._ui.style import plain, without_paths


def choose_dataset() -> Dataset:
    """The dataset and, if it has several, its source; ends the page if its images are missing."""
    own = own_datasets()
    names = [*DATASETS, *own]
    picker, sources = st.columns([3, 2], gap="large", vertical_alignment="bottom")
    now, choice = visit(), followed()
    if (picked := taken("data")) in names:
        choice = now.choice = choice_of.choose_dataset(choice, picked)
    name = choice.dataset if choice.dataset in names else names[0]
    if choice.dataset is None:
        now.choice = choice_of.choose_dataset(choice, name)
    elif choice.dataset != name:
        answered("data")
        cannot_follow(
            f"The images of {plain(dataset_title(choice.dataset))} are not among the datasets "
            "here; "
            f"showing {plain(dataset_title(name))} instead."
        )
    put("data", name)
    note("data", [offered_name(name)], usual=name == names[0])
    draw(
        picker.selectbox,
        "Dataset",
        names,
        format_func=offered_name,
        key="data",
        help=without_paths(
            f"To add your own dataset, put a folder or zip of images, an .npz file or an .h5 file "
            f"into {data_root()}"
        ),
    )
    if name in own:
        return open_dataset(name, "own")
    entry = DATASETS[name]
    try:
        found = open_dataset(name, None)
    except InputError as error:
        if entry.rendered is not None:
            raise
        about = f"{entry.about} The images of {entry.title} are not on this machine"
        st.info(
            f"{about}; shown is an excerpt, which comes with the lab. With internet access, fetch "
            "the official file:"
            if entry.excerpt
            else f"{about} and it has no rendered source. With internet access, fetch the official "
            "file:",
            icon=":material/download:",
        )
        st.code(f"python -m betavae_core data fetch {name}", language="bash")
        if entry.excerpt is None:
            st.caption(without_paths(str(error)))
            end_page()
        found = open_dataset(name, "excerpt")
    if found.source == "official" and entry.rendered is not None:
        source = one_of(
            sources.segmented_control,
            "Source of the data",
            ["official", "rendered"],
            required=True,
            wrap=True,
            key="source",
        )
        return open_dataset(name, source)
    note("source", [found.source], usual=True)
    return found


def choose_factor_dataset(runs: list[Run]) -> str:
    """One of the datasets with known factors and trained runs; ends the page if there is none."""
    datasets = [
        name
        for name in dict.fromkeys(run.config.dataset for run in runs)
        if any(_has_factors(run) for run in runs if run.config.dataset == name)
    ]
    if not datasets:
        st.info(
            "None of the models here was trained on a dataset with known factors of variation, so "
            "there is nothing to score.",
            icon=":material/category:",
        )
        end_page()
    unknown = followed().dataset in {run.config.dataset for run in runs}
    cannot = (
        "The factors of variation of {} are not known here, so there is nothing to score"
        if unknown
        else "No model here was trained on {}"
    )
    return choose_dataset_of(datasets, "Dataset", cannot)


def _has_factors(run: Run) -> bool:
    entry = DATASETS.get(run.config.dataset)
    if entry is not None:  # what can be rendered has factors, and photographs have none
        return entry.rendered is not None
    dataset = dataset_of(run)
    return dataset is not None and dataset.space is not None


def choose_dataset_of(
    datasets: list[str],
    label: str,
    cannot: str,
    place: DeltaGenerator | None = None,
    opening: str | None = None,
) -> str:
    """One of the datasets, by default the visitor's choice if it is among them, otherwise the
    first; cannot: the reason if it is not, with {} for its title. opening: the dataset on which
    this page opens instead of the first, if it is among them. What a page opens on is no choice of
    the visitor's, so that it does not follow to other pages."""
    now = visit()
    choice = followed()
    if (picked := taken("dataset")) in datasets:
        choice = now.choice = choice_of.choose_dataset(choice, picked)
    opening = opening if opening in datasets else datasets[0]
    dataset = choice.dataset if choice.dataset in datasets else opening
    if choice.dataset not in (None, dataset):
        answered("dataset")
        reason = cannot.format(plain(dataset_title(choice.dataset)))
        cannot_follow(f"{reason}; showing {plain(dataset_title(dataset))} instead.")
    note("dataset", [dataset_title(dataset)], usual=dataset == opening)
    if len(datasets) > 1 or place is None:
        put("dataset", dataset)
        draw(
            (place or st).segmented_control,
            label,
            datasets,
            required=True,
            wrap=True,
            format_func=dataset_title,
            key="dataset",
        )
    return dataset
