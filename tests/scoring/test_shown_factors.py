"""Which factors reconstructions show: right answers that are known by construction."""

import pytest
import torch
import torch.nn.functional as F

from betavae_core.datasets import load_dataset
from betavae_core.datasets.base import to_float
from betavae_core.datasets.rendered.shapes2d import SPACE, render
from betavae_core.scoring.shown_factors import explained_changes
from tests.oracles import one_sentence

DATASET = load_dataset("2dshapes", "rendered")


def test_perfect_reconstructions_make_every_change() -> None:
    found = explained_changes(lambda x: x, DATASET, pairs=50)
    assert list(found) == list(SPACE.names)
    assert list(found.values()) == pytest.approx([1.0] * 5)


def test_constant_reconstructions_make_none() -> None:
    found = explained_changes(lambda x: torch.zeros_like(x) + 0.1, DATASET, pairs=50)
    assert list(found.values()) == pytest.approx([0.0] * 5)


def test_half_of_a_change_explains_three_quarters() -> None:
    """1 − (1 − ½)², by hand."""
    found = explained_changes(lambda x: x / 2, DATASET, pairs=50)
    assert list(found.values()) == pytest.approx([0.75] * 5)


def test_other_images_are_worse_than_none() -> None:
    found = explained_changes(lambda x: x.flip(0), DATASET, pairs=300)
    assert all(share < -0.3 for share in found.values())


def test_a_factor_that_is_not_drawn_is_not_shown() -> None:
    """Reconstructions that know all but the shape: everything is drawn as an ellipse."""
    seen: dict[bytes, torch.Tensor] = {}

    def as_ellipse(x: torch.Tensor) -> torch.Tensor:
        found = torch.stack([seen[image.numpy().tobytes()] for image in x])
        found[:, 0] = 1
        return to_float(render(found))

    class Remembering(type(DATASET)):  # type: ignore[misc]
        def images(self, indices: torch.Tensor) -> torch.Tensor:
            made = super().images(indices)
            for image, values in zip(
                to_float(made), SPACE.factors(torch.as_tensor(indices)), strict=True
            ):
                seen[image.numpy().tobytes()] = values
            return made

    found = explained_changes(as_ellipse, Remembering(), pairs=200)
    assert found["shape"] == pytest.approx(0.0, abs=1e-9)
    assert found["position x"] > 0.4 > found["scale"] > 0.05
    assert found["orientation"] < 0  # an ellipse turns by half a turn where a square has none


def test_blurred_reconstructions_show_places_but_no_shapes() -> None:
    def blurred(x: torch.Tensor) -> torch.Tensor:
        return F.avg_pool2d(x, 15, 1, 7)

    found = explained_changes(blurred, DATASET, pairs=300)
    assert found["position x"] > found["scale"] > 0
    assert found["shape"] < 0.5 < found["position x"]


def test_a_dataset_without_factors_is_refused() -> None:
    class Unknown(type(DATASET)):  # type: ignore[misc]
        space = None

    with one_sentence("no known factors"):
        explained_changes(lambda x: x, Unknown())
