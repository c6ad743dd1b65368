"""The excerpts of CIFAR: which images they are, where they stand in for missing files, and what is
refused with them."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from betavae_core.commands.data import list_data
from betavae_core.config import preset
from betavae_core.datasets import (
    DATASETS,
    config_dataset,
    dataset_to_look_at,
    excerpt,
    load_dataset,
    sources_to_look_at,
)
from betavae_core.fid.reference import reference
from betavae_core.rng import generator, random_rows
from tests.oracles import one_sentence, small_config

NAMES = ["cifar10", "cifar100"]


@pytest.mark.parametrize("name", NAMES)
def test_it_has_256_images_evenly_over_the_classes(name: str) -> None:
    dataset = load_dataset(name, "excerpt")
    assert (len(dataset), dataset.shape, dataset.source) == (256, (3, 32, 32), "excerpt")
    assert dataset.source_and_part == "excerpt, 256 official test images"
    classes = int(name.removeprefix("cifar"))
    assert dataset.labels is not None
    counts = np.bincount(dataset.labels, minlength=classes)
    assert counts.max() - counts.min() == 1
    assert len(set(dataset.classes)) == classes
    images = dataset.images(range(256))
    assert len({image.numpy().tobytes() for image in images}) == 256
    means = images.float().mean((0, 2, 3))
    assert means.tolist() == pytest.approx([125, 123, 114], abs=12)  # as published for CIFAR10


def test_both_take_less_than_a_megabyte() -> None:
    files = [path for path in excerpt.FOLDER.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_000_000


@pytest.mark.parametrize(
    ("name", "file"), [("cifar10", "cifar10_webp.zip"), ("cifar100", "cifar100_part_webp.zip")]
)
def test_its_pixels_are_those_of_the_official_test_images(
    name: str, file: str, shared_data: Callable[..., Path]
) -> None:
    about = json.loads((excerpt.FOLDER / f"{name}.json").read_text())
    dataset = load_dataset(name, "excerpt")
    assert dataset.labels is not None
    with zipfile.ZipFile(shared_data(file)) as archive:
        for number, label in enumerate(dataset.labels):
            path = f"test/{dataset.classes[label]}/{about['names'][number]}.webp"
            with Image.open(io.BytesIO(archive.read(path))) as picture:
                expected = torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1)
            assert torch.equal(dataset.images([number])[0], expected), path


@pytest.mark.parametrize("name", NAMES)
def test_it_stands_in_for_missing_files_in_pictures_only(name: str) -> None:
    config = preset(f"{name}-conv-laptop")
    assert sources_to_look_at(config) == ["official", "excerpt"]
    assert dataset_to_look_at(config).source == "excerpt"
    for opened in (lambda: config_dataset(config), lambda: load_dataset(name)):
        with one_sentence(f"data fetch {name}"):
            opened()


def test_official_files_come_before_it(tmp_path: Path) -> None:
    """And a damaged one is not replaced silently."""
    config = preset("cifar10-conv-laptop")
    path = tmp_path / "cifar10.zip"
    shutil.copyfile(Path(__file__).parents[1] / "data" / "cifar10.zip", path)
    assert dataset_to_look_at(config, tmp_path).source == "official"
    path.write_bytes(b"no zip")
    with one_sentence("cifar10.zip"):
        dataset_to_look_at(config, tmp_path)


def test_other_datasets_have_none() -> None:
    assert [name for name, entry in DATASETS.items() if entry.excerpt] == NAMES
    with one_sentence("2Dshapes", "no excerpt"):
        load_dataset("2dshapes", "excerpt")
    assert sources_to_look_at(preset("2dshapes-conv-laptop", source="official")) == [
        *("official", "rendered")
    ]
    own = small_config(dataset="mine", source="own", channels=3, image_size=32)
    assert sources_to_look_at(own) == ["own"]


def test_no_model_is_trained_on_it() -> None:
    with one_sentence("excerpt of cifar10", "too small for training", "data fetch cifar10"):
        preset("cifar10-conv-laptop", source="excerpt")


def test_no_distance_is_measured_to_it() -> None:
    with one_sentence("excerpt of CIFAR100", "256 images", "data fetch cifar100"):
        reference(load_dataset("cifar100", "excerpt"), "lite0")


@pytest.mark.parametrize("damage", ["pixels", "text", "gone"])
def test_damaged_files_are_one_sentence(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in excerpt.FOLDER.glob("cifar10.*"):
        shutil.copyfile(path, tmp_path / path.name)
    monkeypatch.setattr(excerpt, "FOLDER", tmp_path)
    assert len(load_dataset("cifar10", "excerpt")) == 256
    if damage == "pixels":
        other = np.zeros((512, 512, 3), np.uint8)
        Image.fromarray(other).save(tmp_path / "cifar10.webp", lossless=True)
    elif damage == "text":
        (tmp_path / "cifar10.json").write_text("{")
    else:
        (tmp_path / "cifar10.webp").unlink()
    with one_sentence("cifar10.webp", "install this package again"):
        load_dataset("cifar10", "excerpt")


def test_of_few_images_each_is_drawn_before_one_is_drawn_again() -> None:
    few = random_rows(256, 600, generator(0, "few")).tolist()
    assert sorted(few[:256]) == sorted(few[256:512]) == list(range(256))
    assert len(set(few[512:])) == 88
    assert few[:256] != few[256:512]
    many = random_rows(50_000, 12, generator(3, "strip"))
    assert torch.equal(many, torch.randint(50_000, (12,), generator=generator(3, "strip")))
    assert random_rows(5, 0, generator(0, "few")).tolist() == []


def test_the_list_of_data_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    from argparse import Namespace

    list_data(Namespace(root=None, json=True))
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["datasets"]}
    assert [name for name, row in rows.items() if row["excerpt"]] == NAMES
