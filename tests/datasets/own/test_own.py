"""Anyone's own images: folders, zips and arrays, with or without known factors."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from PIL import Image

from betavae_core.datasets import config_dataset, load_dataset, own_datasets
from betavae_core.datasets.own import arrays as own_arrays
from betavae_core.datasets.own import own_name
from betavae_core.training.loop import train
from tests.oracles import one_sentence, small_config

GRID = {"factor_names": ["shade", "stripe"], "factor_sizes": [4, 3]}


def picture(path: Path, value: int, size: tuple[int, int] = (32, 32), mode: str = "RGB") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, value if mode == "L" else (value, 255 - value, 7)).save(path)


def class_folder(root: Path) -> Path:
    """Two classes of three images each, in ImageFolder layout."""
    for number in range(6):
        picture(root / f"class{number % 2}" / f"{number}.png", 40 * number)
    return root


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return target


def test_a_folder_and_its_zip_give_the_same_images(tmp_path: Path) -> None:
    """In the order of their names: class0/0, class0/2, class0/4, class1/1, …"""
    folder = class_folder(tmp_path / "My Photos!")
    archive = zipped(folder, tmp_path / "photos.zip")
    from_folder = load_dataset("folder", root=folder)
    from_zip = load_dataset("folder", root=archive)
    assert (from_folder.name, from_zip.name) == ("my-photos", "photos")
    for dataset in (from_folder, from_zip):
        assert dataset.space is None
        assert dataset.source == "own"
        assert dataset.shape == (3, 32, 32)
        images = dataset.images(range(6))
        assert images.dtype == torch.uint8
        assert images[:, 0, 0, 0].tolist() == [0, 80, 160, 40, 120, 200]
        assert images[:, 1, 9, 9].tolist() == [255, 175, 95, 215, 135, 55]
        assert torch.equal(dataset.images([5, 0]), images[[5, 0]])
        assert dataset.classes == ("class0", "class1")
        assert dataset.labels is not None
        assert dataset.labels.tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("size", "given", "expected"), [(60, None, 64), (40, None, 32), (60, 32, 32)]
)
def test_pictures_are_cropped_and_resized(
    size: int, given: int | None, expected: int, tmp_path: Path
) -> None:
    """A wide picture whose middle square is white: only white is left."""
    image = np.zeros((size, 3 * size, 3), np.uint8)
    image[:, size : 2 * size] = 255
    (tmp_path / "wide").mkdir()
    Image.fromarray(image).save(tmp_path / "wide" / "a.png")
    dataset = load_dataset("folder", root=tmp_path / "wide", size=given)
    assert dataset.shape == (3, expected, expected)
    assert dataset.images([0])[0, :, :, 1:-1].min() > 250
    assert dataset.classes == ()  # all in one folder
    assert dataset.labels is None


def test_grey_pictures_have_one_channel(tmp_path: Path) -> None:
    picture(tmp_path / "grey" / "a.png", 77, mode="L")
    dataset = load_dataset("folder", root=tmp_path / "grey")
    assert dataset.shape == (1, 32, 32)
    assert dataset.images([0]).unique().tolist() == [77]


def test_a_corrupt_picture_is_named_and_left_out(tmp_path: Path) -> None:
    folder = class_folder(tmp_path / "photos")
    (folder / "class0" / "1.png").write_bytes(b"no picture")
    whole = (folder / "class0" / "4.png").read_bytes()
    (folder / "class0" / "4.png").write_bytes(whole[:40])
    (folder / "class0" / "notes.txt").write_text("not a picture and not counted")
    (folder / ".hidden.png").write_bytes(b"")
    for place in (folder, zipped(folder, tmp_path / "photos.zip")):
        dataset = load_dataset("folder", root=place)
        assert dataset.skipped == ("class0/1.png", "class0/4.png")
        assert len(dataset) == 5
        assert dataset.images(range(5))[:, 0, 0, 0].tolist() == [0, 80, 40, 120, 200]


@pytest.mark.parametrize("inside", [".", "one-more-folder"])
def test_of_a_folder_with_train_only_that_is_taken(inside: str, tmp_path: Path) -> None:
    """A class of the test images, too, is called train here (as one of CIFAR100 is)."""
    class_folder(tmp_path / "set" / inside / "train")
    picture(tmp_path / "set" / inside / "test" / "train" / "x.png", 255)
    assert len(load_dataset("folder", root=tmp_path / "set")) == 6


def test_changed_pictures_are_read_again(tmp_path: Path) -> None:
    folder = class_folder(tmp_path / "photos")
    assert len(load_dataset("folder", root=folder)) == 6
    picture(folder / "class1" / "7.png", 9)
    assert len(load_dataset("folder", root=folder)) == 7


# ---- arrays


def write(path: Path, **arrays: Any) -> Path:
    if path.suffix == ".npz":
        np.savez_compressed(path, **arrays)
    else:
        with h5py.File(path, "w") as file:
            for name, values in arrays.items():
                file[name] = values
    return path


def numbered(count: int = 12, *shape: int) -> np.ndarray:
    """Image i is full of 10·i."""
    images = np.empty((count, *(shape or (32, 32, 3))), np.uint8)
    images[:] = 10 * np.arange(count, dtype=np.uint8).reshape(-1, *[1] * (images.ndim - 1))
    return images


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".hdf5"])
@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((32, 32), (1, 32, 32)),
        ((32, 32, 1), (1, 32, 32)),
        ((64, 64, 3), (3, 64, 64)),
        ((3, 32, 32), (3, 32, 32)),
        ((28, 28), (1, 32, 32)),
    ],
)
def test_arrays(
    suffix: str, shape: tuple[int, ...], expected: tuple[int, ...], tmp_path: Path
) -> None:
    path = write(tmp_path / f"mine{suffix}", images=numbered(12, *shape), **GRID)
    dataset = load_dataset("folder", root=path)
    assert (dataset.name, dataset.source, len(dataset)) == ("mine", "own", 12)
    assert dataset.shape == expected
    assert dataset.space is not None
    assert (dataset.space.names, dataset.space.sizes) == (("shade", "stripe"), (4, 3))
    images = dataset.images(dataset.space.index(np.array([[1, 2], [3, 0]])))
    assert images.flatten(1).float().mean(1).tolist() == [50, 90]


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_bool_images_without_factors(suffix: str, tmp_path: Path) -> None:
    images = numbered(5, 32, 32) > 10
    dataset = load_dataset("folder", root=write(tmp_path / f"b{suffix}", images=images))
    assert dataset.space is None
    assert dataset.images(range(5)).flatten(1).float().mean(1).tolist() == [0, 0, 255, 255, 255]


KINDS = {  # dtype, white
    **dict.fromkeys(("int16", "int64", "uint16", ">u2", ">i4", "float64", ">f4"), 255),
    **{f"{kind} of 16 bits": 65_535 for kind in ("uint16", ">u2", "int32", "float32")},
    **{f"{kind} to 1": 1 for kind in ("float16", "float32", "float64", ">f8")},
}


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_every_kind_keep_their_values(kind: str, suffix: str, tmp_path: Path) -> None:
    """Also where most images are dark: one scale for all."""
    values = np.minimum(numbered(26).astype(np.float64), 250) / 255 * KINDS[kind]
    path = write(tmp_path / f"a{suffix}", images=values.astype(kind.split()[0]))
    dataset = load_dataset("folder", root=path)
    found = dataset.images(range(26)).flatten(1).float()
    assert found.amin(1).tolist() == found.amax(1).tolist()
    expected = torch.tensor([10.0 * number for number in range(26)])
    assert (found[:, 0] - expected).abs().max() <= (0 if KINDS[kind] == 255 else 1)
    assert f"{KINDS[kind]:,} is white" in dataset.note


@pytest.mark.parametrize("shape", [(32, 32), (40, 40, 3), (4, 32, 32)])
def test_an_array_in_fortran_order(shape: tuple[int, ...], tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 255, (700, *shape), np.uint8)
    there = load_dataset("folder", root=write(tmp_path / "c.npz", images=images))
    path = write(tmp_path / "f.npz", images=np.asfortranarray(images), **{
        "factor_names": ["a", "b"], "factor_sizes": [100, 7]})  # fmt: skip
    found = load_dataset("folder", root=path)
    assert torch.equal(found.images(range(700)), there.images(range(700)))
    assert found.space is not None


def test_an_array_in_fortran_order_beyond_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(own_arrays, "MAX_WHOLE", 1_000)
    path = write(tmp_path / "f.npz", images=np.asfortranarray(numbered()))
    with one_sentence("Fortran order", "np.ascontiguousarray"):
        load_dataset("folder", root=path)


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("first", [True, False])
def test_transparency_is_laid_on_white(kind: str, suffix: str, first: bool, tmp_path: Path) -> None:
    images = np.zeros((3, 32, 32, 4))
    images[..., :3] = [1.0, 0.0, 0.2]
    images[0, ..., 3], images[1, :, :16, 3] = 1.0, 1.0
    images[2, ..., 3] = 0.6
    white = {"uint8": 255, "uint16": 65_535, "float32": 1}[kind]
    values = (images * white).astype(kind)
    values = values.transpose(0, 3, 1, 2) if first else values
    found = load_dataset("folder", root=write(tmp_path / f"a{suffix}", images=values))
    assert found.shape == (3, 32, 32)
    assert "RGBA on white" in found.note
    at = found.images(range(3))[:, :, 0].permute(0, 2, 1)
    assert at[0, 0].tolist() == at[1, 0].tolist() == [255, 0, 51]
    assert at[1, 31].tolist() == [255, 255, 255]
    assert at[2, 0].tolist() == pytest.approx([255, 102, 133], abs=1)


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_what_makes_images_dark_is_told(suffix: str, tmp_path: Path) -> None:
    def note(values: np.ndarray) -> str:
        return load_dataset("folder", root=write(tmp_path / f"a{suffix}", images=values)).note

    twelve = (numbered(26).astype(np.int64) * 4095 // 250).astype(np.uint16)
    assert note(twelve) == "uint16 images: 65,535 is white, the largest value 4,095"
    unit = np.minimum(numbered(26), 250).astype(np.float32) / 250
    assert note(unit) == "float32 images: 1 is white, the largest value 1"
    unit[7] = 20
    told = note(unit)
    assert told.startswith("float32 images: 255 is white, the largest value 20 (")
    assert "1 of 26 reach above 1, which would be white without them, such as number 7" in told
    deep = numbered(26).astype(np.int32)
    deep[3, 0, 0, 0] = 3000
    assert "1 of 26 reach above 255" in note(deep)
    deep[3, 0, 0, 0] = 300
    with one_sentence("entirely black (int32 images: 65,535 is white", "1 of 26 reach above"):
        note(deep)


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_an_array_may_begin_with_any_number_of_black_images(suffix: str, tmp_path: Path) -> None:
    images = np.zeros((1200, 32, 32), np.uint8)
    images[-1] = 200
    dataset = load_dataset("folder", root=write(tmp_path / f"film{suffix}", images=images))
    assert (len(dataset), dataset.note) == (1200, "")
    assert dataset.images([0, 1199]).amax((1, 2, 3)).tolist() == [0, 200]


def test_factors_as_attributes_of_an_h5_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", images=numbered())
    with h5py.File(path, "a") as file:
        file.attrs["factor_names"] = ["shade", "stripe"]
        file.attrs["factor_sizes"] = [4, 3]
    space = load_dataset("folder", root=path).space
    assert space is not None
    assert space.names == ("shade", "stripe")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "floats from -1 to 1": ({"images": numbered() / 50 - 1.0}, "Image 0 of"),
    "floats up to 2": ({"images": numbered() / 50}, "between 1 and 16"),
    "not a number": ({"images": numbered() / 255 + np.nan}, "np.nan_to_num"),
    "whole numbers below 0": ({"images": numbered().astype(np.int16) - 1}, "values from -1 to -1"),
    "too large numbers": ({"images": numbered().astype(np.int64) * 1000}, "to 70,000"),
    "complex": ({"images": numbered() * 1j}, "complex128"),
    "text": ({"images": np.full((3, 32, 32), b"a")}, "S1"),
    "one image": ({"images": numbered()[0]}, "have shape"),
    "two channels": ({"images": numbered(12, 32, 32, 2)}, "have shape (12, 32, 32, 2)"),
    "infinite": ({"images": numbered() / 255 + np.inf}, "np.nan_to_num"),
    "no images": ({"pictures": numbered()}, "images"),
    "empty": ({"images": numbered()[:0]}, "have shape"),
    "names without sizes": ({"images": numbered(), "factor_names": ["a"]}, "belong together"),
    "not the full grid": ({"images": numbered(11), **GRID}, "grid must be full"),
    "too few names": ({"images": numbered(), **GRID, "factor_names": ["a"]}, "names"),
    "values 0 and 1": ({"images": numbered() // 10 % 2}, "no value above 1"),
    "entirely black": ({"images": numbered() * 0.0}, "no value above 1"),
}


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_array_is_one_sentence(wrong: str, suffix: str, tmp_path: Path) -> None:
    arrays, named = WRONG[wrong]
    with one_sentence(named):
        load_dataset("folder", root=write(tmp_path / f"a{suffix}", **arrays))


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".zip"])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.95])
def test_a_truncated_file_is_one_sentence(suffix: str, kept: float, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix == ".zip":
        zipped(class_folder(tmp_path / "photos"), path)
    else:
        write(path, images=np.random.default_rng(0).integers(0, 255, (12, 32, 32), np.uint8))
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    with one_sentence(str(path)):
        load_dataset("folder", root=path)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda root: (root / "empty").mkdir() or root / "empty", "no pictures"),
        (lambda root: root / "nowhere", "nowhere"),
        (lambda root: root / "nowhere.npz", "nowhere.npz"),
        (lambda root: class_file(root / "a" / "a.png", b"rubbish"), "can be read"),
        (lambda root: class_file(root / "a.txt", b"text"), "not a folder of images"),
    ],
)
def test_nothing_usable_is_one_sentence(
    make: Callable[[Path], Path], named: str, tmp_path: Path
) -> None:
    with one_sentence(named):
        load_dataset("folder", root=make(tmp_path))


def class_file(path: Path, data: bytes) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path.parent if path.suffix == ".png" else path


def test_a_folder_needs_its_place_and_a_usable_size(tmp_path: Path) -> None:
    with one_sentence("--root"):
        load_dataset("folder")
    with one_sentence("32 or 64", "48"):
        load_dataset("folder", root=class_folder(tmp_path / "a"), size=48)


# ---- found by name


def test_own_datasets_in_the_data_folder_are_found_by_name(own_folders: dict[str, Path]) -> None:
    root = own_folders["DATA"]
    class_folder(root / "photos")
    write(root / "Blocks.npz", images=numbered(), **GRID)
    (root / "3dshapes.h5").write_bytes(b"official, not your own")
    assert list(own_datasets()) == ["blocks", "photos"]
    assert load_dataset("blocks").space is not None
    assert len(load_dataset("photos", "own")) == 6
    with one_sentence("flowers", "blocks", "photos", "2dshapes"):
        load_dataset("flowers")
    with one_sentence("2dshapes", "not your own"):
        load_dataset("2dshapes", "own")


def test_names() -> None:
    assert own_name(Path("/data/My Sprites (v2).npz")) == "my-sprites-v2"
    assert own_name(Path("/data/v1.5")) == "v1.5"
    assert own_name(Path("/data/???")) == "images"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("图片", "图片"),
        ("Фото 2024.zip", "фото-2024"),
        ("Café", "café"),
        ("Cafe\u0301", "café"),  # as macOS writes it
        ("हिन्दी", "हिन्दी"),
        ("🐱.npz", "🐱"),
        ("a\u202eb", "a-b"),
        ("2dshapes.npz", "2dshapes-own"),
        ("CIFAR10", "cifar10-own"),
        ("folder", "folder-own"),
    ],
)
def test_names_of_every_alphabet_and_of_other_datasets(file: str, name: str) -> None:
    assert own_name(Path("/data") / file) == name


def test_two_of_one_name_are_told_apart(own_folders: dict[str, Path]) -> None:
    """Whichever is asked for is the one that was listed; the shared name is refused."""
    root = own_folders["DATA"]
    class_folder(root / "faces")
    zipped(root / "faces", root / "faces.zip")
    write(root / "faces.npz", images=numbered(7))
    class_folder(root / "My Photos")
    picture(root / "my-photos" / "a.png", 3)
    picture(root / "图片" / "a.png", 3)
    write(root / "2dshapes.npz", images=numbered(9))
    named = own_datasets()
    assert len(named) == 7
    assert {name: path.name for name, path in named.items() if "my-photos" not in name} == {
        "faces-folder": "faces",
        "faces.zip": "faces.zip",
        "faces.npz": "faces.npz",
        "图片": "图片",
        "2dshapes-own": "2dshapes.npz",
    }
    for name, path in named.items():
        dataset = load_dataset(name)
        assert (dataset.name, dataset.title) == (name, path.name)
    assert len(load_dataset("faces.npz")) == 7
    with one_sentence("same name", "faces-folder (faces)", "faces.npz (faces.npz)"):
        load_dataset("faces")
    with one_sentence("same name", "My Photos"):
        load_dataset("my-photos")
    assert load_dataset("2dshapes").source == "rendered"
    assert len(load_dataset("faces.npz", root=root / "faces.npz")) == 7
    (root / "faces.npz").unlink()
    (root / "faces.zip").unlink()
    assert load_dataset("faces-folder").title == "faces"  # a run may be of when there were two


def test_a_name_of_earlier_versions_is_found(own_folders: dict[str, Path]) -> None:
    class_folder(own_folders["DATA"] / "Fotos für alle")
    assert list(own_datasets()) == ["fotos-für-alle"]
    assert load_dataset("fotos-f-r-alle").title == "Fotos für alle"


def test_a_long_name(own_folders: dict[str, Path]) -> None:
    """A name of a file has at most 255 bytes, also in the cache."""
    class_folder(own_folders["DATA"] / ("图" * 80))
    assert len(load_dataset("图" * 80)) == 6


def test_train_on_own_images(tmp_path: Path, own_folders: dict[str, Path]) -> None:
    """The config says enough to find and shape the images again."""
    class_folder(own_folders["DATA"] / "photos")
    config = small_config(
        dataset="photos", source="own", channels=3, image_size=32, images=12, batch_size=4
    )
    list(train(config, tmp_path, device="cpu"))
    assert config_dataset(config).shape == (3, 32, 32)
    assert config.run_id.startswith("photos-conv-beta4-seed123")
