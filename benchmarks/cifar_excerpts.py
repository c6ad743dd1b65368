"""Make the excerpts of CIFAR10 and CIFAR100 that the package has (betavae_core/datasets/excerpt).

    python -m benchmarks.cifar_excerpts ARCHIVE… [--out DIR]

ARCHIVE: cifar-10-python.tar.gz or cifar-100-python.tar.gz as published, or a zip of the same images
(`test/<class>/<name>.webp` or .png). Image i of an excerpt is of class i modulo the number of
classes, in the official (alphabetical) order; the images of a class are evenly spaced among its
test images in the order of their names, which begin with what was searched for.
"""

import argparse
import hashlib
import io
import json
import pickle
import tarfile
import zipfile
from collections import defaultdict
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from betavae_core.datasets.downloads import DOWNLOADS, checksum_problem
from betavae_core.datasets.excerpt import COUNT, FOLDER, SIDE, sprite_of
from betavae_core.errors import InputError, Refusal, damaged

Images = dict[str, dict[str, np.ndarray]]  # class → name without suffix → (32, 32, 3) uint8


def published(path: Path) -> Images:
    """The test images of a published archive, whose checksum is verified: pickles of pixels, labels
    and names."""
    known = next((each for each in DOWNLOADS.values() if each.file == path.name), None)
    if known is None or (problem := checksum_problem(path, known)):
        reason = problem if known else "has another name"
        raise damaged(path, reason, what="is not a published archive of CIFAR")
    with tarfile.open(path) as archive:
        files = {PurePosixPath(member.name).name: member for member in archive}

        def read(name: str) -> dict[str, list]:
            file = archive.extractfile(files[name])
            assert file is not None, "a file and not a folder"
            return pickle.load(file, encoding="latin1")

        ten = "test_batch" in files
        batch = read("test_batch" if ten else "test")
        meta = read("batches.meta" if ten else "meta")
    classes = meta["label_names" if ten else "fine_label_names"]
    found: Images = defaultdict(dict)
    labels = batch["labels" if ten else "fine_labels"]
    for name, label, pixels in zip(batch["filenames"], labels, batch["data"], strict=True):
        image = np.asarray(pixels, np.uint8).reshape(3, SIDE, SIDE).transpose(1, 2, 0)
        found[classes[label]][PurePosixPath(name).stem] = image
    return found


def zipped(path: Path) -> Images:
    """The test images of a zip of pictures."""
    found: Images = defaultdict(dict)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            place = PurePosixPath(name)
            if place.suffix in (".webp", ".png") and "test" in place.parts[:-2]:
                with Image.open(io.BytesIO(archive.read(name))) as picture:
                    found[place.parent.name][place.stem] = np.asarray(picture.convert("RGB"))
    return found


def chosen(images: Images) -> list[tuple[str, str]]:
    """Class and name of each image of the excerpt."""
    classes = sorted(images)
    few = [len(range(label, COUNT, len(classes))) for label in range(len(classes))]  # per class
    picked = []
    for number in range(COUNT):
        place, label = divmod(number, len(classes))
        names = sorted(images[classes[label]])
        picked.append((classes[label], names[place * len(names) // few[label]]))
    return picked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archives", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    for path in options.archives:
        images = zipped(path) if zipfile.is_zipfile(path) else published(path)
        if len(images) not in (10, 100):
            raise InputError(
                f"{path} has test images of {len(images)} classes, expected 10 or 100.",
                Refusal.CONTENT,
                path=str(path),
            )
        name, picked = f"cifar{len(images)}", chosen(images)
        pixels = np.stack([images[kind][each] for kind, each in picked])
        sprite = options.out / f"{name}.webp"
        Image.fromarray(sprite_of(pixels)).save(sprite, lossless=True, quality=100, method=6)
        about = {
            "classes": sorted(images),
            "names": [each for _, each in picked],
            "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
        }
        text = json.dumps(about, indent=0, ensure_ascii=False) + "\n"
        sprite.with_suffix(".json").write_text(text)
        print(f"{sprite}: {len(pixels)} images, {sprite.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
