"""Which pictures of a set are those to train on."""

import pytest

from betavae_core.datasets.own.splits import class_of, training_split


@pytest.mark.parametrize("train", ["train", "Train", "TRAIN", "training", "Training"])
@pytest.mark.parametrize("test", ["test", "Test", "Testing", "val", "VALIDATION"])
@pytest.mark.parametrize("before", ["", "set/", "set/data/", "set\\"])
def test_a_split_whatever_its_case(train: str, test: str, before: str) -> None:
    """A class of the test images, too, may be called train."""
    wanted = [f"{before}{train}/cat/1.png", f"{before}{train}/2.png"]
    others = [f"{before}{test}/train/3.png", f"{before}{test}/4.png", f"{before}cover.png"]
    assert training_split([*others, *wanted]) == wanted


@pytest.mark.parametrize(
    "files",
    [
        ["bus/1.png", "car/2.png", "train/3.png"],  # vehicles
        ["set/bus/1.png", "set/Train/3.png"],
        ["cats/train/1.png", "dogs/train/1.png"],
        ["cats/1.png", "vehicles/car/1.png", "vehicles/train/1.png"],
        ["a/test/1.png", "b/val/1.png", "b/c/1.png"],
        ["test/1.png", "val/2.png"],
        ["1.png", "2.png"],
        ["train.png"],
        [],
    ],
)
def test_no_split(files: list[str]) -> None:
    assert training_split(files) == files


def test_training_alone() -> None:
    assert training_split(["Train/a/1.png", "readme.png"]) == ["Train/a/1.png"]


def test_splits_within_the_classes() -> None:
    files = [f"{animal}/{split}/{n}.png" for animal in ("cats", "dogs") for split in
             ("Test", "Train") for n in (1, 2)]  # fmt: skip
    wanted = [file for file in files if "Train" in file]
    assert training_split(files) == wanted
    assert training_split([*files, "birds/train/1.png"]) == [*wanted, "birds/train/1.png"]
    assert training_split([f"set/{file}" for file in files]) == [f"set/{file}" for file in wanted]
    assert {class_of(file) for file in wanted} == {"cats", "dogs"}


@pytest.mark.parametrize("labels", ["labels/1.png", "labels/Training/1.png", "cover.png"])
def test_a_split_beside_other_folders(labels: str) -> None:
    files = ["images/Training/1.png", "images/Validation/2.png", labels]
    wanted = [file for file in files if "Training" in file]
    assert training_split(files) == wanted


def test_classes_are_called_as_their_folders() -> None:
    assert class_of("cats/1.png") == "cats"
    assert class_of("set/train/cats/1.png") == "cats"
    assert class_of("train/1.png") == "train"
    assert class_of("1.png") == ""
