"""The images of a first look: by a rule, large and different."""

import numpy as np
import pytest

from betavae_core.datasets.mapped import MappedDataset
from betavae_core.datasets.rendered import shapes2d
from betavae_core.datasets.rendered.mpi3d_toy import SPACE as ARM
from betavae_core.datasets.telling import telling_factors, telling_images
from betavae_core.factors import FactorSpace

NAMES = {name: k for k, name in enumerate(shapes2d.SPACE.names)}


@pytest.mark.parametrize("count", [8, 12])
def test_shapes_are_large_and_all_there(count: int) -> None:
    factors = telling_factors(shapes2d.SPACE, count)
    assert set(factors[:, NAMES["scale"]]) == {5}
    shapes = np.bincount(factors[:, NAMES["shape"]], minlength=3)
    assert shapes.min() >= count // 4
    for name in ("position x", "position y"):
        halves = np.bincount(factors[:, NAMES[name]] // 16, minlength=2)
        assert halves.min() >= count // 3
        assert len(set(factors[:, NAMES[name]])) >= count - 2


def test_more_images_begin_with_the_fewer() -> None:
    assert (telling_factors(ARM, 12)[:8] == telling_factors(ARM, 8)).all()


def test_every_value_lies_in_its_factor() -> None:
    for space in (shapes2d.SPACE, ARM, FactorSpace(["size", "x"], [1, 1]), FactorSpace(["k"], [2])):
        factors = telling_factors(space, 50)
        assert (factors >= 0).all()
        assert (factors < np.array(space.sizes)).all()
        assert len(space.index(factors)) == 50


def plain(labels: np.ndarray | None, count: int = 60) -> MappedDataset:
    images = np.zeros((count, 8, 8, 3), np.uint8)
    classes = [] if labels is None else [f"class {n}" for n in range(labels.max() + 1)]
    return MappedDataset(
        "plain", "plain", "own", images, key="plain", labels=labels, classes=classes
    )


def test_classes_come_evenly() -> None:
    labels = np.arange(60) % 3
    rows = telling_images(plain(labels), 12)
    assert np.bincount(labels[rows]).tolist() == [4, 4, 4]
    assert len(set(rows.tolist())) == 12
    many = np.arange(60)
    assert np.diff(many[telling_images(plain(many), 12)]).tolist() == [5] * 11


def test_images_without_classes_are_spread() -> None:
    assert telling_images(plain(None), 12).tolist() == list(range(0, 60, 5))
    assert telling_images(plain(None, 5), 12).max() == 4
