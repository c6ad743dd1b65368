"""The positions of the paths' names in an embedding's panel: at an end of the path, not over one
another, and away from other points if there is room. Positions are fractions of the side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

HEIGHT = 0.055  # of a line of text
LETTER = 0.5  # the width of one, of the height
DOT = 0.9  # the width of the coloured dot before a name, of the height
MOST_ENDS, MOST_POINTS = 12, 600  # points of a group, and points to keep clear: more changes little
REACHES = (0.045, 0.08, 0.13, 0.2, 0.3, 0.42)  # largest distance of a name from the end
DIRECTIONS = 12
EDGE = 0.01  # distance of a name from the frame


@dataclass(frozen=True)
class Name:
    """A name, the middle of its left end, and its point."""

    group: str
    x: float
    y: float
    of: tuple[float, float]
    height: float = HEIGHT

    @property
    def leader(self) -> np.ndarray:
        """From the point to the nearest part of the name, (2, 2)."""
        left, upper, right, lower = self.box
        return np.stack([self.of, np.clip(self.of, [left, upper], [right, lower])])

    @property
    def box(self) -> np.ndarray:
        """Left, upper, right and lower edge, (4,)."""
        wide, half = width(self.group, self.height), self.height / 2
        return np.array([self.x, self.y - half, self.x + wide, self.y + half])


def width(group: str, height: float = HEIGHT) -> float:
    """The estimated width of a name with its dot."""
    return height * (DOT + LETTER * len(group))


def place_names(paths: Mapping[str, Sequence[np.ndarray]], height: float = HEIGHT) -> list[Name]:
    """One name per group of paths (n, 2), which are ordered positions in the panel; height: of a
    line of text.

    Each gets its cheapest position, the widest groups first: near the end of a path, or near its
    farthest point if both ends are taken; over few points; over another name only if there is no
    other position.
    """
    everything = np.concatenate([path for each in paths.values() for path in each])
    points = everything[:: -(-len(everything) // MOST_POINTS)]
    placed: list[Name] = []
    order = sorted(paths, key=lambda group: -np.ptp(np.concatenate(paths[group]), axis=0).max())
    for group in order:
        ends, extra = _ends(paths[group], everything.mean(0))
        placed.append(_cheapest(group, height, ends, extra, points, placed))
    return sorted(placed, key=lambda name: list(paths).index(name.group))


def _ends(paths: Sequence[np.ndarray], centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2) for a name, and their costs (n,): the last and first points of the paths, and
    the one farthest from their common crossing."""
    some = paths[:: -(-len(paths) // MOST_ENDS)]
    together = np.concatenate(some)
    farthest = together[[np.linalg.norm(together - centre, axis=1).argmax()]]
    last, first = (np.stack([path[at] for path in some]) for at in (-1, 0))
    costs = np.repeat([0.0, 0.03, 0.06], [len(last), len(first), 1])
    return np.concatenate([last, first, farthest]), costs


def _cheapest(
    group: str,
    height: float,
    ends: np.ndarray,
    extra: np.ndarray,
    points: np.ndarray,
    placed: list[Name],
) -> Name:
    wide, half = width(group, height), height / 2
    turn = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    direction = np.stack([np.cos(turn), np.sin(turn)], 1)
    away = (np.array(REACHES)[:, None, None] * direction).reshape(-1, 2)
    at = (ends[:, None] + away).reshape(-1, 2)  # the nearest part of the name
    to_right = np.tile(away[:, 0], len(ends)) / np.tile(np.linalg.norm(away, axis=1), len(ends))
    x = at[:, 0] - wide * (1 - to_right) / 2
    x = x.clip(EDGE, max(1 - EDGE - wide, EDGE))
    y = at[:, 1].clip(EDGE + half, 1 - EDGE - half)
    boxes = np.stack([x, y - half, x + wide, y + half], 1)
    origin = np.repeat(ends, len(away), axis=0)
    nearest = np.stack([origin[:, 0].clip(x, x + wide), origin[:, 1].clip(y - half, y + half)], 1)
    inside = (
        (points[:, 0] > boxes[:, None, 0] - 0.01)
        & (points[:, 0] < boxes[:, None, 2] + 0.01)
        & (points[:, 1] > boxes[:, None, 1])
        & (points[:, 1] < boxes[:, None, 3])
    )
    cost = np.repeat(extra, len(away)) + 2 * np.linalg.norm(nearest - origin, axis=1)
    cost += 0.03 * np.minimum(inside.sum(1), 20)
    for name in placed:
        other = name.box
        apart = (boxes[:, [0, 1]] >= other[[2, 3]]) | (boxes[:, [2, 3]] <= other[[0, 1]])
        cost += 10 * ~apart.any(1)
    best = int(cost.argmin())
    return Name(group, float(x[best]), float(y[best]), tuple(origin[best].tolist()), height)
