"""Which pictures of a set are those to train on."""

import pytest

from betavae_core.datasets.own.splits import training_split


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
