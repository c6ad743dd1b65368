"""The star of ground-truth traversals as a stored measurement."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from betavae_core.datasets import config_dataset
from betavae_core.scoring.elbo import score_elbo
from betavae_core.scoring.star import encoded_star, measured_star, score_star
from betavae_core.store import BrokenRun, Run, list_runs, load_run
from betavae_core.training.workers import Job, score_job
from tests.oracles import one_sentence

SIZES = {"shape": 3, "scale": 6, "orientation": 40, "position x": 32, "position y": 32}


def test_the_points_lie_on_the_main_axes_of_the_distinct_codes(small_run: Run) -> None:
    dataset = config_dataset(small_run.config)
    record = score_star(small_run, dataset)
    assert {name: len(points) for name, points in record["points"].items()} == SIZES
    assert record["settings"] == {"dataset": "2dshapes", "source": "rendered", "images": 109}
    found = encoded_star(small_run.model, dataset)
    _, once = np.unique(found.rows, return_index=True)
    variance, axes = np.linalg.eigh(np.cov(found.mean[once].T))
    assert record["explained"] == pytest.approx(variance[:0:-1] / variance.sum())
    points = np.concatenate([np.array(part) for part in record["points"].values()])
    expected = np.abs(found.mean @ axes[:, :0:-1])  # the sign of an axis is free
    assert np.abs(points) == pytest.approx(expected, rel=1e-3, abs=1e-4)
    assert record["numbers"]["spread"] == pytest.approx(
        float(np.sqrt(found.mean[once].var(0).mean()))
    )
    assert measured_star(load_run(small_run.path)) == record


def test_stored_with_the_other_measurements_and_only_once(small_run: Run) -> None:
    dataset = config_dataset(small_run.config)
    score_elbo(small_run, dataset, images=16)
    job = Job(small_run.config, None, scored=False)
    for _ in range(2):
        score_job(job, small_run.path, dataset, "cpu", lambda: False)
        names = [record["score"] for record in load_run(small_run.path).scores]
        assert names == ["elbo", "star"]


def test_other_weights_have_no_star(small_run: Run) -> None:
    score_star(small_run, config_dataset(small_run.config))
    stored = load_run(small_run.path)
    assert measured_star(stored) is not None
    assert measured_star(replace(stored, weights_hash="of others")) is None


def test_images_without_factors_are_refused(own_run: Run) -> None:
    with one_sentence("factors"):
        score_star(own_run, config_dataset(own_run.config))


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("points", {"shape": [[1.0]]}, "points is not"),
        ("points", {}, "points is not"),
        ("explained", "0.5", "explained is not"),
        ("numbers", {"spread": 1.0, "sigma": 1.0, "nearest": "far"}, "numbers.nearest is not"),
    ],
)
def test_a_damaged_record_is_one_sentence(
    small_run: Run, field: str, value: object, says: str
) -> None:
    record = score_star(small_run, config_dataset(small_run.config)) | {field: value}
    Path(small_run.path / "scores.json").write_text(json.dumps([record]))
    (broken,) = list_runs(small_run.path.parent)
    assert isinstance(broken, BrokenRun)
    assert says in broken.reason
