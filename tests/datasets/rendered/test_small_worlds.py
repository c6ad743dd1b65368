"""The small worlds: SpritesMini, which is 2Dshapes at a quarter of the pixels, and XYSquares, in
which all places of a square are equally far apart."""

import pytest
import torch

from betavae_core.config import RunConfig, preset
from betavae_core.datasets import config_dataset, load_dataset
from betavae_core.datasets.rendered import shapes2d, sprites_mini, xysquares
from betavae_core.models import build_vae
from betavae_core.presets import IMAGE_SHAPES, ONE_PASS, SMALL_WORLDS
from tests.oracles import one_sentence


@pytest.mark.parametrize("name", SMALL_WORLDS)
def test_numbers_about_a_world_are_those_of_its_images(name: str) -> None:
    dataset = load_dataset(name)
    channels, side = IMAGE_SHAPES[name]
    assert dataset.space is not None
    assert (len(dataset), dataset.source) == (ONE_PASS[name], "rendered")
    assert dataset.space.size == len(dataset)
    images = dataset.images([0, len(dataset) - 1])
    assert images.shape == (2, channels, side, side)
    assert images.dtype == torch.uint8


@pytest.mark.parametrize("name", SMALL_WORLDS)
def test_the_preset_of_a_world_trains_on_it(name: str) -> None:
    config = preset(name)
    assert config_dataset(config).shape == config.shape
    assert config.run_id == f"{name}-conv-beta4-seed123"
    model = build_vae(config)
    mean, _ = model.encode(torch.zeros(2, *config.shape))
    assert model.decode(mean).shape == (2, *config.shape)


@pytest.mark.parametrize("name", SMALL_WORLDS)
def test_there_is_no_official_file(name: str) -> None:
    with one_sentence("no official file"):
        load_dataset(name, "official")
    with one_sentence("no official file"):
        config_dataset(RunConfig(dataset=name, source="official"))


def test_sprites_mini_is_2dshapes_at_a_quarter_of_the_pixels() -> None:
    rows = torch.arange(0, sprites_mini.SPACE.size, 7)
    shape, scale, x, y = sprites_mini.SPACE.factors(rows).unbind(1)
    full = shapes2d.SPACE.index(torch.stack([shape, scale, 0 * x, 2 * x, 2 * y], 1))
    images = load_dataset("2dshapes", "rendered").images(full).float()
    means = images.view(-1, 1, 32, 2, 32, 2).mean((3, 5))
    found = load_dataset("sprites-mini").images(rows)
    assert (found - means).abs().max() <= 0.5
    assert len(sprites_mini.all_images().flatten(1).unique(dim=0)) == sprites_mini.SPACE.size


def test_a_square_of_xysquares_is_where_its_factors_say() -> None:
    images = load_dataset("xysquares").images(
        xysquares.SPACE.index(torch.tensor([[1, 2, 0, 0, 7, 7]]))
    )
    expected = torch.zeros(3, 64, 64, dtype=torch.uint8)
    expected[0, 16:24, 8:16] = 255
    expected[1, 0:8, 0:8] = 255
    expected[2, 56:64, 56:64] = 255
    assert torch.equal(images[0], expected)


@pytest.mark.parametrize("factor", range(6))
def test_all_places_of_a_square_are_equally_far_apart(factor: int) -> None:
    dataset = load_dataset("xysquares")
    rows = xysquares.SPACE.sweep(xysquares.SPACE.median(), factor)
    images = dataset.images(rows).flatten(1).double() / 255
    apart = torch.cdist(images, images).square()
    assert torch.allclose(apart, 2 * 64.0 * (1 - torch.eye(8, dtype=torch.float64)))
