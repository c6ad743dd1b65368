"""What cannot be trained is one sentence, and what is there stays as it was."""

from pathlib import Path
from typing import Any

import pytest

from betavae_core.training.loop import train
from tests.oracles import one_sentence, small_config, train_small
from tests.training.reading import files, same_weights


def test_the_same_config_twice_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    config = small_config(images=24)
    train_small(tmp_path, config)
    path = tmp_path / config.run_id
    before = files(path)
    with one_sentence(str(path), "--resume"):
        train_small(tmp_path, config)
    assert files(path) == before


def test_a_second_trainer_of_one_run_is_refused(tmp_path: Path) -> None:
    config = small_config()
    first = train(config, tmp_path, name="run", device="cpu")
    next(first)
    before = files(tmp_path / "run")
    with one_sentence("another process"):
        train_small(tmp_path, config, name="run", resume=True)
    assert files(tmp_path / "run") == before
    assert list(first)[-1].images == config.images
    train_small(tmp_path / "alone", config, name="run")
    assert same_weights(tmp_path / "run", tmp_path / "alone" / "run")


@pytest.mark.parametrize(
    ("changes", "options", "named"),
    [
        ({"beta": None}, {}, "beta"),
        ({"dataset": "4dshapes", "channels": 1, "image_size": 64}, {}, "4dshapes"),
        ({"image_size": 32}, {}, "(1, 64, 64)"),
        ({"model": "vit"}, {}, "vit"),
        ({"optimizer": "lion"}, {}, "lion"),
        ({"likelihood": "poisson"}, {}, "poisson"),
        ({"optimizer": "adagrad"}, {"graph": True}, "adam"),
        ({"source": "official"}, {}, "official"),
    ],
    ids=str,
)
def test_what_cannot_be_trained_leaves_no_run(
    changes: dict[str, Any], options: dict[str, Any], named: str, tmp_path: Path
) -> None:
    with one_sentence(named):
        train_small(tmp_path, small_config(**changes), **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("device", ["gpu9", "cuda:99999"])
def test_a_device_that_is_not_there_leaves_no_run(device: str, tmp_path: Path) -> None:
    with one_sentence():
        list(train(small_config(), tmp_path, device=device))
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_folder_is_one_sentence(unwritable: Path) -> None:
    with one_sentence(str(unwritable)):
        train_small(unwritable, small_config())


def test_no_images_to_see_is_said(tmp_path: Path) -> None:
    with one_sentence("images must be 1 or more", "verb baseline", "got 0"):
        train_small(tmp_path, small_config(images=0))
