"""Images to start traversals from."""

import numpy as np

from ..browser.live import SpriteSettings
from ..datasets import Dataset
from ..datasets.rendered import shapes2d
from ..embedding.shown import class_images, random_images
from ..factors import FactorSpace, values_text
from ..rng import generator

CANDIDATES = 2_000  # random images from which those that differ most are chosen


def sprite_of(dataset: str, index: int | None) -> SpriteSettings | None:
    """The factors of an image, if it is one shape of 2Dshapes."""
    if dataset != "2dshapes" or index is None:
        return None
    shape, scale, orientation, x, y = shapes2d.SPACE.factors(np.array([index]))[0].tolist()
    return {
        "shape": shape,
        "scale": float(shapes2d.SCALES[scale]),
        "orientation": float(shapes2d.ANGLES[orientation]),
        "x": float(shapes2d.POSITIONS[x]),
        "y": float(shapes2d.POSITIONS[y]),
    }


def varied_images(dataset: Dataset, count: int) -> list[tuple[int, str]]:
    """A few images that differ, each with its name for people: with known factors the median one
    and then always the one that differs most from those before; otherwise one of each of several
    classes, or random ones."""
    if dataset.space is not None:
        chosen = _farthest(dataset.space, min(count, dataset.space.size))
        factors = dataset.space.factors(np.array(chosen))
        return [
            (index, values_text(dataset.space, values))
            for index, values in zip(chosen, factors, strict=True)
        ]
    if dataset.labels is None:
        shown = random_images(len(dataset), count)
        return list(zip(shown.rows, shown.labels, strict=True))
    classes = list(dataset.classes)
    places = np.linspace(0, len(classes) - 1, min(count, len(classes))).round().astype(int)
    shown = class_images(dataset.labels, classes, [classes[place] for place in places], 1)
    return [(row, classes[dataset.labels[row]]) for row in shown.rows]


def _farthest(space: FactorSpace, count: int) -> list[int]:
    """Indices of images by farthest-first traversal (Gonzalez 1985) from the median: the distance
    is the sum over factors of the difference as a share of the factor's range, or whether they
    differ at all for factors whose values are names."""
    named = np.array([isinstance(values[0], str) for values in space.values])
    ranges = np.maximum(np.array(space.sizes) - 1, 1)
    rows = np.unique(space.sample(CANDIDATES, generator(0, "varied")).numpy())
    factors = space.factors(rows)
    chosen, latest = [int(space.index(space.median()[None])[0])], space.median()
    nearest = np.full(len(rows), np.inf)
    while len(chosen) < count:
        apart = np.abs(factors - latest)
        nearest = np.minimum(nearest, np.where(named, apart > 0, apart / ranges).sum(1))
        place = int(nearest.argmax())
        chosen.append(int(rows[place]))
        latest = factors[place]
    return chosen
