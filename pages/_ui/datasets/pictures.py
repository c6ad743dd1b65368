"""Pictures of a dataset: random images, the change by one step of a factor, every factor sweep."""

from functools import partial

import numpy as np
import streamlit as st
import torch

from betavae_core.datasets import Dataset
from betavae_core.factors import FactorSpace, value_text
from betavae_core.pictures.files import png
from betavae_core.pictures.grids import change, grid, labelled_grid, strip
from betavae_core.provenance import dataset_facts
from betavae_core.rng import generator, random_rows
from pages._ui.address import note, want, wished
from pages._ui.charts import picture_file, save_picture
from pages._ui.linked import one_of
from pages._ui.runs import prepare
from pages._ui.style import plain

MOSAIC = (4, 14)  # rows and columns of random images


def mosaic(dataset: Dataset) -> None:
    """Random images, the same for every visitor with the same link."""
    linked = wished("mosaic") or ""
    number = int(linked) if linked.isdecimal() and len(linked) < 9 else 0
    note("mosaic", [str(number)], usual=number == 0)
    rows, columns = MOSAIC
    random = generator(number, f"mosaic/{dataset.name}")
    indices = random_rows(len(dataset), rows * columns, random)
    prepare(dataset, indices)
    whole = partial(random_grid, dataset, indices)
    part = f" ({dataset.note})" if dataset.note else ""
    caption = f"{rows * columns} of {len(dataset):,} images{part}, chosen uniformly at random."
    st.image(picture_file(whole), width="stretch", output_format="PNG", alt=caption)
    text, save, button = st.columns([4, 1, 1.5], vertical_alignment="center")
    text.caption(caption)
    about = dataset_facts(dataset) | {"images": indices.tolist(), "caption": caption}
    save_picture(whole, about, f"{dataset.name}-images.png", place=save)
    if button.button("New images", icon=":material/shuffle:", width="stretch"):
        want("mosaic", [str(number + 1)])
        st.rerun()


def random_grid(dataset: Dataset, indices: torch.Tensor) -> np.ndarray:
    return grid(dataset.images(indices).reshape(*MOSAIC, *dataset.shape))


def sweep_strip(dataset: Dataset, space: FactorSpace, base: np.ndarray, factor: int) -> np.ndarray:
    return strip(dataset.images(space.sweep(base, factor)))


def what_changes(dataset: Dataset, space: FactorSpace, base: np.ndarray) -> None:
    """The image, the image after one step of a factor, and their difference."""
    st.header("Pixels that a factor changes")
    chooser, pictures = st.columns([2, 3], gap="large", vertical_alignment="center")
    factor = space.names.index(
        one_of(chooser.selectbox, "Factor to change by one value", space.names, key="factor")
    )
    here = int(base[factor])
    size = space.sizes[factor]
    if size == 1:
        chooser.caption("This factor has only one value.")
        return
    there = here + 1 if here + 1 < size else here - 1
    row = space.sweep(base, factor)
    before, after = dataset.images(row[[here, there]])
    difference, count = change(before, after)
    shown = torch.stack([before.expand(3, -1, -1), after.expand(3, -1, -1), difference])
    picture = grid(shown[None], scale=3, gap=1)
    caption = (
        f"{space.names[factor]} {value_text(space, factor, here)} → "
        f"{value_text(space, factor, there)}: {count:,} of {before[0].numel():,} pixels change. "
        "Right: the absolute difference, scaled so that the largest difference is white."
    )
    pictures.image(png(picture), width="stretch", output_format="PNG", alt=caption)
    chooser.caption(plain(caption))
    about = dataset_facts(dataset) | {"images": row[[here, there]].tolist(), "caption": caption}
    save_picture(lambda: picture, about, f"{dataset.name}-change.png", place=chooser)


def all_strips(dataset: Dataset, space: FactorSpace, base: np.ndarray) -> np.ndarray:
    """Every factor sweep as a labelled row, the shorter ones filled up with grey."""
    longest = max(space.sizes)
    rows = []
    for number, size in enumerate(space.sizes):
        images = dataset.images(space.sweep(base, number))
        blank = images.new_full((longest - size, *images.shape[1:]), 128)
        rows.append(torch.cat([images, blank]))
    return labelled_grid(torch.stack(rows), list(space.names), size=16)
