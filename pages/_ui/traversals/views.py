"""Traversal grids: every latent, a pair of them, from image to image, a factor's
sweep, the same latent in several runs. Each can be downloaded as PNG and as animated GIF."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from betavae_core.addresses import VIEWS
from betavae_core.browser.live import SliderRow
from betavae_core.datasets import Dataset
from betavae_core.store import Run
from betavae_core.store.snapshots import list_snapshots
from betavae_core.traversal.codes import STEPS
from betavae_core.traversal.pictures import (
    Codes,
    Start,
    every_latent,
    factor_sweep,
    from_image_to_image,
    two_latents,
)
from pages._ui.encodings import aggregate_posterior
from pages._ui.linked import number, one_of
from pages._ui.runs import dataset_of, same_images
from pages._ui.traversals.grid_picture import Pictured, pictured, show
from pages._ui.traversals.latent_rows import choose_latent
from pages._ui.traversals.matched_views import choose_other_runs, choose_training
from pages._ui.traversals.modes import choose_values


def traversal_views(
    run: Run, others: list[Run], start: Start, z: torch.Tensor, rows: list[SliderRow]
) -> list[Run]:
    """Choose a view and draw it; others: further runs, those of the same dataset being offered for
    comparison; z: positions of the live sliders; rows: the latents, the most informative first.
    Returns the other runs that the view compares."""
    st.header("Traversal grids")
    dataset = dataset_of(run)
    possible = ["every"] + ["pair"] * (len(rows) > 1)
    possible += ["between"] * (dataset is not None and start.image is not None)
    possible += ["sweep"] * (dataset is not None and dataset.space is not None)
    of_it = [r for r in others if r.config.dataset == run.config.dataset and r.name != run.name]
    alike = same_images([run, *of_it])[0][1:]
    possible += ["compare"] * (start.image is not None and len(alike) > 0)
    of_training = start.image is not None and run.at is None  # snapshots have no single β
    snapshots = list_snapshots(run.path) if of_training else []
    possible += ["training"] * (len(snapshots) > 1)
    view = one_of(
        st.segmented_control,
        "Show",
        possible,
        required=True,
        format_func=VIEWS.__getitem__,
        key="view",
        help="For models trained with `--snapshots 9` also how one latent developed in training.",
    )
    codes = None if dataset is None else CodesOf(dataset)
    compared: list[Run] = []
    if view == "pair":
        shown = choose_pair(run, dataset, codes, start, z, rows)
    elif view == "every" or dataset is None or codes is None:
        shown = pictured(every_latent, run, start, choose_values(dataset, start), codes, z)
    elif view == "compare":
        shown, compared = choose_other_runs(run, dataset, codes, alike, start, rows)
    elif view == "training":
        shown = choose_training(run, dataset, codes, snapshots, start, rows)
    elif view == "between":
        shown = choose_other_image(run, dataset, start)
    else:
        shown = choose_factor(run, dataset, start)
    show(shown, run, dataset, start)
    return compared


@dataclass(frozen=True)
class CodesOf:
    """The codes of a dataset for any run, cached."""

    dataset: Dataset

    def __call__(self, run: Run) -> tuple[np.ndarray, np.ndarray]:
        return aggregate_posterior(run, self.dataset)


def choose_pair(
    run: Run,
    dataset: Dataset | None,
    codes: Codes | None,
    start: Start,
    z: torch.Tensor,
    rows: list[SliderRow],
) -> Pictured:
    """One latent changes along the columns, another along the rows."""
    across_at, down_at, _ = st.columns([1, 1, 3])
    with across_at:
        across = choose_latent(rows, "Latent along the columns", "column")
    with down_at:
        down = choose_latent(
            [row for row in rows if row["latent"] != across], "Latent along the rows", "row"
        )
    values = choose_values(dataset, start)
    return pictured(two_latents, run, start, values, codes, across, down, z)


def choose_other_image(run: Run, dataset: Dataset, start: Start) -> Pictured:
    """The images decoded between the codes of two images, along a straight line and a sphere."""
    other_at, steps_at, _ = st.columns([2, 2, 3])
    other = number(
        other_at.number_input,
        "Number of the last image",
        0,
        len(dataset) - 1,
        len(dataset) // 3,
        key=f"to-{dataset.name}",
    )
    steps = number(steps_at.slider, "Number of steps", *STEPS, 9, key="steps")
    return pictured(from_image_to_image, run, dataset, start, other, steps)


def choose_factor(run: Run, dataset: Dataset, start: Start) -> Pictured:
    """A sweep of one true factor through all its values, with the reconstructions below."""
    space = dataset.space
    assert space is not None, "offered only for datasets with factors"
    name = one_of(st.selectbox, "Factor", space.names, key=f"factor-{dataset.name}", width=240)
    return pictured(factor_sweep, run, dataset, start, name)
