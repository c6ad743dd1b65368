"""The script that makes the excerpts of CIFAR, on archives of the same layouts with few images."""

import io
import pickle
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import cifar_excerpts
from betavae_core.datasets import downloads, excerpt
from tests.oracles import one_sentence

CLASSES = [f"class{number}" for number in range(10)]
IMAGES = {  # of one colour each, which are packed fast
    kind: {
        f"name_s_{n:06}": np.full((32, 32, 3), (20 * label, 6 * n, 100), np.uint8)
        for n in range(40)
    }
    for label, kind in enumerate(CLASSES)
}


def archive(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """CIFAR10's published archive, with 40 test images of each class."""
    path = folder / "cifar-10-python.tar.gz"
    flat = [(label, name, image) for label, kind in enumerate(CLASSES)
            for name, image in IMAGES[kind].items()]  # fmt: skip
    parts = {
        "test_batch": {
            "data": np.stack([image.transpose(2, 0, 1).reshape(-1) for _, _, image in flat]),
            "labels": [label for label, _, _ in flat],
            "filenames": [f"{name}.png" for _, name, _ in flat],
        },
        "batches.meta": {"label_names": CLASSES},
    }
    with tarfile.open(path, "w:gz") as file:
        for name, content in parts.items():
            data = pickle.dumps(content)
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    entry = downloads.DOWNLOADS["cifar10"]
    monkeypatch.setitem(downloads.DOWNLOADS, "cifar10", replace(entry, md5=downloads.md5(path)))
    return path


def zipped(folder: Path) -> Path:
    path = folder / "pictures.zip"
    with zipfile.ZipFile(path, "w") as file:
        for part in ("train", "test"):
            for kind, images in IMAGES.items():
                for name, image in images.items():
                    data = io.BytesIO()
                    Image.fromarray(image if part == "test" else 255 - image).save(data, "PNG")
                    file.writestr(f"{part}/{kind}/{name}.png", data.getvalue())
    return path


def made(path: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """The images (256, 32, 32, 3) of the excerpt that the script makes of `path`."""
    out.mkdir()
    monkeypatch.setattr(sys, "argv", ["cifar_excerpts", str(path), "--out", str(out)])
    cifar_excerpts.main()
    monkeypatch.setattr(excerpt, "FOLDER", out)
    return excerpt.open_excerpt("cifar10")().images(range(256)).permute(0, 2, 3, 1).numpy()


def test_both_layouts_give_the_same_images_spaced_evenly_over_the_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_zip = made(zipped(tmp_path), tmp_path / "zip", monkeypatch)
    published = made(archive(tmp_path, monkeypatch), tmp_path / "published", monkeypatch)
    assert np.array_equal(from_zip, published)
    for number, image in enumerate(from_zip):
        place, label = divmod(number, 10)
        few = 26 if label < 6 else 25  # of this class
        assert np.array_equal(image, [*IMAGES[CLASSES[label]].values()][place * 40 // few])


def test_another_archive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path, monkeypatch)
    path.write_bytes(path.read_bytes() + b"more")
    with one_sentence("cifar-10-python.tar.gz", "MD5"):
        cifar_excerpts.published(path)
    path = path.rename(tmp_path / "other.tar.gz")
    with one_sentence("other.tar.gz", "another name"):
        cifar_excerpts.published(path)
