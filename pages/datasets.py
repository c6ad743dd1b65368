"""What are the factors of variation?"""

import numpy as np
import streamlit as st

from betavae_core.datasets import DATASETS, Dataset
from betavae_core.factors import FactorSpace
from betavae_core.figures import grid, png
from pages._ui.factors import factor_sliders, value_text
from pages._ui.runs import open_dataset
from pages._ui.style import plain_errors

ROW = 20  # images per line of a strip


def strip(dataset: Dataset, space: FactorSpace, base: np.ndarray, factor: int) -> bytes:
    """The images with every value of one factor, the others as in `base`, ROW to a line."""
    indices = space.sweep(base, factor)
    images = dataset.images(indices)
    lines = -(-len(images) // ROW)
    per_line = -(-len(images) // lines)
    blank = images.new_full((lines * per_line - len(images), *images.shape[1:]), 128)
    rows = np.concatenate([images, blank]).reshape(lines, per_line, *images.shape[1:])
    return png(grid(images.new_tensor(rows)))


st.title("What are the factors of variation?")
with plain_errors():
    name = st.selectbox(
        "Dataset",
        list(DATASETS),
        format_func=lambda n: DATASETS[n].title,
        key="data",
        bind="query-params",
    )
    dataset = open_dataset(name, None)
    space = dataset.space
    colour = "blue" if dataset.source == "rendered" else "green"
    st.markdown(
        f":{colour}-badge[{dataset.source}] {len(dataset):,} images, "
        f"{' × '.join(str(n) for n in dataset.shape[1:])} pixels, "
        f"{'binary' if dataset.name == '2dshapes' else f'{dataset.shape[0]} channels'}"
    )
    if space is None:
        st.info("This dataset has no known factors.")
        st.stop()

    picture, sliders = st.columns([2, 3], gap="large")
    with sliders:
        base = factor_sliders(space)
    index = int(space.index(base[None])[0])
    image = dataset.images([index])
    picture.image(
        png(grid(image[None], scale=6, gap=1)),
        width="stretch",
        output_format="PNG",
        caption=f"image {index:,} of {len(dataset):,}",
    )

    st.subheader("One factor at a time")
    st.caption(
        "Each strip changes one factor through all its values; the others stay as set above."
    )
    for number, factor in enumerate(space.names):
        first, last = (value_text(space, number, i) for i in (0, space.sizes[number] - 1))
        size = space.sizes[number]
        st.markdown(f"**{factor}** :gray[{size} values, {first} … {last}]")
        st.image(
            strip(dataset, space, base, number),
            width="stretch" if size > 10 else 64 * size,
            output_format="PNG",
        )
    where = (
        "Drawn here, from the published description of the dataset; the official file is used "
        "instead where it is found."
        if dataset.source == "rendered"
        else "Read from the official file."
    )
    st.caption(f"{where} [About the dataset]({DATASETS[name].homepage})")
