"""3Dshapes: the rendered lookalike against 50 real images, the published statistics and itself."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage

from betavae_core.datasets import shapes3d
from betavae_core.datasets.shapes3d import FLOOR, OBJECT, SKIES, SKY, SPACE, VIEWS, WALLS
from betavae_core.rng import generator

STORED = Path(__file__).parent / "data" / "shapes3d_rendered.npz"
PALETTE = shapes3d._palette().numpy()  # (10, 3)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> shapes3d.Rendered3DShapes:
    """Built once for this file, in a cache of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BETAVAE_CACHE", str(tmp_path_factory.mktemp("cache")))
        return shapes3d.Rendered3DShapes()


# ---- against real images


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


@pytest.fixture(scope="module")
def real(
    dataset: shapes3d.Rendered3DShapes, shared_data: Callable[[str], Path]
) -> tuple[np.ndarray, np.ndarray]:
    """The real images (50, 64, 64, 3) and their factors (50, 6)."""
    files = sorted(shared_data("reference/shapes3d").glob("nb_*.png"))
    images = np.stack([np.asarray(Image.open(file).convert("RGB"), float) for file in files])
    maps = dataset.maps.numpy().reshape(-1, 5, 64, 64).astype(np.float32)
    return images, np.stack([read(image, maps) for image in images])


def test_pixels_are_near_the_real_ones(
    dataset: shapes3d.Rendered3DShapes, real: tuple[np.ndarray, np.ndarray]
) -> None:
    images, factors = real
    assert len(images) == 50
    rendered = dataset.images(SPACE.index(factors)).permute(0, 2, 3, 1).numpy()
    # the outermost pixels are blended with the border of the figure that the images came from
    error = abs(rendered - images)[:, 1:63, 1:63].mean((1, 2, 3))
    print(f"mean absolute difference {error.mean():.2f} of 255, worst image {error.max():.2f}")
    assert error.mean() < 5
    assert error.max() < 10


def test_silhouettes_overlap_the_real_ones(
    dataset: shapes3d.Rendered3DShapes, real: tuple[np.ndarray, np.ndarray]
) -> None:
    """Object pixels by their hue, in the largest connected piece; where the object has the hue of
    the floor or the wall, only in front of the other one (13 of the 50 images)."""
    overlaps = []
    for image, factors in zip(*real, strict=True):
        floor, wall, thing = factors[:3]
        maps = dataset.maps[VIEWS.index(factors[None, 3:])[0]].numpy().reshape(5, 64, 64)
        rendered = maps[OBJECT] > 90
        empty = room(factors[5])
        behind = np.select([empty == FLOOR, empty == WALLS], [floor, wall], -1)
        visible = behind != thing
        visible[[0, -1]] = visible[:, [0, -1]] = False
        sky = abs(image - np.array(SKY)).max(-1) <= 12
        found = (hues(image) == thing) & ~sky & visible
        pieces, _ = ndimage.label(found)
        found = pieces == most(pieces[pieces > 0])
        rendered &= visible
        overlaps.append((found & rendered).sum() / (found | rendered).sum())
    print(f"mean IoU {np.mean(overlaps):.3f}, worst {np.min(overlaps):.3f}")
    assert np.mean(overlaps) >= 0.93


def room(orientation: int) -> np.ndarray:
    """What is behind the object, (64, 64): FLOOR, WALLS or SKIES at each pixel's centre."""
    origin, ray = shapes3d._rays(np.radians(shapes3d.ORIENTATIONS[orientation]))
    middle = shapes3d.SAMPLES // 2
    return shapes3d._room(origin, ray)[1][middle :: shapes3d.SAMPLES, middle :: shapes3d.SAMPLES]


def test_statistics_of_the_whole_set(dataset: shapes3d.Rendered3DShapes) -> None:
    """The published means and mean per-image standard deviations, in [0, 1]."""
    sums = torch.zeros(2, 3)
    for part in SPACE.sample(20_000, generator(0, "test")).split(1000):
        images = dataset.images(part).float().flatten(2) / 255
        std, mean = torch.std_mean(images, 2, correction=0)
        sums += torch.stack([mean.mean(0), std.mean(0)]) / 20
    mean, std = sums
    print(f"mean {mean.tolist()}, standard deviation {std.tolist()}")
    assert mean.tolist() == pytest.approx([0.5026, 0.5788, 0.6034], abs=0.02)
    assert std.tolist() == pytest.approx([0.2941, 0.3444, 0.3662], abs=0.02)


# ---- factors


def test_index_order_is_that_of_the_official_file() -> None:
    """Orientation varies fastest, floor hue slowest."""
    assert SPACE.size == 480_000
    by_hand = [
        (0, (0, 0, 0, 0, 0, 0)),
        (14, (0, 0, 0, 0, 0, 14)),
        (15, (0, 0, 0, 0, 1, 0)),
        (60, (0, 0, 0, 1, 0, 0)),
        (480, (0, 0, 1, 0, 0, 0)),
        (4_800, (0, 1, 0, 0, 0, 0)),
        (48_000, (1, 0, 0, 0, 0, 0)),
        (479_999, (9, 9, 9, 7, 3, 14)),
    ]
    for index, factors in by_hand:
        assert tuple(SPACE.factors(np.array([index]))[0]) == factors


def test_a_colour_changes_its_own_surface_alone(dataset: shapes3d.Rendered3DShapes) -> None:
    """Pixels without any floor keep their value when the floor's hue changes, and so on; every
    view's pixels with some of it change."""
    source = generator(0, "test")
    for factor, surface in ((0, FLOOR), (1, WALLS), (2, OBJECT)):
        factors = SPACE.factors(SPACE.sample(64, source))
        other = factors.clone()
        other[:, factor] = (factors[:, factor] + 5) % 10
        before, after = (dataset.images(SPACE.index(f)).int() for f in (factors, other))
        covered = dataset.maps[VIEWS.index(factors[:, 3:]), surface].view(-1, 64, 64)
        changed = (before - after).abs().amax(1)
        assert changed[covered == 0].max() == 0
        assert changed[covered > 100].min() > 40


def test_geometry_does_not_change_colours(dataset: shapes3d.Rendered3DShapes) -> None:
    """Whatever the view, the corners show the same hues of floor and sky."""
    views = torch.arange(VIEWS.size)
    images = dataset.images(views + 480 * (3 + 10 * 4 + 100 * 5)).permute(0, 2, 3, 1).numpy()
    assert (hues(images[:, 63, :4].astype(float)) == 5).all()
    assert (images[:, 0, 0] == SKY).all()


def test_each_value_of_a_factor_gives_another_image(dataset: shapes3d.Rendered3DShapes) -> None:
    for factor, size in enumerate(SPACE.sizes):
        images = dataset.images(SPACE.sweep(SPACE.median(), factor))
        assert len(images.flatten(1).unique(dim=0)) == size


def test_maps_cover_every_pixel_once(dataset: shapes3d.Rendered3DShapes) -> None:
    """In the dark everything would be black: brightness is at most 1, sky is all or nothing away
    from edges, and the object stands in the middle."""
    maps = dataset.maps.view(-1, 5, 64, 64)
    assert int(maps[:, [FLOOR, WALLS, OBJECT, SKIES]].int().sum(1).max()) <= 256
    assert (maps[:, SKIES, 0] == 255).all()
    assert (maps[:, OBJECT, 45, 32] > 100).all()


# ---- the same everywhere


def test_images_are_the_stored_ones(dataset: shapes3d.Rendered3DShapes) -> None:
    """Floating point differs between CPUs: at most one grey level off, in a few pixels."""
    with np.load(STORED) as stored:
        images = dataset.images(stored["indices"]).numpy().astype(int)
        off = abs(images - stored["images"])
    assert off.max() <= 2
    assert (off > 0).mean() < 0.001


def test_any_batch_gives_the_same_images(dataset: shapes3d.Rendered3DShapes) -> None:
    indices = SPACE.sample(70, generator(1, "test"))
    together = dataset.images(indices)
    assert together.dtype == torch.uint8
    assert together.shape == (70, 3, 64, 64)
    for i in (0, 33, 69):
        assert torch.equal(together[i], dataset.images(indices[i : i + 1])[0])
    assert dataset.images([]).shape == (0, 3, 64, 64)


def test_one_view_alone_is_what_is_in_the_file(dataset: shapes3d.Rendered3DShapes) -> None:
    assert (dataset.name, dataset.source, len(dataset)) == ("3dshapes", "rendered", 480_000)
    assert torch.equal(
        torch.from_numpy(shapes3d.render_maps(2, 3, 7)).flatten(1),
        dataset.maps[VIEWS.index(np.array([[3, 2, 7]]))[0]],
    )
