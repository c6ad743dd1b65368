"""Distances of runs: reconstructions and samples apart, kept with their settings, made as training
goes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from betavae_core.datasets import load_dataset
from betavae_core.datasets.base import to_float
from betavae_core.fid import FEATURES
from betavae_core.fid.reference import reference
from betavae_core.scoring.distances import (
    distance_observer,
    few_images,
    made_images,
    measure_distances,
    score_distances,
)
from betavae_core.store import Run, load_run
from betavae_core.training.sweep import sweep
from tests.datasets.own.images import class_folder, picture
from tests.oracles import one_sentence, small_config, train_small


class Perfect(torch.nn.Module):
    """Reconstructs every image exactly: its code is the image."""

    latents = 4096

    def __init__(self) -> None:
        super().__init__()
        self.one = torch.nn.Parameter(torch.ones(()))

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x.flatten(1), torch.zeros_like(x.flatten(1))

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return z.unflatten(1, (1, 64, 64)).clamp(0, 1)


@pytest.mark.slow
def test_a_perfect_autoencoder_has_no_distance(built: list[str]) -> None:
    """Of reconstructions, up to the draw of the images; its samples are far off."""
    dataset = load_dataset("2dshapes", "rendered")
    compared = reference(dataset, "coarse", images=2000)
    extractor = FEATURES["coarse"].build("cpu")
    model: Any = Perfect()
    found = {
        kind: measure_distances(model, dataset, compared, extractor, kind, 1500, counts=[500, 1500])
        for kind in ("reconstructions", "samples")
    }
    exact, noise = found["reconstructions"], found["samples"]
    assert 0 <= exact["frechet"] < 0.01 * noise["frechet"]
    assert abs(exact["kernel"]) < 5 * exact["kernel_standard_error"] + 1e-4
    assert noise["kernel"] > 100 * abs(exact["kernel"])
    assert [n for n, _ in exact["by_count"]] == [500, 1500]
    assert exact["by_count"][-1][1] == exact["frechet"]
    assert exact["limit"] < exact["frechet"]
    assert exact["limit_standard_error"] is None  # two points say nothing about their line


def test_reconstructions_are_of_posterior_means(small_run: Run) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    made = torch.cat(list(made_images(small_run.vae, dataset, "reconstructions", 300, seed=2)))
    assert made.shape == (300, 1, 64, 64)
    assert made.dtype == torch.uint8
    again = torch.cat(list(made_images(small_run.vae, dataset, "reconstructions", 300, seed=2)))
    assert torch.equal(made, again)
    other = torch.cat(list(made_images(small_run.vae, dataset, "reconstructions", 300, seed=3)))
    assert not torch.equal(made, other)
    few = load_dataset("2dshapes", "rendered").images(range(10))
    with torch.no_grad():
        expected = small_run.vae.decode(small_run.vae.encode(to_float(few))[0])

    class Ten:
        def __len__(self) -> int:
            return 10

        def images(self, rows: Any) -> torch.Tensor:
            return few[torch.as_tensor(rows)]

    ten: Any = Ten()
    found = torch.cat(list(made_images(small_run.vae, ten, "reconstructions", 10)))
    rounded = (255 * expected).round().to(torch.uint8)
    assert sorted(found.flatten(1).sum(1).tolist()) == sorted(rounded.flatten(1).sum(1).tolist())


def test_samples_need_no_dataset(small_run: Run) -> None:
    made = torch.cat(list(made_images(small_run.vae, None, "samples", 300)))
    assert made.shape == (300, 1, 64, 64)
    assert len(made.flatten(1).unique(dim=0)) > 250
    with one_sentence("no kind", "reconstructions, samples"):
        next(made_images(small_run.vae, None, "pictures", 5))
    with one_sentence("two or more", "1"):
        next(made_images(small_run.vae, None, "samples", 1))


def test_scores_are_kept_with_their_settings(built: list[str], small_run: Run) -> None:
    records = score_distances(small_run, features="coarse", images=200, reference_images=500)
    run = load_run(small_run.path)
    assert run.scores == json.loads(json.dumps(records))
    assert [r["settings"]["kind"] for r in records] == ["reconstructions", "samples"]
    for record in records:
        settings = record["settings"]
        assert settings["features"] == "coarse"
        assert (settings["images"], settings["reference_images"]) == (200, 500)
        assert settings["source"] == "rendered"
        assert record["weights"] == run.weights_hash
        assert record["value"] > 0
        assert record["details"]["by_count"][-1] == [200, record["value"]]
        assert {"torch", "scipy"} <= set(record["versions"])
    before = len(built)
    again = score_distances(run, features="coarse", images=200, reference_images=500)
    assert again == run.scores
    assert len(built) == before  # nothing was computed
    score_distances(run, features="coarse", images=300, reference_images=500, kinds=("samples",))
    assert len(load_run(run.path).scores) == 3


def test_wrong_settings_are_refused(built: list[str], small_run: Run) -> None:
    with one_sentence("no kind of features", "vgg"):
        score_distances(small_run, features="vgg")
    with one_sentence("no kind", "pictures"):
        score_distances(small_run, features="coarse", kinds=("pictures",), reference_images=20)
    with one_sentence("three or more", "got 1 and 20"):
        score_distances(small_run, features="coarse", images=1, reference_images=20)


def test_a_small_dataset_gives_as_many_as_it_has(
    built: list[str], tmp_path: Path, own_folders: dict[str, Path]
) -> None:
    class_folder(own_folders["DATA"] / "birds")
    config = small_config(dataset="birds", source="own", channels=3, image_size=32, images=8)
    train_small(tmp_path, config)
    run = load_run(tmp_path / config.run_id)
    records = score_distances(run, features="coarse", reference_images=10)
    assert [r["settings"]["images"] for r in records] == [6, 6]
    assert score_distances(load_run(run.path), features="coarse", reference_images=10) == records
    picture(own_folders["DATA"] / "birds" / "class0" / "more.png", 9)  # other images of that name
    again = score_distances(load_run(run.path), features="coarse", reference_images=10)
    assert [r["settings"]["images"] for r in again] == [7, 7]
    with one_sentence("only 7 images", "8"):
        next(made_images(run.vae, load_dataset("birds"), "reconstructions", 8))


def test_few_images_are_warned_about() -> None:
    assert "2,048" in few_images(2047)
    assert few_images(2048) == ""
    assert "300 images" in few_images(10_000, 300)


# ---- during training


def test_observing_changes_nothing_but_the_history(built: list[str], tmp_path: Path) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    observe = distance_observer(dataset, 20, features="coarse", reference_images=50)
    config = small_config()
    train_small(tmp_path / "plain", config)
    train_small(tmp_path / "observed", config, observe=observe)
    plain, observed = (load_run(tmp_path / n / config.run_id) for n in ("plain", "observed"))
    assert plain.weights_hash == observed.weights_hash
    seen = [r for r in observed.history if "distances" in r]
    assert [r["images"] for r in seen] == [32, 56, 80, 104, 124]  # of 124: 24.8, 49.6, …
    for record in seen:
        found = record["distances"]
        assert found["kind"] == "reconstructions"
        assert (found["features"], found["images"], found["reference_images"]) == ("coarse", 20, 50)
        assert found["frechet"] > 0
        assert np.isfinite(found["kernel"])
    kept = [{k: v for k, v in r.items() if k != "seconds"} for r in observed.history if "nll" in r]
    assert kept == [{k: v for k, v in r.items() if k != "seconds"} for r in plain.history]
    assert observed.images_seen == 124
    assert observed.status == "finished"


def test_a_stopped_run_keeps_what_was_observed(built: list[str], tmp_path: Path) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    observe = distance_observer(dataset, 20, features="coarse", reference_images=50)
    config = small_config()
    steps = iter(range(1, 1000))
    train_small(tmp_path, config, observe=observe, stop=lambda: next(steps) >= 8)
    path = tmp_path / config.run_id
    assert [r["images"] for r in load_run(path).history if "distances" in r] == [32, 56]
    train_small(tmp_path, config, observe=observe, resume=True)
    run = load_run(path)
    assert [r["images"] for r in run.history if "distances" in r] == [32, 56, 80, 104, 124]
    train_small(tmp_path / "whole", config, observe=observe)
    assert run.weights_hash == load_run(tmp_path / "whole" / config.run_id).weights_hash


@pytest.mark.slow
def test_a_sweep_observes(tmp_path: Path) -> None:
    """In its own process, with the features that every machine has."""
    config = small_config(images=64, batch_size=32)
    asked = {"count": 4, "features": "lite0", "reference_images": 8}
    state = list(sweep([config], tmp_path, workers=1, device="cpu", distances=asked))[-1]
    assert [job.reason for job in state.jobs] == [""]
    seen = [r for r in load_run(tmp_path / config.run_id).history if "distances" in r]
    assert [r["images"] for r in seen] == [32, 64]
    assert {r["distances"]["images"] for r in seen} == {4}


def test_observing_takes_no_more_images_than_there_are(built: list[str], own_run: Run) -> None:
    observe = distance_observer(load_dataset("noise"), 2048, features="coarse")
    found = observe(own_run.vae)["distances"]
    assert found["images"] == found["reference_images"] == 40


def test_features_of_another_width_are_refused(
    own_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = replace(FEATURES["lite0"], dimensions=5, build=lambda _: lambda x: x.mean((2, 3)))
    monkeypatch.setitem(FEATURES, "narrow", entry)
    with one_sentence("(32, 5)", "(32, 3)"):
        score_distances(own_run, features="narrow", images=20)
