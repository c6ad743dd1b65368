"""What are the factors of variation?"""

from functools import partial

import numpy as np
import streamlit as st
import torch

from betavae_core.datasets import DATASETS, Dataset
from betavae_core.describe import dataset_facts
from betavae_core.factors import FactorSpace
from betavae_core.figures import change, grid, labelled_grid, png, strip
from betavae_core.rng import generator
from pages._ui.charts import save_picture
from pages._ui.choose import choose_dataset
from pages._ui.factors import factor_sliders, value_text
from pages._ui.links import settled
from pages._ui.runs import title
from pages._ui.style import plain, plain_errors

MOSAIC = (4, 14)  # rows and columns of random images


def describe(dataset: Dataset) -> None:
    colour = {"rendered": "blue", "official": "green", "own": "violet"}[dataset.source]
    channels, height, width = dataset.shape
    facts = [
        f"{len(dataset):,} images",
        f"{width} × {height} pixels",
        "colour" if channels == 3 else "grey",
    ]
    if dataset.name == "2dshapes":
        facts[-1] = "binary"
    if dataset.note:
        facts.append(dataset.note)
    about = DATASETS[dataset.name].about if dataset.name in DATASETS else ""
    st.markdown(f":{colour}-badge[{dataset.source}] {', '.join(facts)}. :gray[{about}]")
    if dataset.skipped:
        count = len(dataset.skipped)
        st.warning(
            f"{count:,} image{' was' if count == 1 else 's were'} not readable and left out: "
            + ", ".join(dataset.skipped[:5])
            + (", …" if count > 5 else ".")
        )


def mosaic(dataset: Dataset) -> None:
    """Random images, the same for everybody with the same link."""
    linked = st.query_params.get("mosaic", "")
    number = int(linked) if linked.isdecimal() and len(linked) < 9 else 0
    rows, columns = MOSAIC
    source = generator(number, f"mosaic/{dataset.name}")
    indices = torch.randint(len(dataset), (rows * columns,), generator=source)
    images = dataset.images(indices)
    picture = grid(images.reshape(rows, columns, *dataset.shape))
    st.image(png(picture), width="stretch", output_format="PNG")
    # its own are the defaults, on a machine that has other sources, too
    settled({"data": title(dataset.name), "source": dataset.source, "mosaic": str(number)})
    text, save, button = st.columns([5, 1, 1], vertical_alignment="center")
    caption = f"{rows * columns} uniform random images of {len(dataset):,}."
    text.caption(caption)
    about = dataset_facts(dataset) | {"images": indices.tolist(), "caption": caption}
    save_picture(lambda: picture, about, f"{dataset.name}-images.png", place=save)
    if button.button("Others", icon=":material/shuffle:", width="stretch"):
        st.query_params["mosaic"] = str(number + 1)
        st.rerun()


def what_changes(dataset: Dataset, space: FactorSpace, base: np.ndarray) -> None:
    """The image, the image one step further in one factor, and where they differ."""
    st.subheader("What changes")
    chooser, pictures = st.columns([2, 3], gap="large", vertical_alignment="center")
    factor = space.names.index(
        chooser.selectbox(
            "when this factor moves by one value", space.names, key="factor", bind="query-params"
        )
    )
    here = int(base[factor])
    size = space.sizes[factor]
    if size == 1:
        chooser.caption("This factor has one value only.")
        return
    there = here + 1 if here + 1 < size else here - 1
    row = space.sweep(base, factor)
    before, after = dataset.images(row[[here, there]])
    difference, count = change(before, after)
    shown = torch.stack([before.expand(3, -1, -1), after.expand(3, -1, -1), difference])
    picture = grid(shown[None], scale=3, gap=1)
    pictures.image(png(picture), width="stretch", output_format="PNG")
    caption = (
        f"{space.names[factor]} {value_text(space, factor, here)} → "
        f"{value_text(space, factor, there)}: {count:,} of {before[0].numel():,} pixels change. "
        "Right: the absolute difference, scaled so that the largest is white."
    )
    chooser.caption(plain(caption))
    about = dataset_facts(dataset) | {"images": row[[here, there]].tolist(), "caption": caption}
    save_picture(lambda: picture, about, f"{dataset.name}-change.png", place=chooser)


def all_strips(dataset: Dataset, space: FactorSpace, base: np.ndarray) -> np.ndarray:
    """Every factor's sweep a labelled row, the shorter ones filled up with grey."""
    longest = max(space.sizes)
    rows = []
    for number, size in enumerate(space.sizes):
        images = dataset.images(space.sweep(base, number))
        blank = images.new_full((longest - size, *images.shape[1:]), 128)
        rows.append(torch.cat([images, blank]))
    return labelled_grid(torch.stack(rows), list(space.names), size=16)


st.title("What are the factors of variation?")
with plain_errors():
    dataset = choose_dataset()
    describe(dataset)
    mosaic(dataset)
    space = dataset.space
    if space is None:
        st.info(
            "This dataset has no known factors of variation: nobody wrote down what made each "
            "image. Models can be trained on it; disentanglement cannot be scored."
        )
        st.stop()

    st.subheader("Choose the factors")
    picture, sliders = st.columns([2, 3], gap="large")
    with sliders:
        base = factor_sliders(dataset.name, space)
    index = int(space.index(base[None])[0])
    image = dataset.images([index])
    caption = f"image {index:,} of {len(dataset):,}"
    picture.image(
        png(grid(image[None], scale=6, gap=1)),
        width="stretch",
        output_format="PNG",
        caption=caption,
    )
    about = dataset_facts(dataset) | {"image": index, "caption": caption}
    save_picture(
        partial(grid, image[None], scale=6, gap=1),
        about,
        f"{dataset.name}-{index}.png",
        place=picture,
    )
    what_changes(dataset, space, base)

    st.subheader("One factor at a time")
    caption = "Each strip changes one factor through all its values; the others stay as set above."
    text, save = st.columns([6, 1], vertical_alignment="center")
    text.caption(caption)
    about = dataset_facts(dataset) | {"image": index, "rows": list(space.names), "caption": caption}
    save_picture(
        partial(all_strips, dataset, space, base), about, f"{dataset.name}-factors.png", place=save
    )
    for number, factor in enumerate(space.names):
        first, last = (value_text(space, number, i) for i in (0, space.sizes[number] - 1))
        size = space.sizes[number]
        st.markdown(f"**{factor}** :gray[{size} values, {first} … {last}]")
        st.image(
            png(strip(dataset.images(space.sweep(base, number)))),
            width="stretch" if size > 10 else 64 * size,
            output_format="PNG",
        )
    entry = DATASETS.get(dataset.name)
    if entry is None:
        st.caption("Your own images.")
    elif dataset.source == "rendered":
        st.caption(
            f"Drawn here, not downloaded. {entry.likeness} The official file is used instead where "
            f"it is found. [About the dataset]({entry.homepage})"
        )
    else:
        st.caption(f"Read from the official file. [About the dataset]({entry.homepage})")
