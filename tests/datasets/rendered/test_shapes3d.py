"""3Dshapes: the rendered lookalike against 50 real images, the published statistics and itself."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage

from betavae_core.datasets.rendered import shapes3d
from betavae_core.datasets.rendered.shapes3d import (
    FLOOR,
    OBJECT,
    SIDE,
    SKIES,
    SKY,
    SPACE,
    VIEWS,
    WALLS,
)
from betavae_core.factors import FactorSpace
from betavae_core.rng import generator
from tests.datasets.rendered.shapes3d_factors import PALETTE, most, read
from tests.oracles import SAMPLES, samples_of

STORED = Path(__file__).parent / "data" / "shapes3d_rendered.npz"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> shapes3d.Rendered3DShapes:
    """Built once for this file, in a cache of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BETAVAE_CACHE", str(tmp_path_factory.mktemp("cache")))
        dataset = shapes3d.Rendered3DShapes()
        dataset.prepare()
        return dataset


# ---- against real images


@pytest.fixture(scope="module")
def real(
    dataset: shapes3d.Rendered3DShapes, shared_data: Callable[..., Path]
) -> tuple[np.ndarray, np.ndarray]:
    """The real images (50, 64, 64, 3), or the 16 of tests/data, and their factors (…, 6)."""
    files = sorted(shared_data("reference/shapes3d", SAMPLES).glob("nb_*.png"))
    images = samples_of("shapes3d.webp").astype(float)
    if files:
        assert len(files) == 50
        images = np.stack([np.asarray(Image.open(file).convert("RGB"), float) for file in files])
    maps = dataset.whole_table().numpy().reshape(-1, 5, 64, 64).astype(np.float32)
    return images, np.stack([read(image, maps) for image in images])


@pytest.mark.slow
def test_pixels_are_near_the_real_ones(
    dataset: shapes3d.Rendered3DShapes, real: tuple[np.ndarray, np.ndarray]
) -> None:
    images, factors = real
    assert len(images) in (50, 16)
    rendered = dataset.images(SPACE.index(factors)).permute(0, 2, 3, 1).numpy()
    # the outermost pixels are blended with the border of the figure that the images came from
    error = abs(rendered - images)[:, 1:63, 1:63].mean((1, 2, 3))
    print(f"mean absolute difference {error.mean():.2f} of 255, worst image {error.max():.2f}")
    assert error.mean() < 2
    assert error.max() < 4


def shades(colour: np.ndarray, *whites: float) -> np.ndarray:
    """What a surface of this colour (3,) can look like, (M, 3): any brightness, also overexposed,
    with or without white on top."""
    light = np.arange(0.25, 1.41, 0.02)[:, None] * colour
    return np.concatenate([(255 * (light + white)).clip(0, 255) for white in whites])


def distance(image: np.ndarray, looks: np.ndarray) -> np.ndarray:
    """From each pixel to the nearest of some colours."""
    return abs(image[:, :, None] - looks).sum(-1).min(-1)


def silhouette(factors: np.ndarray) -> np.ndarray:
    """Pixels (64, 64) that the rendered object covers at least half of."""
    origin, ray, _ = shapes3d._rays(np.radians(shapes3d.ORIENTATIONS[factors[5]]))
    hit = shapes3d._object(factors[4], shapes3d.SCALES[factors[3]], origin, ray)[0] < np.inf
    return hit.reshape(64, shapes3d.SAMPLES, 64, shapes3d.SAMPLES).mean((1, 3)) >= 0.5


@pytest.mark.slow
def test_silhouettes_overlap_the_real_ones(real: tuple[np.ndarray, np.ndarray]) -> None:
    """All of them. The real object: pixels nearer to what its colour can look like than to floor,
    wall and sky; no lines one pixel thin (floor and wall blend into other hues), largest connected
    piece. Where it has the hue of floor or wall, only in front of the other one (13 images)."""
    overlaps = []
    for image, factors in zip(*real, strict=True):
        thing = factors[2]
        around = [shades(PALETTE[hue], 0) for hue in factors[:2] if hue != thing]
        around.append(np.array([SKY]))
        found = distance(image, shades(PALETTE[thing], 0, shapes3d.HIGHLIGHT)) < np.min(
            [distance(image, looks) for looks in around], 0
        )
        empty = room(factors[5])
        behind = np.select([empty == FLOOR, empty == WALLS], [factors[0], factors[1]], -1)
        visible = behind != thing
        visible[[0, -1]] = visible[:, [0, -1]] = False
        pieces, _ = ndimage.label(ndimage.binary_opening(found & visible, np.ones((2, 2))))
        found = pieces == most(pieces[pieces > 0])
        rendered = silhouette(factors) & visible
        overlaps.append((found & rendered).sum() / (found | rendered).sum())
    print(f"mean IoU {np.mean(overlaps):.3f}, worst {np.min(overlaps):.3f}")
    assert len(overlaps) == len(real[0])
    assert np.mean(overlaps) >= 0.93


def room(orientation: int) -> np.ndarray:
    """What is behind the object, (64, 64): FLOOR, WALLS or SKIES at each pixel's centre."""
    origin, ray = shapes3d._rays(np.radians(shapes3d.ORIENTATIONS[orientation]))[:2]
    middle = shapes3d.SAMPLES // 2
    return shapes3d._room(origin, ray)[1][middle :: shapes3d.SAMPLES, middle :: shapes3d.SAMPLES]


@pytest.mark.slow
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
        covered = dataset.whole_table()[VIEWS.index(factors[:, 3:]), surface].view(-1, 64, 64)
        changed = (before - after).abs().amax(1)
        assert changed[covered == 0].max() == 0
        assert changed[covered > 100].min() > 40


def test_geometry_does_not_change_colours(dataset: shapes3d.Rendered3DShapes) -> None:
    """Whatever the view, each surface shows its own hue where nothing else is: floor, wall and
    object, where not overexposed and not under the white highlight, and the sky."""
    chosen = np.array([5, 8, 2])
    views = np.arange(VIEWS.size)
    images = dataset.images(views + 480 * (chosen @ [100, 10, 1])).permute(0, 2, 3, 1).numpy()
    maps = dataset.whole_table().view(-1, 5, 64, 64).float().numpy()
    only = maps > 0
    for surface, hue in zip((FLOOR, WALLS, OBJECT), chosen, strict=True):
        alone = only[:, surface] & (only.sum(1) == 1) & (maps[:, surface] <= 255)
        assert alone.any((1, 2)).all()
        expected = maps[:, surface][alone][:, None] * PALETTE[hue]
        assert abs(images[alone] - expected).max() <= 0.5 + 1e-3
    assert (images[:, 0, 0] == SKY).all()


def test_each_value_of_a_factor_gives_another_image(dataset: shapes3d.Rendered3DShapes) -> None:
    for factor, size in enumerate(SPACE.sizes):
        images = dataset.images(SPACE.sweep(SPACE.median(), factor))
        assert len(images.flatten(1).unique(dim=0)) == size


def test_maps_cover_every_pixel(dataset: shapes3d.Rendered3DShapes) -> None:
    """Nowhere black, nowhere overexposed beyond the fit, sky in the top row and the object in the
    middle of every view."""
    maps = dataset.whole_table().view(-1, 5, 64, 64).float()
    total = maps[:, [FLOOR, WALLS, OBJECT, SKIES]].sum(1)
    assert total.min() >= 60
    assert total.max() <= 400
    assert (maps[:, SKIES, 0] == 255).all()
    assert (maps[:, OBJECT, 45, 32] > 80).all()


# ---- the same everywhere


def test_images_are_the_stored_ones(dataset: shapes3d.Rendered3DShapes) -> None:
    """Floating point differs between CPUs: at most one grey level off."""
    with np.load(STORED) as stored:
        images = dataset.images(stored["indices"]).numpy().astype(int)
        off = abs(images - stored["images"])
    assert images.shape == (40, 3, 64, 64)
    assert off.max() <= 1


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
        torch.from_numpy(shapes3d.render_maps(3, 2, 7)),
        dataset.whole_table()[VIEWS.index(np.array([[3, 2, 7]]))[0]],
    )


def test_a_few_images_do_not_wait_for_the_table(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, dataset: shapes3d.Rendered3DShapes
) -> None:
    """Only their views are rendered, once; they are the same images as the table's."""
    monkeypatch.setenv("BETAVAE_CACHE", str(tmp_path))
    made: list[tuple[int, ...]] = []
    render = shapes3d.render_maps
    monkeypatch.setattr(shapes3d, "render_maps", lambda *view: made.append(view) or render(*view))
    told: list[tuple[str, int, int]] = []
    fresh = shapes3d.Rendered3DShapes()
    assert fresh.images([]).shape == (0, 3, 64, 64)
    indices = np.array([3, 480 * 7 + 3, 5])
    fresh.prepare(lambda *news: told.append(news), indices)
    assert made == [tuple(VIEWS.factors(np.array([view]))[0]) for view in (3, 5)]
    assert told[-1][1:] == (1, 2)
    assert torch.equal(fresh.images(indices), dataset.images(indices))
    assert len(made) == 2
    assert fresh.table is None
    assert not list(tmp_path.iterdir())


def test_many_images_are_composed_from_the_table(
    monkeypatch: pytest.MonkeyPatch, dataset: shapes3d.Rendered3DShapes
) -> None:
    monkeypatch.setattr(shapes3d.Rendered3DShapes, "key", dataset.key + "-small")
    monkeypatch.setattr(shapes3d.Rendered3DShapes, "views", FactorSpace(VIEWS.names, (1, 1, 2)))
    monkeypatch.setattr(
        shapes3d.Rendered3DShapes, "space", FactorSpace(SPACE.names, (9, 9, 9, 1, 1, 2))
    )
    monkeypatch.setattr(shapes3d.Rendered3DShapes, "few", 1)
    fresh = shapes3d.Rendered3DShapes()
    fresh.images([0])
    assert fresh.table is None
    fresh.images([0, 1, 2])
    assert fresh.table is None, "one view is missing"
    again = shapes3d.Rendered3DShapes()
    drawn = again.images([0, 1])
    assert again.table is not None
    assert torch.equal(drawn, fresh.images([0, 1]))


# ---- cost


def test_random_batches_are_fast_enough_to_train_on(dataset: shapes3d.Rendered3DShapes) -> None:
    """5,000 images a second on one core; the fastest of several tries, as others use it too."""
    for batch in (64, 256):
        seconds = []
        for seed in range(12):
            indices = SPACE.sample(batch, generator(seed, "test"))
            started = time.perf_counter()
            dataset.images(indices)
            seconds.append(time.perf_counter() - started)
        print(f"batches of {batch}: {batch / min(seconds):,.0f} images/s")
        assert batch / min(seconds) >= 5_000


def test_the_maps_are_small_and_quick_to_make(dataset: shapes3d.Rendered3DShapes) -> None:
    """At most 700 MB on disk and in memory; all 480 views within a minute of one core's time."""
    assert dataset.whole_table().element_size() * dataset.whole_table().nelement() < 25e6
    started = time.process_time()
    for shape in range(4):
        shapes3d.render_maps(7, shape, shape)
    seconds = (time.process_time() - started) * VIEWS.size / 4
    print(f"all views: {seconds:.0f} s")
    assert seconds < 60


def test_a_build_continues_where_it_was_killed(
    dataset: shapes3d.Rendered3DShapes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Only the views that are missing behind the rows on disk are rendered."""
    rows = dataset.whole_table().view(-1, 5, SIDE, SIDE).numpy()
    whole = tmp_path / "whole.npy"
    np.save(whole, rows)
    row = rows[0].nbytes
    part = tmp_path / f"{dataset.key}.part"
    part.write_bytes(whole.read_bytes()[: -2 * row - 100])  # two rows and a bit are missing
    monkeypatch.setenv("BETAVAE_CACHE", str(tmp_path))
    made = []

    def count(*view: int) -> np.ndarray:
        made.append(view)
        return render(*view)

    render = shapes3d.render_maps
    monkeypatch.setattr(shapes3d, "render_maps", count)
    again = shapes3d.Rendered3DShapes()
    again.prepare()
    assert len(made) == 3
    assert torch.equal(again.whole_table(), dataset.whole_table())
