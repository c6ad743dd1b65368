"""The images of an embedding: traversals of a dataset with factors, or classes of one without."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
import torch

from betavae_core.datasets import Dataset
from betavae_core.embedding.paths import FactorPath, grid, random_paths, star
from betavae_core.factors import FactorSpace
from betavae_core.pictures.colours import CLASS_COLOURS, FACTOR_COLOURS
from betavae_core.rng import generator
from pages._ui.factors import factor_sliders, value_text
from pages._ui.latent_space.embedding_map import Line
from pages._ui.linked import number, one_of, several

PATHS = {
    "star": "star: one factor at a time",
    "grid": "grid: two factors together",
    "random": "random traversals",
}
MOST_CLASSES = len(CLASS_COLOURS)
PER_CLASS = 40
THINNING_SEED = 0


@dataclass(frozen=True)
class Numbered:
    """A line with the number of its group."""

    factor: int
    points: np.ndarray


@dataclass(frozen=True)
class ShownImages:
    """Distinct images and the lines that they form."""

    rows: tuple[int, ...]  # the dataset's indices, each once
    lines: list[Numbered]  # positions in `rows`
    names: list[str]  # of the groups
    joined: bool
    labels: list[str]  # of the images, for pointing
    about: str

    @property
    def groups(self) -> dict[str, str]:
        """Name → colour of the existing groups."""
        colours = FACTOR_COLOURS if self.joined else CLASS_COLOURS
        return {
            self.names[k]: colours[k % len(colours)]
            for k in dict.fromkeys(line.factor for line in self.lines)
        }

    @property
    def drawn(self) -> list[Line]:
        return [Line(self.names[line.factor], line.points, self.joined) for line in self.lines]


def thinned(visited: ShownImages, most: int) -> tuple[ShownImages, np.ndarray]:
    """At most this many of the images, drawn at random, with their positions, in order; paths go
    through the remaining images."""
    count = len(visited.rows)
    if count <= most:
        return visited, np.arange(count)
    drawn = torch.randperm(count, generator=generator(THINNING_SEED, "thinned"))[:most]
    kept = np.sort(drawn.numpy())
    place = np.full(count, -1)
    place[kept] = np.arange(most)
    lines = [
        Numbered(line.factor, left)
        for line in visited.lines
        if len(left := place[line.points][place[line.points] >= 0])
    ]
    rows, labels = (tuple(each[n] for n in kept) for each in (visited.rows, visited.labels))
    return replace(visited, rows=rows, lines=lines, labels=list(labels)), kept


def choose_images(dataset: Dataset) -> ShownImages:
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
        with st.expander("Choose the starting image"):
            base = factor_sliders(dataset.name, space, median_hues=True)
        if kind == "grid":
            paths = grid(space, names.index(one), names.index(two), base)
            about = f"All values of {one} and {two} together"
        else:
            paths = star(space, base)
            about = "Every factor in turn through all its values"
        values = ", ".join(
            f"{n} {value_text(space, k, int(v))}"
            for k, (n, v) in enumerate(zip(space.names, base, strict=True))
        )
        about += f", starting from {values},"
    rows, place = np.unique(np.concatenate([path.rows for path in paths]), return_inverse=True)
    parts = np.split(place, np.cumsum([len(path.rows) for path in paths])[:-1])
    lines = [Numbered(path.factor, part) for path, part in zip(paths, parts, strict=True)]
    labels = [
        "\n".join(
            f"{n} {value_text(space, k, int(v))}"
            for k, (n, v) in enumerate(zip(space.names, values, strict=True))
        )
        for values in space.factors(rows)
    ]
    return ShownImages(tuple(rows.tolist()), lines, list(space.names), True, labels, about)


def _classes(dataset: Dataset) -> ShownImages:
    """Random images of some classes, or of the whole dataset if it has no classes."""
    labels, classes = dataset.labels, list(dataset.classes)
    if labels is None:
        count = min(len(dataset), MOST_CLASSES * PER_CLASS)
        drawn = torch.randperm(len(dataset), generator=generator(0, "visited"))[:count].numpy()
        line = Numbered(0, np.arange(count))
        named = [f"image {row:,}" for row in drawn]
        about = f"{count:,} random images"
        return ShownImages(tuple(drawn.tolist()), [line], ["images"], False, named, about)
    shown = (
        several(
            st.multiselect,
            "Classes",
            classes,
            classes[:MOST_CLASSES],
            most=MOST_CLASSES,
            key=f"classes-{dataset.name}",
            help=f"Up to {MOST_CLASSES} classes; {PER_CLASS} random images of each are shown.",
        )
        or classes[:1]
    )
    rows: list[int] = []
    lines = []
    for group, name in enumerate(shown):
        here = np.flatnonzero(labels == classes.index(name))
        random = generator(0, f"visited/{name}")
        drawn = here[torch.randperm(len(here), generator=random)[:PER_CLASS].numpy()]
        lines.append(Numbered(group, np.arange(len(rows), len(rows) + len(drawn))))
        rows += drawn.tolist()
    named = [f"{classes[labels[row]]}\nimage {row:,}" for row in rows]
    about = f"{PER_CLASS} random images of each of {len(shown)} classes"
    return ShownImages(tuple(rows), lines, list(shown), False, named, about)
