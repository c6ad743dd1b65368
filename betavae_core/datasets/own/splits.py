"""Folders of training and test images: which pictures of a set are those to train on."""

from collections.abc import Sequence
from pathlib import PurePosixPath

TRAINING = ("train", "training")
OTHERS = ("test", "testing", "val", "valid", "validation", "dev", "eval")


def training_split(files: Sequence[str]) -> list[str]:
    """The files under the folders of training images, where there are such; else all of them.

    A folder of training images lies beside one of others, in the folder of everything or in those
    of the classes, or is all that there is; case does not matter. Where folders that are no splits
    lie beside it and none that is, it is a class that is called train.
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
    """The name of the folder that a file lies in, but for that of its split."""
    folders = PurePosixPath(file.replace("\\", "/")).parent.parts
    names = [name for name in folders if name.lower() not in (*TRAINING, *OTHERS)]
    return (names or folders or ("",))[-1]


def has_training_folder(names: Sequence[str]) -> bool:
    """Whether one of these folders is one of training images."""
    return any(name.lower() in TRAINING for name in names)
