"""What are the factors of variation?"""

from functools import partial

import streamlit as st

from betavae_core.datasets import DATASETS, Dataset
from betavae_core.factors import value_text
from betavae_core.pictures.files import png
from betavae_core.pictures.grids import grid
from betavae_core.provenance import dataset_facts
from pages._ui.address import addressed, end_page
from pages._ui.charts import picture_file, save_picture
from pages._ui.choose_dataset import choose_dataset
from pages._ui.datasets.pictures import all_strips, mosaic, sweep_strip, what_changes
from pages._ui.factors import factor_sliders
from pages._ui.runs import prepare
from pages._ui.style import plain_errors

COLOURS = {"rendered": "blue", "official": "green", "excerpt": "orange", "own": "violet"}


def describe(dataset: Dataset) -> None:
    colour = COLOURS[dataset.source]
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
        st.warning(dataset.left_out())


st.title("What are the factors of variation?")
with addressed("datasets"), plain_errors():
    dataset = choose_dataset()
    describe(dataset)
    mosaic(dataset)
    space = dataset.space
    if space is None:
        st.info(
            "This dataset has no known factors of variation: it does not record what generated "
            "each image. Models can be trained on it"
            + " (on the official images, not on this excerpt)" * (dataset.source == "excerpt")
            + ", but their disentanglement cannot be scored."
        )
        end_page()

    st.header("Choose the factors")
    picture, sliders = st.columns([2, 3], gap="large")
    with sliders:
        base = factor_sliders(dataset.name, space)
    index = int(space.index(base[None])[0])
    prepare(dataset, [index])
    image = dataset.images([index])
    caption = f"image {index:,} of {len(dataset):,}"
    picture.image(
        png(grid(image[None], scale=6, gap=1)),
        width="stretch",
        output_format="PNG",
        caption=caption,
        alt=f"{dataset.title}, {caption}",
    )
    about = dataset_facts(dataset) | {"image": index, "caption": caption}
    save_picture(
        partial(grid, image[None], scale=6, gap=1),
        about,
        f"{dataset.name}-{index}.png",
        place=picture,
    )
    what_changes(dataset, space, base)

    st.header("One factor at a time")
    caption = (
        "Each strip shows one factor through all its values; the other factors stay as set above."
    )
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
            picture_file(partial(sweep_strip, dataset, space, base, number)),
            width="stretch" if size > 10 else 64 * size,
            output_format="PNG",
            alt=f"{factor} from {first} to {last}, {size} images",
        )
    entry = DATASETS.get(dataset.name)
    if entry is None:
        st.caption("Source of the data: your own images.")
    elif dataset.source == "rendered":
        official = "If the official file is found, it is used instead. " * bool(entry.official)
        st.caption(
            f"Source of the data: rendered on this machine, not downloaded. {entry.likeness} "
            f"{official}[About the dataset]({entry.homepage})"
        )
    else:
        st.caption(f"Source of the data: the official file. [About the dataset]({entry.homepage})")
