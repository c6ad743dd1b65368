"""The everyday tasks, and the package's face."""

from pathlib import Path

import numpy as np
import pytest
import torch

import betavae_core as bv
from betavae_core.datasets import load_dataset
from betavae_core.datasets.base import to_float
from betavae_core.store import Run, load_run
from tests.oracles import one_sentence

DATASET = load_dataset("2dshapes", "rendered")


def test_every_name_of_the_face_is_there() -> None:
    for name in bv.FACE:
        assert getattr(bv, name) is not None
    assert set(bv.FACE) <= set(dir(bv))
    with pytest.raises(AttributeError, match="beauty"):
        bv.beauty  # noqa: B018


def test_a_run_by_name_or_path(small_run: Run) -> None:
    folder = small_run.path.parent
    for found in (bv.open_run(small_run.path), bv.open_run(small_run.name, folder)):
        assert found.weights_hash == small_run.weights_hash
    with one_sentence("nothing", small_run.name):
        bv.open_run("nothing", folder)


def test_codes_are_those_of_the_model(small_run: Run) -> None:
    rows = [700_000, 3, 3]
    expected = small_run.model.encode(to_float(DATASET.images(rows)))[0]
    for of in (small_run, small_run.model):
        codes = bv.encode(of, DATASET, rows)
        assert codes.dtype == np.float32
        torch.testing.assert_close(torch.from_numpy(codes), expected)
    with one_sentence("dataset"):
        bv.encode(small_run.model)


def test_scores_of_codes_are_those_of_the_metric() -> None:
    space = bv.FactorSpace(["a", "b"], [4, 5])
    perfect = space.factors(np.arange(20)).astype(np.float32)
    for codes in (perfect, torch.from_numpy(perfect)):
        assert bv.score(codes, "mig", space, points=None)["value"] == pytest.approx(1)
    with one_sentence("factors"):
        bv.score(perfect, "mig")
    with one_sentence("beauty", "mig"):
        bv.score(perfect, "beauty", space)


def test_storing_a_score_is_a_choice_and_memory_is_not_stale(small_run: Run) -> None:
    before = len(small_run.scores)
    first = bv.score(small_run, "mig", points=50)
    assert len(load_run(small_run.path).scores) == len(small_run.scores) == before
    stored = bv.score(small_run, "mig", points=50, store=True)
    assert stored["value"] == first["value"]
    assert len(load_run(small_run.path).scores) == len(small_run.scores) == before + 1
    kept = small_run.score("mig", points=50)
    assert kept is not None
    assert kept["value"] == first["value"]


def test_without_settings_the_standard_protocol(small_run: Run) -> None:
    settings = bv.score(small_run, "mig")["settings"]
    assert settings["points"] == 10_000


def test_rows_of_a_traversal_move_one_latent(small_run: Run) -> None:
    image = DATASET.images([5])[0]
    rows = bv.traverse(small_run, image, [2, 0], steps=5)
    assert rows.shape == (2, 5, 1, 64, 64)
    middle = small_run.vae.decode(_moved(small_run, image, 2, 0.0))
    torch.testing.assert_close(rows[0, 2], middle[0])
    assert bv.traverse(small_run).shape[:2] == (small_run.config.latents, 9)
    with one_sentence("latent 10", "0 to 2"):
        bv.traverse(small_run, image, [10])


def _moved(run: Run, image: torch.Tensor, latent: int, value: float) -> torch.Tensor:
    z = run.model.encode(to_float(image[None]))[0]
    z[:, latent] = value
    return z


def test_a_distance_is_stored_by_choice(
    small_run: Run, built: list[str], own_folders: dict[str, Path]
) -> None:
    settings = {"features": "coarse", "reference_images": 60}
    found = bv.distance(small_run, images=50, **settings)
    assert found["settings"]["features"] == "coarse"
    assert found["value"] > 0
    assert small_run.score("frechet") is None
    stored = bv.distance(small_run, images=50, store=True, **settings)
    assert stored["value"] == found["value"]
    assert small_run.score("frechet") is not None
