"""The command line in process: results on stdout, one sentence and status 2 for bad input."""

import errno
import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core import store
from betavae_core.__main__ import main
from betavae_core.commands import runs as runs_verbs
from betavae_core.commands import sweep as sweep_verb
from betavae_core.commands import train as train_verb
from betavae_core.config import PRESETS, RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.datasets.rendered import shapes2d
from betavae_core.errors import InputError
from betavae_core.scoring.elbo import elbo_terms, score_elbo
from betavae_core.store import load_run
from tests.datasets.own.test_own import class_folder
from tests.oracles import small_config, train_small

SMALL = ["--device", "cpu", "--images", "320", "--batch-size", "32", "--latents", "3"]
Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def quick_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verbs measure the ELBO on 1,000 images instead of 10,000."""
    for module in (train_verb, runs_verbs):
        monkeypatch.setattr(module, "score_elbo", partial(score_elbo, images=1000))


def result(capsys: Output, *arguments: str) -> Any:
    """What a verb prints with --json, on its own line of stdout."""
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: Output, *arguments: str) -> str:
    """The one sentence on stderr."""
    assert main(list(arguments)) == 2
    output = capsys.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    assert line.endswith(".")
    return line


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


def test_an_existing_run_is_not_overwritten(capsys: Output, tmp_path: Path) -> None:
    config = small_config(images=24)
    train_small(tmp_path, config, name="mine")
    before = {file: file.read_bytes() for file in (tmp_path / "mine").iterdir()}
    line = refused(capsys, "train", *SMALL, "--out", str(tmp_path), "--name", "mine")
    assert str(tmp_path / "mine") in line
    assert "--resume" in line
    assert {file: file.read_bytes() for file in (tmp_path / "mine").iterdir()} == before


@pytest.mark.parametrize("option", [["--beta", "much"], ["--latents", "2.5"], ["--colour", "red"]])
def test_options_that_do_not_parse(option: list[str], capsys: Output) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["train", *option])
    assert caught.value.code == 2
    assert option[0] in capsys.readouterr().err.splitlines()[-1]


def test_stopped_by_a_signal_and_resumed(
    capsys: Output, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGINT to ourselves at the third batch: saved, status 0, the command to continue."""
    shown: list[int] = []
    images = shapes2d.Rendered2DShapes._images

    def watched(self: Any, indices: Any) -> Any:
        shown.append(len(indices))
        if len(shown) == 3:
            signal.raise_signal(signal.SIGINT)
        return images(self, indices)

    monkeypatch.setattr(shapes2d.Rendered2DShapes, "_images", watched)
    out = ["--out", str(tmp_path)]
    assert main(["train", *SMALL, *out, "--name", "mine", "--json"]) == 0
    output = capsys.readouterr()
    assert json.loads(output.out)["status"] == "unfinished"
    assert f"train --resume {tmp_path / 'mine'}" in output.err
    printed = result(capsys, "train", "--resume", str(tmp_path / "mine"), "--device", "cpu")
    assert (printed["status"], printed["images"]) == ("finished", 320)
    result(capsys, "train", *SMALL, *out, "--name", "whole")
    mine, whole = ((tmp_path / name / store.WEIGHTS).read_bytes() for name in ("mine", "whole"))
    assert mine == whole


def test_resume_with_other_settings(capsys: Output, tmp_path: Path) -> None:
    train_small(tmp_path, small_config(images=24), name="mine")
    line = refused(capsys, "train", "--resume", str(tmp_path / "mine"), "--beta", "1")
    assert "beta is 4.0 there and 1.0 here" in line


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


def test_resume_with_a_preset(capsys: Output, tmp_path: Path) -> None:
    train_small(tmp_path, small_config(images=24), name="mine")
    run = str(tmp_path / "mine")
    assert "preset" in refused(capsys, "train", "--resume", run, "--preset", "2dshapes-conv")


def test_a_full_disk_is_one_sentence(
    capsys: Output, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was saved before stays and the run can be resumed."""
    append = store.append_history

    def full(path: Path, record: dict[str, Any]) -> None:
        if record["images"] > 100:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path / store.HISTORY))
        append(path, record)

    run = ["train", *SMALL, "--out", str(tmp_path), "--name", "mine"]
    with monkeypatch.context() as patch:
        patch.setattr(store, "append_history", full)
        assert main(run) == 1
    line = capsys.readouterr().err.splitlines()[-1]
    assert "No space left on device" in line
    assert "--resume" in line
    assert main([*run, "--resume"]) == 0


def test_training_gives_the_signals_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    assert main(["train", *SMALL, "--out", str(tmp_path)]) == 0
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_resume_of_a_run_that_states_no_beta(capsys: Output, tmp_path: Path) -> None:
    """As an imported one may."""
    train_small(tmp_path, small_config(images=24), name="mine")
    config = small_config(images=24, beta=None, origin="elsewhere")
    (tmp_path / "mine" / store.CONFIG).write_text(config.to_json())
    assert "beta" in refused(capsys, "train", "--resume", str(tmp_path / "mine"))


def test_diverged_training_is_status_1(capsys: Output, tmp_path: Path) -> None:
    arguments = ["--out", str(tmp_path), "--name", "mine", "--learning-rate", "1e30"]
    assert main(["train", *SMALL, *arguments]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert "last good weights" in output.err.splitlines()[-1]
    (listed,) = result(capsys, "runs", "--out", str(tmp_path))
    assert listed["status"] == "diverged"


def test_import(capsys: Output, tmp_path: Path, shared_data: Callable[[str], Path]) -> None:
    theirs = shared_data("checkpoints/disentangling-vae/betaH_dsprites")
    printed = result(capsys, "import", str(theirs), "--out", str(tmp_path))
    assert printed == {"run": str(tmp_path / "betaH_dsprites")}
    score = load_run(printed["run"]).score("elbo")
    assert score is not None
    assert score["nll"] == pytest.approx(35.7, abs=3)
    assert "betaH_dsprites" in refused(capsys, "import", str(theirs), "--out", str(tmp_path))


def test_bad_input_to_import(capsys: Output, tmp_path: Path) -> None:
    assert str(tmp_path / "gone") in refused(capsys, "import", str(tmp_path / "gone"))
    assert "specs.json" in refused(capsys, "import", str(tmp_path))


def test_runs(capsys: Output, tmp_path: Path) -> None:
    out = ["--out", str(tmp_path)]
    assert result(capsys, "runs", *out) == []
    assert main(["runs", *out]) == 0
    assert "betavae_core train" in capsys.readouterr().out
    train_small(tmp_path, small_config(images=24), name="good")
    (tmp_path / "bad").mkdir()
    bad, good = result(capsys, "runs", *out)
    assert (bad["name"], bad["status"]) == ("bad", "broken")
    assert "config.json" in bad["reason"]
    assert (good["name"], good["status"], good["images"]) == ("good", "finished", 24)
    assert good["config"]["beta"] == 4.0
    assert main(["runs", *out]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "BROKEN" in lines[0]
    assert "finished" in lines[1]


def test_presets(capsys: Output) -> None:
    printed = result(capsys, "presets")
    assert {name: RunConfig(**fields) for name, fields in printed.items()} == PRESETS
    assert main(["presets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(PRESETS)


@pytest.mark.parametrize("verb", ["train", "import", "runs", "presets"])
def test_help_of_each_verb(verb: str, capsys: Output) -> None:
    with pytest.raises(SystemExit) as caught:
        main([verb, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert "--json" in text
    assert f"betavae_core {verb}" in text


def test_help_lists_the_verbs(capsys: Output) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for verb in ("train", "import", "runs", "presets"):
        assert verb in text


def test_no_verb_is_bad_input(capsys: Output) -> None:
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    assert "VERB" in capsys.readouterr().err
