"""Anyone's own images in the data folder: found by name, told apart, trained on."""

from pathlib import Path

import pytest

from betavae_core.datasets import config_dataset, load_dataset, own_datasets
from betavae_core.datasets.own import own_name
from betavae_core.training.loop import train
from tests.datasets.own.images import GRID, class_folder, numbered, picture, write, zipped
from tests.oracles import one_sentence, small_config


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
