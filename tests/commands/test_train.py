"""The verb train in process: its settings, results on stdout, one sentence for bad input."""

import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core import store
from betavae_core.__main__ import main
from betavae_core.commands import sweep as sweep_verb
from betavae_core.commands import train as train_verb
from betavae_core.config import PRESETS, RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.datasets.rendered import shapes2d
from betavae_core.errors import InputError
from betavae_core.scoring.elbo import elbo_terms
from betavae_core.store import load_run
from tests.commands.running import SMALL, Output, refused, result
from tests.datasets.own.images import class_folder

pytestmark = pytest.mark.usefixtures("quick_scores")


def test_train(capsys: Output, own_folders: dict[str, Path]) -> None:
    assert main(["train", *SMALL, "--json"]) == 0
    output = capsys.readouterr()
    printed = json.loads(output.out)
    run = load_run(printed["run"])
    assert run.path.parent == own_folders["RUNS"]
    assert run.status == printed["status"] == "finished"
    assert run.config.images == printed["images"] == 320
    assert (run.config.batch_size, run.config.latents) == (32, 3)
    score = run.score("elbo")
    assert score is not None
    assert printed["nll"] == score["nll"]
    assert printed["kl"] == pytest.approx(sum(score["kl"]))
    assert "normalised" in output.err
    assert "100 %" in output.err


def test_train_into_a_named_folder_as_text(capsys: Output, tmp_path: Path) -> None:
    arguments = ["train", *SMALL, "--out", str(tmp_path), "--name", "mine", "--beta", "10"]
    assert main([*arguments, "--seed", "7", "--half"]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "mine")
    config = load_run(tmp_path / "mine").config
    assert (config.beta, config.seed) == (10.0, 7)


@pytest.mark.slow
@pytest.mark.parametrize("chosen", [["gaussian", "--sigma", "0.2"], ["sigma-vae"]])
def test_train_with_another_likelihood(chosen: list[str], capsys: Output, tmp_path: Path) -> None:
    """The loss is measured by the likelihood that was asked for, and the run says which."""
    arguments = ["--likelihood", *chosen, "--images", "64", "--latents", "2", "--device", "cpu"]
    printed = result(capsys, "train", "--out", str(tmp_path), *arguments)
    run = load_run(printed["run"])
    assert run.config.likelihood == chosen[0]
    assert run.config.sigma == (0.2 if "--sigma" in chosen else RunConfig().sigma)
    elbo = run.score("elbo")
    assert elbo is not None
    assert elbo["settings"]["likelihood"] == chosen[0]
    dataset = load_dataset("2dshapes", "rendered")
    rows = torch.randint(len(dataset), (2000,), generator=torch.Generator().manual_seed(0))
    again = elbo_terms(run.vae, dataset, rows, chosen[0], sigma=run.config.sigma)
    assert elbo["nll"] == pytest.approx(again["nll"], rel=0.02)
    assert again["nll"] != pytest.approx(elbo_terms(run.vae, dataset, rows)["nll"], rel=0.02)


@pytest.mark.parametrize("preset", ["2dshapes-mlp", "2dshapes-conv"])
def test_every_field_of_a_preset_can_be_overridden(
    preset: str, capsys: Output, tmp_path: Path
) -> None:
    arguments = ["--images", "32", "--batch-size", "16", "--latents", "2", "--beta", "0.5"]
    arguments += ["--seed", "5", "--learning-rate", "0.001", "--optimizer", "adagrad"]
    arguments += ["--likelihood", "bernoulli", "--precision", "bfloat16", "--device", "cpu"]
    arguments += ["--source", "rendered", "--dataset", "2dshapes", "--model", "conv"]
    printed = result(capsys, "train", "--preset", preset, "--out", str(tmp_path), *arguments)
    config = json.loads((Path(printed["run"]) / store.CONFIG).read_text())
    assert RunConfig(**config) == RunConfig(
        beta=0.5,
        seed=5,
        latents=2,
        optimizer="adagrad",
        learning_rate=0.001,
        batch_size=16,
        images=32,
        precision="bfloat16",
    )


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--beta", "nan"], "beta"),
        (["--beta", "-1"], "beta"),
        (["--beta", "inf"], "beta"),
        (["--latents", "0"], "latents"),
        (["--batch-size", "0"], "batch_size"),
        (["--images", "-5"], "images"),
        (["--learning-rate", "0"], "learning_rate"),
        (["--seed", "-1"], "seed"),
        (["--preset", "2dshapes-cnn"], "2dshapes-cnn"),
        (["--dataset", "4dshapes"], "4dshapes"),
        (["--dataset", "cifar10"], "cifar10"),
        (["--model", "vit"], "vit"),
        (["--optimizer", "lion"], "lion"),
        (["--likelihood", "poisson"], "poisson"),
        (["--source", "web"], "web"),
        (["--source", "official"], shapes2d.FILE),
        (["--precision", "int8"], "int8"),
        (["--device", "gpu9"], "gpu9"),
        (["--resume", "no-such-run"], "no-such-run"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_to_train(
    arguments: list[str], named: str, capsys: Output, own_folders: dict[str, Path]
) -> None:
    assert named in refused(capsys, "train", *SMALL, *arguments)
    assert not own_folders["RUNS"].exists()


def test_an_unwritable_folder(capsys: Output, unwritable: Path) -> None:
    assert str(unwritable) in refused(capsys, "train", *SMALL, "--out", str(unwritable))


@pytest.mark.parametrize("option", [["--beta", "much"], ["--latents", "2.5"], ["--colour", "red"]])
def test_options_that_do_not_parse(option: list[str], capsys: Output) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["train", *option])
    assert caught.value.code == 2
    assert option[0] in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "preset"),
    [
        ([], "2dshapes-conv-laptop"),
        (["--model", "mlp"], "2dshapes-mlp-laptop"),
        (["--dataset", "3dshapes"], "3dshapes-conv-laptop"),
        (["--dataset", "3dshapes", "--model", "mlp"], "3dshapes-conv-laptop"),
        (["--dataset", "mpi3d-real"], "mpi3d-real-conv-laptop"),
        (["--preset", "mpi3d-toy-conv"], "mpi3d-toy-conv"),
    ],
)
def test_the_settings_follow_the_dataset_and_model(
    arguments: list[str], preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For train and sweep alike; the model asked for is kept."""
    found: list[RunConfig] = []

    def seen(config: RunConfig, *others: Any, **more: Any) -> Any:
        found.append(config)
        raise InputError("Seen.")

    monkeypatch.setattr(train_verb, "train", seen)
    monkeypatch.setattr(sweep_verb, "config_dataset", seen)
    for verb in ("train", "sweep"):
        assert main([verb, *arguments]) == 2
    expected = replace(PRESETS[preset], precision="auto")
    if "mlp" in arguments:
        expected = replace(expected, model="mlp")
    assert found == [expected, expected]


@pytest.mark.slow
def test_own_images_bring_their_name_and_shape(
    capsys: Output, tmp_path: Path, own_folders: dict[str, Path]
) -> None:
    """By their place, then by name from the data folder; 20 passes unless told otherwise."""
    class_folder(own_folders["DATA"] / "photos")
    place = ["--dataset", "folder", "--root", str(own_folders["DATA"] / "photos")]
    few = ["--device", "cpu", "--latents", "3", "--batch-size", "6", "--json"]
    assert main(["train", *place, *few, "--out", str(tmp_path)]) == 0
    config = json.loads(capsys.readouterr().out)["config"]
    assert (config["dataset"], config["source"], config["images"]) == ("photos", "own", 120)
    assert (config["channels"], config["image_size"]) == (3, 32)
    by_name = ["--dataset", "photos", "--images", "12", "--image-size", "64"]
    assert main(["train", *by_name, *few, "--out", str(tmp_path)]) == 0
    config = json.loads(capsys.readouterr().out)["config"]
    assert (config["images"], config["image_size"]) == (12, 64)
    sweep = ["sweep", *place, "--images", "12", "--beta", "1", "--workers", "1", "--device", "cpu"]
    assert main([*sweep, "--out", str(tmp_path / "sweep")]) == 0


def test_training_gives_the_signals_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    assert main(["train", *SMALL, "--out", str(tmp_path)]) == 0
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_diverged_training_is_status_1(capsys: Output, tmp_path: Path) -> None:
    arguments = ["--out", str(tmp_path), "--name", "mine", "--learning-rate", "1e30"]
    assert main(["train", *SMALL, *arguments]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert "last good weights" in output.err.splitlines()[-1]
    (listed,) = result(capsys, "runs", "--out", str(tmp_path))
    assert listed["status"] == "diverged"
