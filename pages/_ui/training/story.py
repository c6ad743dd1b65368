"""The story of a training that has ended, from its stored history and the states that were kept:
what the page shows while no training is under way."""

from typing import Any

import streamlit as st
import torch

from betavae_core.datasets import Dataset
from betavae_core.plots.progress import terms
from betavae_core.store import Run
from betavae_core.store.snapshots import list_snapshots
from betavae_core.training.state_pictures import StatePictures, needed_images
from pages._ui.choose_run import choose_run
from pages._ui.kept import kept_few
from pages._ui.runs import all_runs, dataset_of, prepare, state_of
from pages._ui.training.watching import Seen, view


def finished_runs() -> list[Run]:
    """The runs whose training has ended and is recorded."""
    runs = all_runs()[0]
    return [run for run in runs if run.status == "finished" and terms(run.history)]


def story(runs: list[Run]) -> None:
    """One of the finished runs, in the view of trainings under way."""
    st.header("How a finished training went")
    run = choose_run(runs, "has no finished training to be shown")
    config, dataset = run.config, dataset_of(run)
    st.markdown("No training is under way. This is the record of one that has ended.")
    shown = None
    if dataset is not None and run.has_weights:
        prepare(dataset, needed_images(dataset))
        earlier = [images for images in list_snapshots(run.path) if images != run.images_seen]
        shown = kept_few(told_again, [*(state_of(run, images) for images in earlier), run], dataset)
    view([Seen(run.name, config.beta_words, config, run.history, shown, None, "go", True)])


@torch.no_grad()
def told_again(states: list[Run], dataset: Dataset) -> dict[str, Any]:
    """The pictures of the last state, and under "states" a row of reconstructions for each of them
    by the images seen, below that of the originals (None)."""
    pictures, last = StatePictures(dataset), states[-1]
    rows = [
        (None, pictures.row(None)),
        *((each.images_seen, pictures.row(each.vae)) for each in states),
    ]
    return pictures.of(last.vae) | {"images": last.images_seen, "states": rows}
