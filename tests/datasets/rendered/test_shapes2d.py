"""2Dshapes: the renderer against real images and an independent drawing, the official reader
against files in the official layout."""

import itertools
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from betavae_core.datasets import load_dataset
from betavae_core.datasets.base import to_float
from betavae_core.datasets.rendered import shapes2d
from betavae_core.factors import FactorSpace
from betavae_core.rng import generator
from tests.oracles import SAMPLES, draw_sprite, left_in, one_sentence

SPACE = shapes2d.SPACE
MIDDLE = np.array([2, 5, 4, 16, 16])  # a large heart in the middle, turned a little


def rendered(factors: np.ndarray) -> np.ndarray:
    """Images (N, 64, 64) of 0 and 255."""
    return load_dataset("2dshapes", "rendered").images(SPACE.index(factors))[:, 0].numpy()


def test_space() -> None:
    dataset = load_dataset("2dshapes", "rendered")
    assert dataset.space == FactorSpace(
        ("shape", "scale", "orientation", "position x", "position y"), (3, 6, 40, 32, 32)
    )
    assert len(dataset) == 737_280
    assert (dataset.name, dataset.source) == ("2dshapes", "rendered")


def test_real_images() -> None:
    real = np.load(SAMPLES / "dsprites.npz")
    images = np.unpackbits(real["bits"], axis=-1)
    off = (rendered(real["factors"].astype(np.int64)) // 255 != images).sum((1, 2))
    assert len(off) == 648
    assert (off == 0).sum() >= 610
    assert (off > 2).sum() == 1
    assert off.max() <= 11


@pytest.mark.slow
def test_mean_pixel_of_the_whole_set() -> None:
    dataset = load_dataset("2dshapes", "rendered")
    on = 0
    for part in torch.arange(len(dataset)).split(16_384):
        on += int(dataset.images(part).count_nonzero())
    assert on / (len(dataset) * 4096) == pytest.approx(0.0424944, abs=1e-5)


def test_an_independent_drawing_agrees() -> None:
    """All three shapes; a pixel or two may lie on an edge to within rounding of the polygon."""
    source = np.random.default_rng(0)
    rows = np.array([[shape, *source.integers((6, 40, 32, 32))] for shape in (0, 1, 2) * 4])
    for row, image in zip(rows, rendered(rows), strict=True):
        expected = draw_sprite(*row)
        assert expected.sum() > 50
        assert (image // 255 != expected).sum() <= 2, row


def test_images_are_binary_with_on_255() -> None:
    images = load_dataset("2dshapes", "rendered").images([0, 368_640, 737_279])
    assert images.shape == (3, 1, 64, 64)
    assert images.dtype == torch.uint8
    assert images.unique().tolist() == [0, 255]
    assert to_float(images).unique().tolist() == [0.0, 1.0]


@pytest.mark.parametrize("shape", [0, 1, 2])
def test_the_window_clips_no_sprite(shape: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every orientation and position of the largest sprites, against the widest window that stays
    inside the image."""
    dataset = load_dataset("2dshapes", "rendered")
    block = 40 * 32 * 32
    first = int(SPACE.index(np.array([[shape, 5, 0, 0, 0]]))[0])
    differing = 0
    for part in torch.arange(first, first + block).split(8192):
        drawn = dataset.images(part)
        with monkeypatch.context() as wider:
            wider.setattr(shapes2d, "WINDOW", 32)
            differing += int((drawn != dataset.images(part)).flatten(1).any(1).sum())
    assert differing == 0


def test_index_order_is_that_of_the_official_file() -> None:
    """Position y varies fastest: the next index moves the sprite down, 32 further on right."""
    start = int(SPACE.index(MIDDLE[None])[0])
    images = load_dataset("2dshapes", "rendered").images([start, start + 1, start + 32])[:, 0]

    def centre(image: torch.Tensor) -> tuple[float, float]:
        rows, columns = image.nonzero(as_tuple=True)
        return rows.double().mean().item(), columns.double().mean().item()

    (y, x), (y_below, x_below), (y_right, x_right) = map(centre, images)
    assert y_below - y == pytest.approx(32 / 31, abs=0.2)
    assert x_right - x == pytest.approx(32 / 31, abs=0.2)
    assert x_below == pytest.approx(x, abs=0.2)
    assert y_right == pytest.approx(y, abs=0.2)


@pytest.mark.parametrize("factor", range(5))
def test_each_value_of_a_factor_gives_another_image(factor: int) -> None:
    images = load_dataset("2dshapes", "rendered").images(SPACE.sweep(MIDDLE, factor))
    distinct = len(images.flatten(1).unique(dim=0))
    repeats = 1 if SPACE.names[factor] == "orientation" else 0  # 0 and 2π, both in the file
    assert distinct == SPACE.sizes[factor] - repeats
    if repeats:
        assert torch.equal(images[0], images[-1])


def test_scale_grows_the_sprite() -> None:
    areas = [(image > 0).sum() for image in rendered(SPACE.factors(SPACE.sweep(MIDDLE, 1)))]
    assert areas == sorted(areas)
    assert areas[-1] / areas[0] == pytest.approx(4, rel=0.05)


def test_any_batch_gives_the_same_images() -> None:
    """One at a time, in one batch larger than the renderer's own, as array, list or tensor."""
    dataset = load_dataset("2dshapes", "rendered")
    indices = SPACE.sample(shapes2d.CHUNK + 3, generator(0, "test"))
    together = dataset.images(indices)
    assert torch.equal(together, dataset.images(indices.numpy()))
    assert torch.equal(together, dataset.images(indices.tolist()))
    for i in (0, shapes2d.CHUNK - 1, shapes2d.CHUNK + 2):
        assert torch.equal(together[i], dataset.images(indices[i : i + 1])[0])
    assert dataset.images([]).shape == (0, 1, 64, 64)


@pytest.mark.parametrize("indices", [[-1], [737_280], [0.5], [[0]], 3])
def test_wrong_indices_are_refused(indices: Any) -> None:
    with one_sentence():
        load_dataset("2dshapes", "rendered").images(indices)


def test_unknown_names_and_sources(tmp_path: Path) -> None:
    with one_sentence("4dshapes", "2dshapes"):
        load_dataset("4dshapes")
    with one_sentence("web", "official"):
        load_dataset("2dshapes", "web")
    with one_sentence(shapes2d.FILE, str(tmp_path), shapes2d.HOMEPAGE):
        load_dataset("2dshapes", "official", tmp_path)
    with one_sentence("gone.npz"):
        load_dataset("2dshapes", None, tmp_path / "gone.npz")
    assert load_dataset("2dshapes").source == "rendered"


# ---- the official file, in its layout but with fewer values per factor

SMALL = FactorSpace(SPACE.names, (3, 2, 4, 2, 3))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """The arrays of an official file of 144 images; the module expects that size."""
    monkeypatch.setattr(shapes2d, "SPACE", SMALL)
    rows = np.array(list(itertools.product(*(range(size) for size in SMALL.sizes))))
    images = shapes2d.render(torch.from_numpy(rows))[:, 0].numpy() // 255
    classes = np.concatenate([np.zeros((len(rows), 1), np.int64), rows], 1)
    return {
        "imgs": images,
        "latents_classes": classes,
        "latents_values": classes.astype(np.float64),
        "metadata": np.array({"title": "dSprites", "latents_sizes": SMALL.sizes}, dtype=object),
    }


def write(folder: Path, arrays: dict[str, np.ndarray]) -> Path:
    path = folder / shapes2d.FILE
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    return path


def open_official(path: Path) -> torch.Tensor:
    dataset = load_dataset("2dshapes", "official", path)
    assert dataset.source == "official"
    return dataset.images(np.arange(len(dataset)))


def test_official_images_equal_the_rendered_ones(
    small: dict[str, np.ndarray], tmp_path: Path
) -> None:
    path = write(tmp_path, small)
    images = open_official(path)
    assert images.dtype == torch.uint8
    assert images.shape == (144, 1, 64, 64)
    assert torch.equal(images, load_dataset("2dshapes", "rendered").images(np.arange(144)))
    dataset = load_dataset("2dshapes", "official", path)
    assert torch.equal(dataset.images([143, 5, 5]), images[[143, 5, 5]])
    assert dataset.images([]).shape == (0, 1, 64, 64)
    with one_sentence("143"):
        dataset.images([144])


@pytest.mark.parametrize("way", ["file", "folder", "variable", "found by itself"])
def test_ways_to_say_where_the_file_is(
    way: str, small: dict[str, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, small)
    monkeypatch.setenv("BETAVAE_DATA", str(tmp_path) if way[0] in "vf" else "")
    root = {"file": path, "folder": tmp_path}.get(way)
    source = None if way == "found by itself" else "official"
    assert load_dataset("2dshapes", source, root).source == "official"


def test_the_official_file_is_held_as_bits(small: dict[str, np.ndarray], tmp_path: Path) -> None:
    dataset = load_dataset("2dshapes", "official", write(tmp_path, small))
    assert isinstance(dataset, shapes2d.Official2DShapes)
    assert dataset.bits.numel() * dataset.bits.element_size() == 144 * 4096 // 8


def test_conversion_is_cached(
    small: dict[str, np.ndarray], tmp_path: Path, own_folders: dict[str, Path]
) -> None:
    path = write(tmp_path, small)
    images = open_official(path)
    stat = path.stat()
    path.write_bytes(bytes(stat.st_size))  # unreadable now, but by all signs the same file
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert torch.equal(open_official(path), images)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    with one_sentence(shapes2d.FILE):
        open_official(path)
    assert len(left_in(own_folders["CACHE"])) == 1


def _flip_values(arrays: dict[str, np.ndarray]) -> None:
    arrays["imgs"] = arrays["imgs"] * 255


def _other_order(arrays: dict[str, np.ndarray]) -> None:
    arrays["latents_classes"] = arrays["latents_classes"][::-1].copy()


DAMAGES: dict[str, tuple[Callable[[dict[str, np.ndarray]], Any], str]] = {
    "wrong dtype": (lambda a: a.update(imgs=a["imgs"].astype(np.float32)), "float32"),
    "too few images": (lambda a: a.update(imgs=a["imgs"][:-1]), "143"),
    "other size": (lambda a: a.update(imgs=a["imgs"][:, :32, :32]), "32"),
    "other memory order": (lambda a: a.update(imgs=np.asfortranarray(a["imgs"])), "Fortran"),
    "no images": (lambda a: a.pop("imgs"), "imgs"),
    "no classes": (lambda a: a.pop("latents_classes"), "latents_classes"),
    "classes as floats": (
        lambda a: a.update(latents_classes=a["latents_classes"] * 1.0),
        "latents_classes",
    ),
    "values other than 0 and 1": (_flip_values, "0 and 1"),
    "other order": (_other_order, "order"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_foreign_archive_is_one_sentence(
    damage: str, small: dict[str, np.ndarray], tmp_path: Path, own_folders: dict[str, Path]
) -> None:
    change, named = DAMAGES[damage]
    change(small)
    path = write(tmp_path, small)
    with one_sentence(str(path), named):
        open_official(path)
    assert left_in(own_folders["CACHE"]) == []


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_one_sentence(
    kept: float, small: dict[str, np.ndarray], tmp_path: Path, own_folders: dict[str, Path]
) -> None:
    path = write(tmp_path, small)
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    with one_sentence(str(path)):
        open_official(path)
    assert left_in(own_folders["CACHE"]) == []


def test_damaged_bytes_inside_are_one_sentence(
    small: dict[str, np.ndarray], tmp_path: Path, own_folders: dict[str, Path]
) -> None:
    """As after a bad download: the archive's table is whole, the compressed images are not."""
    path = write(tmp_path, small)
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        images = archive.getinfo("imgs.npy")
    end = data.index(b"PK\x03\x04", images.header_offset + 1)
    # the very last byte ends the compressed stream, behind the last pixel: no image depends on it
    for place in range(end - images.compress_size, end - 1, 29):
        path.write_bytes(data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :])
        with one_sentence(str(path)):
            open_official(path)
    assert left_in(own_folders["CACHE"]) == []


def test_another_kind_of_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "picture.npz"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1000))
    with one_sentence("picture.npz", shapes2d.HOMEPAGE):
        open_official(path)


def test_a_cache_folder_that_cannot_be_made_is_one_sentence(
    small: dict[str, np.ndarray],
    tmp_path: Path,
    unwritable: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BETAVAE_CACHE", str(unwritable))
    with one_sentence(str(unwritable)):
        open_official(write(tmp_path, small))
