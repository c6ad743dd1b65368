"""Distances of runs: reconstructions and samples apart, kept with their settings, made as training
goes."""

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from betavae_core import store
from betavae_core.__main__ import main
from betavae_core.commands.fid import AllRuns
from betavae_core.datasets import load_dataset
from betavae_core.datasets.base import to_float
from betavae_core.distances import (
    distance_observer,
    few_images,
    made_images,
    measure_distances,
    score_distances,
)
from betavae_core.fid import FEATURES
from betavae_core.fid.reference import reference
from betavae_core.store import Run, load_run
from betavae_core.sweep import sweep
from tests.datasets.test_own import class_folder, picture, write
from tests.oracles import coarse_features, one_sentence, small_config, train_small


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []
    monkeypatch.setitem(FEATURES, "coarse", coarse_features(seen))
    return seen


@pytest.fixture
def small_run(tmp_path: Path) -> Run:
    config = small_config()
    train_small(tmp_path, config)
    return load_run(tmp_path / config.run_id)


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
    with one_sentence("no features", "vgg"):
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


def test_a_sweep_observes(tmp_path: Path) -> None:
    """In its own process, with the features that every machine has."""
    config = small_config(images=64, batch_size=32)
    asked = {"count": 4, "features": "lite0", "reference_images": 8}
    state = list(sweep([config], tmp_path, workers=1, device="cpu", distances=asked))[-1]
    assert [job.reason for job in state.jobs] == [""]
    seen = [r for r in load_run(tmp_path / config.run_id).history if "distances" in r]
    assert [r["images"] for r in seen] == [32, 64]
    assert {r["distances"]["images"] for r in seen} == {4}


# ---- the verbs


@pytest.fixture
def own_run(own_folders: dict[str, Path]) -> Run:
    """A run on 40 images of your own."""
    images = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    own_folders["DATA"].mkdir(exist_ok=True)
    write(own_folders["DATA"] / "noise.npz", images=images)
    config = small_config(dataset="noise", source="own", channels=3, image_size=32, images=8)
    train_small(own_folders["RUNS"], config)
    return load_run(own_folders["RUNS"] / config.run_id)


def verb(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(list(arguments))
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def test_the_verb_fid(built: list[str], small_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["fid", str(small_run.path), "--features", "coarse", "--images", "100"]
    command += ["--reference-images", "200"]
    status, out, err = verb(capsys, *command)
    assert status == 0
    assert "reconstructions: FD (tiles)" in out
    assert "samples: FD (tiles)" in out
    assert "100 images against 200" in out
    assert "2,048" in err
    status, out, _ = verb(capsys, *command, "--json")
    assert status == 0
    found = json.loads(out)
    assert [r["settings"]["kind"] for r in found] == ["reconstructions", "samples"]
    assert [r["run"] for r in found] == [small_run.name] * 2


def test_a_run_that_cannot_be_measured_does_not_stop_the_others(
    built: list[str], small_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a dataset whose file is not here; what could be measured is, and the status says so."""
    foreign = small_run.path.parent / "foreign"
    shutil.copytree(small_run.path, foreign)
    config = replace(small_run.config, source="official")
    (foreign / store.CONFIG).write_text(config.to_json())
    command = ["fid", str(foreign), str(small_run.path), "--features", "coarse"]
    command += ["--images", "50", "--reference-images", "60", "--json"]
    status, out, err = verb(capsys, *command)
    assert status == 2
    assert [r["run"] for r in json.loads(out)] == [small_run.name] * 2
    assert "data fetch 2dshapes" in err


def test_one_bar_for_all_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, int, int]] = []
    bar = AllRuns(2, 2)
    monkeypatch.setattr(bar, "bar", lambda *told: said.append(told))
    bar("EfficientNet-Lite0 features of 20 images", 5, 20)
    for kind in ("reconstructions", "samples"):
        bar(f"features of {kind}", 0, 8)
        bar(f"features of {kind}", 8, 8)
    bar.next_run()
    bar("features of samples", 4, 8)  # of this one the reconstructions were there
    assert said == [
        ("EfficientNet-Lite0 features of 20 images", 5, 20),
        ("made images · run 1 of 2, reconstructions", 0, 32),
        ("made images · run 1 of 2, reconstructions", 8, 32),
        ("made images · run 1 of 2, samples", 8, 32),
        ("made images · run 1 of 2, samples", 16, 32),
        ("made images · run 2 of 2, samples", 20, 32),
    ]


def test_few_images_are_warned_about_as_many_as_there_are(
    built: list[str], own_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten thousand are asked for, and the dataset has 40; the warning is said once."""
    command = ["fid", str(own_run.path), str(own_run.path), "--features", "coarse"]
    status, _, err = verb(capsys, *command)
    assert status == 0, err
    assert err.count("40 images are fewer than 2,048") == 1


def test_the_last_line_tells_what_failed(
    built: list[str], own_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """For a page that shows only that; the run that could be measured comes after it."""
    command = ["fid", "nothing", str(own_run.path), "--features", "coarse"]
    status, _, err = verb(capsys, *command, "--images", "20")
    assert status == 2
    last = err.splitlines()[-1]
    assert last.startswith("1 of 2 runs could not be measured: There is no run")


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


def test_the_verb_fid_refuses_in_one_sentence(
    built: list[str], small_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, named in (
        (["fid"], "one or more runs"),
        (["fid", "nothing"], "nothing"),
        (["fid", str(small_run.path), "--kind", "pictures"], "reconstructions, samples"),
        (["fid", str(small_run.path), "--features", "coarse", "--images", "1"], "three or more"),
    ):
        status, out, err = verb(capsys, *arguments)
        assert status == 2
        assert out == ""
        assert named in err


def test_training_with_distances(
    built: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    quick = partial(distance_observer, features="coarse", reference_images=60)
    monkeypatch.setattr("betavae_core.commands.train.distance_observer", quick)
    common = ["--out", str(tmp_path), "--images", "128", "--latents", "3", "--name", "short"]
    status, _, err = verb(capsys, "train", *common, "--distances", "1")
    assert status == 2
    assert "two or more" in err
    status, _, err = verb(capsys, "train", *common, "--distances", "30", "--device", "cpu")
    assert status == 0, err
    seen = [r for r in store.read_history(tmp_path / "short")[0] if "distances" in r]
    assert [r["images"] for r in seen] == [64, 128]
