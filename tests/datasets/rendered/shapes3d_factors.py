"""The factors of a real image of 3Dshapes, read off its pixels."""

import numpy as np

from betavae_core.datasets.rendered import shapes3d
from betavae_core.datasets.rendered.shapes3d import SKY, VIEWS

PALETTE = shapes3d._palette().numpy()  # (10, 3)


def hues(images: np.ndarray) -> np.ndarray:
    """The nearest of the ten hues to each pixel (…, 3), whatever its brightness."""
    pure = images / np.maximum(images.max(-1, keepdims=True), 1)
    return ((pure[..., None, :] - PALETTE) ** 2).sum(-1).argmin(-1)


def most(values: np.ndarray) -> int:
    return int(np.bincount(values.ravel()).argmax())


def read(image: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """The six factors of a real image: colours from where floor, wall and object always are, the
    view as the one whose rendering is nearest."""
    hue = hues(image)
    sky = abs(image - np.array(SKY)).max(-1) <= 12
    sides = np.zeros_like(sky)
    sides[24:36, [*range(1, 8), *range(56, 63)]] = True
    colours = [most(hue[60:63, 1:6]), most(hue[sides & ~sky]), most(hue[44:50, 29:35])]
    mixed = np.stack([*PALETTE[colours], np.array(SKY) / 255, np.ones(3)])  # (5, 3)
    rendered = np.tensordot(maps, mixed, (1, 0))  # (480, 64, 64, 3)
    view = abs(rendered - image)[:, 1:63, 1:63].mean((1, 2, 3)).argmin()
    return np.array([*colours, *VIEWS.factors(np.array([view]))[0]])
