"""Ground-truth traversals: the images of the dataset that they visit, in order."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError, Refusal, wrong_value
from ..factors import FactorSpace
from ..rng import generator


@dataclass(frozen=True)
class FactorPath:
    """Images along one factor, in the order of its values."""

    factor: int
    rows: np.ndarray  # (n,) indices of the dataset


def star(space: FactorSpace, base: np.ndarray | None = None) -> list[FactorPath]:
    """A path for every factor through all its values, with the others fixed; all paths pass through
    `base` (K,), by default the median of every factor (paper, Fig 5)."""
    start = space.median() if base is None else np.asarray(base)
    return [FactorPath(k, space.sweep(start, k)) for k in range(len(space.sizes))]


def grid(
    space: FactorSpace, one: int, two: int, base: np.ndarray | None = None
) -> list[FactorPath]:
    """Two factors through all combinations of their values, the others at `base`: the lines of a
    net, those along `one` first. Raises `InputError` for the same factor twice."""
    if one == two:
        raise InputError(
            f"A grid needs two different factors, got {space.names[one]} twice.",
            Refusal.VALUE,
            name="factors",
            expected="two different ones",
        )
    start = space.median() if base is None else np.asarray(base)
    paths = []
    for along, across in ((one, two), (two, one)):
        for value in range(space.sizes[across]):
            moved = start.copy()
            moved[across] = value
            paths.append(FactorPath(along, space.sweep(moved, along)))
    return paths


def random_paths(space: FactorSpace, count: int, seed: int = 0) -> list[FactorPath]:
    """`count` paths along every factor, each through a uniform random image of its own."""
    if count < 1:
        raise wrong_value("Random traversals", "a count of at least 1", count, "need")
    random = generator(seed, "paths")
    return [
        FactorPath(k, space.sweep(space.factors(space.sample(1, random).numpy())[0], k))
        for k in range(len(space.sizes))
        for _ in range(count)
    ]
