"""The choice of the images of an embedding: traversals of a dataset with factors, or classes of one
without."""

import streamlit as st

from betavae_core.datasets import Dataset
from betavae_core.embedding.paths import FactorPath, grid, random_paths
from betavae_core.embedding.shown import (
    MOST_CLASSES,
    PER_CLASS,
    ShownImages,
    class_images,
    path_images,
    random_images,
    star_images,
)
from betavae_core.factors import FactorSpace, values_text
from pages._ui.factors import factor_sliders
from pages._ui.linked import number, one_of, several

PATHS = {
    "star": "star: one factor at a time",
    "grid": "grid: two factors together",
    "random": "random traversals",
}


def choose_images(dataset: Dataset) -> ShownImages:
    """The images to encode."""
    if dataset.space is not None:
        return _traversals(dataset, dataset.space)
    return _classes(dataset)


def _traversals(dataset: Dataset, space: FactorSpace) -> ShownImages:
    kind = one_of(
        st.segmented_control,
        "Images to encode",
        [kind for kind in PATHS if kind != "grid" or len(space.sizes) > 1],
        required=True,
        format_func=PATHS.__getitem__,
        key="visit",
        help="Star (as in the paper): from one image along every factor. Grid: every pair of "
        "values of two factors. Random traversals: from random images along every factor.",
    )
    base = space.median()
    paths: list[FactorPath]
    if kind == "random":
        count = number(st.slider, "Traversals per factor", 1, 8, 3, key="paths")
        paths = random_paths(space, count)
        about = f"{count} random traversals of every factor"
    else:
        if kind == "grid":
            usual = sorted(range(len(space.sizes)), key=lambda k: -space.sizes[k])[:2]
            one_at, two_at = st.columns(2)
            names = list(space.names)
            first, other = (names[k] for k in sorted(usual))
            one = one_of(
                one_at.selectbox, "First factor", names, default=first, key=f"one-{dataset.name}"
            )
            rest = [name for name in names if name != one]
            two = one_of(
                two_at.selectbox,
                "Second factor",
                rest,
                default=other if other in rest else rest[0],
                key=f"two-{dataset.name}",
            )
        st.markdown("Starting image")
        base = factor_sliders(dataset.name, space, median_hues=True)
        if kind == "star":
            return star_images(space, base)
        paths = grid(space, names.index(one), names.index(two), base)
        about = f"All values of {one} and {two} together, starting from {values_text(space, base)},"
    return path_images(space, paths, about)


def _classes(dataset: Dataset) -> ShownImages:
    """Random images of some classes, or of the whole dataset if it has no classes."""
    labels, classes = dataset.labels, list(dataset.classes)
    if labels is None:
        return random_images(len(dataset))
    shown = (
        several(
            st.multiselect,
            "Classes",
            classes,
            classes[:MOST_CLASSES],
            most=MOST_CLASSES,
            key=f"classes-{dataset.name}",
            help=f"Up to {MOST_CLASSES} classes; up to {PER_CLASS} random images of each.",
        )
        or classes[:1]
    )
    return class_images(labels, classes, shown)
