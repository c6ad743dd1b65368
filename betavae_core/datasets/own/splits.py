"""Folders of training and test images: choose the pictures for training."""

from collections.abc import Sequence
from pathlib import PurePosixPath

TRAINING = ("train", "training")
OTHERS = ("test", "testing", "val", "valid", "validation", "dev", "eval")


def training_split(files: Sequence[str]) -> list[str]:
    """The files under the folders of training images, if there are any; otherwise all files.

    A folder of training images is beside a folder of test images, at the top or in each class, or
    it is the only folder; upper and lower case are equal. If it is only beside folders that are not
    splits, it is a class named train.
    """
    parts = [PurePosixPath(file.replace("\\", "/")).parts for file in files]
    inside: dict[tuple[str, ...], set[str]] = {}  # the folders in each folder
    for p in parts:
        for level in range(len(p) - 1):
            inside.setdefault(p[:level], set()).add(p[level])
    called = {folder: {name.lower() for name in names} for folder, names in inside.items()}
    split = {f for f, names in called.items() if names & set(TRAINING) and names & set(OTHERS)}
    depths = {len(folder) for folder in split}
    split |= {f for f, names in called.items() if len(f) in depths and names <= set(TRAINING)}
    top: tuple[str, ...] = ()
    while len(inside.get(top, ())) == 1 and not called[top] <= set(TRAINING):
        top = (*top, *inside[top])
    if called.get(top) and called[top] <= set(TRAINING):
        split.add(top)
    wanted = []
    for file, p in zip(files, parts, strict=True):
        first = next((level for level in range(len(p) - 1) if p[:level] in split), None)
        if first is not None and p[first].lower() in TRAINING:
            wanted.append(file)
    return wanted if split else list(files)


def class_of(file: str) -> str:
    """The name of the folder that contains a file, ignoring the folder of its split."""
    folders = PurePosixPath(file.replace("\\", "/")).parent.parts
    names = [name for name in folders if name.lower() not in (*TRAINING, *OTHERS)]
    return (names or folders or ("",))[-1]


def has_training_folder(names: Sequence[str]) -> bool:
    """Whether one of these folders has training images."""
    return any(name.lower() in TRAINING for name in names)
