"""The images of an embedding: traversals of a dataset with factors, or classes of one without."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from ..factors import FactorSpace, values_text
from ..pictures.colours import CLASS_COLOURS, FACTOR_COLOURS
from ..rng import generator
from .panels import Line
from .paths import FactorPath, star

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

    @property
    def paths(self) -> list[FactorPath]:
        """The lines as paths through the dataset, with the number of their group."""
        rows = np.array(self.rows)
        return [FactorPath(line.factor, rows[line.points]) for line in self.lines]


def path_images(space: FactorSpace, paths: Sequence[FactorPath], about: str) -> ShownImages:
    """The images along paths, a group per factor."""
    rows, place = np.unique(np.concatenate([path.rows for path in paths]), return_inverse=True)
    parts = np.split(place, np.cumsum([len(path.rows) for path in paths])[:-1])
    lines = [Numbered(path.factor, part) for path, part in zip(paths, parts, strict=True)]
    labels = [values_text(space, values, "\n") for values in space.factors(rows)]
    return ShownImages(tuple(rows.tolist()), lines, list(space.names), True, labels, about)


def star_images(space: FactorSpace, base: np.ndarray | None = None) -> ShownImages:
    """The images of `star`: from one image along every factor."""
    start = space.median() if base is None else base
    about = (
        f"Every factor in turn through all its values, starting from {values_text(space, start)}"
    )
    return path_images(space, star(space, start), f"{about},")


def random_images(size: int, most: int = MOST_CLASSES * PER_CLASS) -> ShownImages:
    """Random images of a dataset of this size that has no classes."""
    count = min(size, most)
    drawn = torch.randperm(size, generator=generator(0, "visited"))[:count].numpy()
    line = Numbered(0, np.arange(count))
    named = [f"image {row:,}" for row in drawn]
    about = f"{count:,} random images"
    return ShownImages(tuple(drawn.tolist()), [line], ["images"], False, named, about)


def class_images(
    labels: np.ndarray, classes: Sequence[str], shown: Sequence[str], per_class: int = PER_CLASS
) -> ShownImages:
    """Random images of some classes, a group each; labels (N,): numbers of `classes`."""
    rows: list[int] = []
    lines = []
    for group, name in enumerate(shown):
        here = np.flatnonzero(labels == classes.index(name))
        random = generator(0, f"visited/{name}")
        drawn = here[torch.randperm(len(here), generator=random)[:per_class].numpy()]
        lines.append(Numbered(group, np.arange(len(rows), len(rows) + len(drawn))))
        rows += drawn.tolist()
    named = [f"{classes[labels[row]]}\nimage {row:,}" for row in rows]
    counts = sorted({len(line.points) for line in lines})
    each = f"{counts[0]} random" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    about = f"{each} images of each of {len(shown)} classes"
    return ShownImages(tuple(rows), lines, list(shown), False, named, about)


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
