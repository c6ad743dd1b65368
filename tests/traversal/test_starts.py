"""Images to start from: they differ."""

from pathlib import Path

import numpy as np
import pytest

from betavae_core.datasets import load_dataset
from betavae_core.factors import FactorSpace
from betavae_core.traversal.starts import sprite_of, varied_images
from tests.datasets.own.images import class_folder


@pytest.mark.parametrize("name", ["2dshapes", "3dshapes", "mpi3d-toy"])
def test_images_of_known_factors_differ_in_all_of_them(name: str) -> None:
    dataset = load_dataset(name, "rendered", prepare=False)
    space = dataset.space
    assert space is not None
    chosen = varied_images(dataset, 8)
    rows = np.array([row for row, _ in chosen])
    assert len(set(rows.tolist())) == 8
    np.testing.assert_array_equal(space.factors(rows[:1])[0], space.median())
    for factor, column in enumerate(space.factors(rows).T):
        assert len(set(column.tolist())) >= min(space.sizes[factor], 3), space.names[factor]
        assert np.ptp(column) >= 0.7 * (space.sizes[factor] - 1), space.names[factor]
    assert varied_images(dataset, 8) == chosen


def test_a_small_grid_has_no_more_images_than_it_has() -> None:
    class Grid:
        space = FactorSpace(("a", "b"), (2, 1))

    assert len(varied_images(Grid(), 8)) == 2  # type: ignore[arg-type]


def test_images_of_classes_are_of_different_ones(tmp_path: Path) -> None:
    names = [f"class {n}" for n in range(5)]
    dataset = load_dataset("folder", root=class_folder(tmp_path / "pictures", names, 3))
    assert [label for _, label in varied_images(dataset, 5)] == names
    few = varied_images(dataset, 3)
    assert [label for _, label in few] == [names[0], names[2], names[4]]
    assert dataset.labels is not None
    assert [int(dataset.labels[row]) for row, _ in few] == [0, 2, 4]


def test_only_2dshapes_has_sprites() -> None:
    assert sprite_of("3dshapes", 4) is None
    assert sprite_of("2dshapes", None) is None
    sprite = sprite_of("2dshapes", 0)
    assert sprite == {"shape": 0, "scale": 0.5, "orientation": 0.0, "x": 0.0, "y": 0.0}
