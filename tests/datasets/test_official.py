"""The readers of 3Dshapes, MPI3D and CIFAR, on small files in the official layouts."""

import itertools
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
import torchvision
from torchvision.datasets.utils import calculate_md5

from betavae_core.datasets import load_dataset
from betavae_core.datasets.rendered import mpi3d_toy, shapes3d
from betavae_core.factors import FactorSpace
from tests.oracles import SAMPLES, left_in, one_sentence

SMALL3D = FactorSpace(
    shapes3d.SPACE.names,
    (2, 3, 2, 2, 4, 3),
    [v[:n] for v, n in zip(shapes3d.SPACE.values, (2, 3, 2, 2, 4, 3), strict=True)],
)
SMALLMPI = FactorSpace(mpi3d_toy.SPACE.names, (2, 3, 2, 3, 1, 2, 2))
RANDOM = np.random.default_rng(0)


@pytest.fixture
def shapes(monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """The arrays of an official 3dshapes.h5 of 288 images."""
    monkeypatch.setattr(shapes3d, "SPACE", SMALL3D)
    numbers = [
        range(len(values)) if isinstance(values[0], str) else values for values in SMALL3D.values
    ]
    labels = np.array(list(itertools.product(*numbers)), np.float64)
    return {"images": RANDOM.integers(0, 255, (288, 64, 64, 3), np.uint8), "labels": labels}


def write_h5(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file.create_dataset(name, data=values, compression="gzip")
    return path


def test_3dshapes(shapes: dict[str, np.ndarray], tmp_path: Path) -> None:
    path = write_h5(tmp_path / "3dshapes.h5", shapes)
    dataset = load_dataset("3dshapes", "official", path)
    assert (dataset.name, dataset.source, len(dataset)) == ("3dshapes", "official", 288)
    assert dataset.space == SMALL3D
    images = dataset.images([287, 0, 5])
    assert images.shape == (3, 3, 64, 64)
    expected = torch.from_numpy(shapes["images"][[287, 0, 5]]).permute(0, 3, 1, 2)
    assert torch.equal(images, expected)
    assert load_dataset("3dshapes", root=tmp_path).source == "official"


H5_DAMAGES: dict[str, tuple[Callable[[dict[str, np.ndarray]], Any], str]] = {
    "wrong dtype": (lambda a: a.update(images=a["images"] / 255), "float64"),
    "wrong length": (lambda a: a.update(images=a["images"][:-1]), "287"),
    "wrong size": (lambda a: a.update(images=a["images"][:, :32]), "32"),
    "no images": (lambda a: a.pop("images"), "images"),
    "no labels": (lambda a: a.pop("labels"), "labels"),
    "other order": (lambda a: a.update(labels=a["labels"][::-1]), "order"),
    "labels of integers": (lambda a: a.update(labels=a["labels"].astype(int)), "labels"),
}


@pytest.mark.parametrize("damage", H5_DAMAGES)
def test_a_foreign_h5_file_is_one_sentence(
    damage: str, shapes: dict[str, np.ndarray], tmp_path: Path, own_folders: dict[str, Path]
) -> None:
    change, named = H5_DAMAGES[damage]
    change(shapes)
    path = write_h5(tmp_path / "3dshapes.h5", shapes)
    with one_sentence(str(path), named):
        load_dataset("3dshapes", "official", path)
    assert left_in(own_folders["CACHE"]) == []


@pytest.fixture
def arm(monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """The images of an official mpi3d_toy.npz of 144 images."""
    monkeypatch.setattr(mpi3d_toy, "SPACE", SMALLMPI)
    return RANDOM.integers(0, 255, (144, 64, 64, 3), np.uint8)


@pytest.mark.parametrize("name", ["mpi3d-toy", "mpi3d-realistic", "mpi3d-real"])
def test_mpi3d(name: str, arm: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / f"{name.replace('-', '_')}.npz"
    np.savez_compressed(path, images=arm)
    dataset = load_dataset(name, "official", tmp_path)
    assert (dataset.name, dataset.source, len(dataset)) == (name, "official", 144)
    assert dataset.space == SMALLMPI
    expected = torch.from_numpy(arm[[143, 7]]).permute(0, 3, 1, 2)
    assert torch.equal(dataset.images([143, 7]), expected)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda a: {"images": a / 255}, "float64"),
        (lambda a: {"images": a[:-1]}, "143"),
        (lambda a: {"images": a[:, :32]}, "32"),
        (lambda a: {"pictures": a}, "images"),
        (lambda a: {"images": a.astype(object)}, "images"),
    ],
)
def test_a_foreign_npz_file_is_one_sentence(
    change: Callable[[np.ndarray], dict[str, Any]], named: str, arm: np.ndarray, tmp_path: Path
) -> None:
    path = tmp_path / "mpi3d_toy.npz"
    np.savez(path, **change(arm))
    with one_sentence(str(path), named):
        load_dataset("mpi3d-toy", "official", path)


@pytest.mark.parametrize("kept", [0.0, 0.4, 0.99])
@pytest.mark.parametrize("name", ["mpi3d-toy", "3dshapes"])
def test_a_truncated_file_is_one_sentence(
    name: str, kept: float, arm: np.ndarray, shapes: dict[str, np.ndarray], tmp_path: Path
) -> None:
    path = tmp_path / ("mpi3d_toy.npz" if name == "mpi3d-toy" else "3dshapes.h5")
    if name == "mpi3d-toy":
        np.savez_compressed(path, images=arm)
    else:
        write_h5(path, shapes)
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    with one_sentence(str(path)):
        load_dataset(name, "official", path)


@pytest.mark.parametrize("name", ["mpi3d-real", "mpi3d-realistic", "cifar10", "cifar100"])
def test_a_dataset_without_a_rendered_source(name: str, tmp_path: Path) -> None:
    with one_sentence("rendered"):
        load_dataset(name, "rendered")
    with one_sentence(str(tmp_path), "https://"):
        load_dataset(name, None, tmp_path)


# ---- CIFAR


def cifar_archive(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, np.ndarray]:
    """An archive in CIFAR10's layout with 4 images in each of its five training batches, whose
    checksums torchvision is told to expect."""
    kind = torchvision.datasets.CIFAR10
    base = folder / "made" / kind.base_folder
    base.mkdir(parents=True)
    images = RANDOM.integers(0, 255, (24, 3, 32, 32), np.uint8)
    names = [name for name, _ in [*kind.train_list, *kind.test_list]]
    for number, name in enumerate(names):
        rows = images[4 * number : 4 * number + 4].reshape(4, -1)
        (base / name).write_bytes(pickle.dumps({"data": rows, "labels": [0, 1, 2, 3]}))
    meta = kind.meta["filename"]
    (base / meta).write_bytes(pickle.dumps({"label_names": list("abcdefghij")}))
    sums = [[name, calculate_md5(base / name)] for name in names]
    monkeypatch.setattr(kind, "train_list", sums[:5])
    monkeypatch.setattr(kind, "test_list", sums[5:])
    monkeypatch.setattr(kind, "meta", kind.meta | {"md5": calculate_md5(base / meta)})
    path = folder / kind.filename
    with tarfile.open(path, "w:gz") as archive:
        archive.add(base, kind.base_folder)
    return path, images[:20]


def test_cifar10_from_its_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, images = cifar_archive(tmp_path, monkeypatch)
    for place in (path, tmp_path, tmp_path / "cifar-10-batches-py"):
        dataset = load_dataset("cifar10", "official", place)
        assert (dataset.title, dataset.source, dataset.space) == ("CIFAR10", "official", None)
        assert dataset.shape == (3, 32, 32)
        assert torch.equal(dataset.images(range(20)), torch.from_numpy(images))
        assert dataset.classes == tuple("abcdefghij")
        assert dataset.labels is not None
        assert dataset.labels.tolist() == [0, 1, 2, 3] * 5


def test_a_damaged_cifar_archive_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = cifar_archive(tmp_path, monkeypatch)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with one_sentence(str(path)):
        load_dataset("cifar10", "official", path)
    assert not (tmp_path / "cifar-10-batches-py").exists()
    path.write_bytes(data)
    load_dataset("cifar10", "official", path)
    (tmp_path / "cifar-10-batches-py" / "data_batch_3").write_bytes(b"other")
    with one_sentence("cifar-10-batches-py", "CIFAR10"):
        load_dataset("cifar10", "official", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "file", "count", "note"),
    [
        ("cifar10", "cifar10_webp.zip", 50_000, ""),
        ("cifar100", "cifar100_part_webp.zip", 30_000, "30,000 of 50,000 training images"),
    ],
)
def test_real_cifar_images(
    name: str,
    file: str,
    count: int,
    note: str,
    shared_data: Callable[..., Path],
    tmp_path: Path,
) -> None:
    """From the zip of pictures, or ten of them, which were chosen to have the mean of all."""
    path = shared_data(file, SAMPLES / f"{name}.zip")
    step = 10
    if path.parent == SAMPLES:
        count, note, step = 10, "10 of 50,000 training images", 1
    elif name == "cifar10":  # the first hundred of each class are enough
        path, count, note = some_of(path, tmp_path), 1000, "1,000 of 50,000 training images"
    dataset = load_dataset(name, "official", path)
    assert (len(dataset), dataset.note, dataset.skipped) == (count, note, ())
    assert dataset.shape == (3, 32, 32)
    means = dataset.images(range(0, count, step)).float().mean((0, 2, 3))
    assert means.tolist() == pytest.approx([125, 123, 114], abs=8)  # as published for CIFAR10


def some_of(path: Path, folder: Path) -> Path:
    target = folder / "some.zip"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(target, "w") as some:
        taken: dict[str, int] = {}
        for name in sorted(whole.namelist()):
            kind = name.rsplit("/", 1)[0]
            if name.startswith("train") and name.endswith("webp") and taken.get(kind, 0) < 100:
                taken[kind] = taken.get(kind, 0) + 1
                some.writestr(name, whole.read(name))
    return target
