"""Folders of training and test images: which pictures of a set are those to train on."""

from collections.abc import Sequence
from pathlib import PurePosixPath

TRAINING = ("train", "training")
OTHERS = ("test", "testing", "val", "valid", "validation", "dev", "eval")


def training_split(files: Sequence[str]) -> list[str]:
    """The files under the folder of training images, where there is one; else all of them.

    It may lie in folders that hold everything, and its case does not matter. Where folders that are
    no splits lie beside it and none that is, it is a class that is called train.
    """
    parts = [PurePosixPath(file.replace("\\", "/")).parts for file in files]
    for level in range(max(map(len, parts), default=0)):
        folders = {p[level].lower() for p in parts if len(p) > level + 1}
        if folders & set(TRAINING):
            if folders <= set(TRAINING) or folders & set(OTHERS):
                return [
                    file
                    for file, p in zip(files, parts, strict=True)
                    if len(p) > level + 1 and p[level].lower() in TRAINING
                ]
            return list(files)
        if len(folders) != 1:
            break
    return list(files)


def has_training_folder(names: Sequence[str]) -> bool:
    """Whether one of these folders is one of training images."""
    return any(name.lower() in TRAINING for name in names)
