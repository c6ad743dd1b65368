"""The panels of an embedding: the points of the same images, a panel for each run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .panel import Drawn
from .projections import Projection
from .window import Window, window_of


@dataclass(frozen=True)
class Panel:
    """One run's embedding of all images."""

    title: str
    note: str
    points: np.ndarray  # (N, 2)
    ellipses: np.ndarray | None = None  # (N, 3): half axes and angle in degrees, 1 σ
    numbers: str = ""  # measurements, below the picture
    origin: bool = True  # whether (0, 0) is the prior's mean and lengths are in its σ
    held: np.ndarray | None = None  # (M, 2) points that the axes hold, too: of other states


@dataclass(frozen=True)
class Morph:
    """The positions of all images over β."""

    betas: list[float]  # ascending
    points: np.ndarray  # (B, N, 2)
    marks: list[float]  # below the slider: β of the separate models
    value: float  # β at first


@dataclass(frozen=True)
class Line:
    """Images that belong together, in order."""

    group: str  # name of its group
    points: np.ndarray  # (n,) positions of the images
    joined: bool = True


def drawn(panel: Panel, lines: Sequence[Line], colours: Mapping[str, str]) -> list[Drawn]:
    """The lines of images in a panel; colours: of the groups, by name."""
    points, widths = panel.points, panel.ellipses
    return [
        Drawn(
            line.group,
            colours[line.group],
            points[line.points],
            line.joined,
            None if widths is None else widths[line.points],
        )
        for line in lines
    ]


def projected(mapped: Projection, mean: np.ndarray, axes: int = 2) -> np.ndarray:
    """Codes (N, D) to points (N, axes), with columns of 0 if the map has fewer; they are not
    centred, so that the origin is the prior's mean."""
    return filled(mean @ mapped.axes.T, axes)


def filled(points: np.ndarray, columns: int) -> np.ndarray:
    """Coordinates with columns of 0 if a run has fewer latents than the map has axes."""
    return np.pad(points, ((0, 0), (0, columns - points.shape[1])))


def shares(mapped: Projection, names: Sequence[str] = ("PC 1", "PC 2", "PC 3")) -> str:
    """The share of the variance along each axis, in words."""
    each = enumerate(mapped.explained)
    return ", ".join(f"{names[axis]} {share:.0%}" for axis, share in each)


def windows(panels: Sequence[Panel], *, shared: bool) -> list[Window]:
    """The window of each panel; shared: the same for all."""
    if shared:
        points, widths = [panel.points for panel in panels], [panel.ellipses for panel in panels]
        points += [panel.held for panel in panels if panel.held is not None]
        origin = all(panel.origin for panel in panels)
        return [window_of(points, widths, origin=origin)] * len(panels)
    return [
        window_of(
            [p.points] if p.held is None else [p.points, p.held], [p.ellipses], origin=p.origin
        )
        for p in panels
    ]


def ellipses(axes: np.ndarray, log_var: np.ndarray) -> np.ndarray:
    """The 1-σ ellipses of diagonal posteriors under a linear map: axes (2, D), log_var (N, D) to
    (N, 3), the half axes, the long one first, and the angle in degrees."""
    spread = np.einsum("ad,nd,bd->nab", axes, np.exp(log_var), axes)  # (N, 2, 2) covariances
    values, vectors = np.linalg.eigh(spread)
    half = np.sqrt(values.clip(0))
    angle = np.degrees(np.arctan2(vectors[:, 1, 1], vectors[:, 0, 1]))
    return np.stack([half[:, 1], half[:, 0], angle], 1)


def where_the_prior_is(panels: Sequence[Panel], *, shared: bool) -> str:
    """The caption's sentences about the cross and the scale."""
    shown = [window.holds_origin for window in windows(panels, shared=shared)]
    outside = [panel.title for panel, inside in zip(panels, shown, strict=True) if not inside]
    said = " Scale bars: standard deviations (σ) of the prior."
    if any(shown):
        said += " Grey cross: the mean of the prior"
        elsewhere = f"; it lies outside the panel of {' and of '.join(outside)}"
        return said + elsewhere * bool(outside) + "."
    return said + " The mean of the prior lies outside the panels."
