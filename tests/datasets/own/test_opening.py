"""Anyone's own pictures: folders and zips open alike, and what cannot be used is one sentence."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from betavae_core.datasets import load_dataset
from tests.datasets.own.images import class_folder, picture, write, zipped
from tests.oracles import one_sentence


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
