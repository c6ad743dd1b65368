"""Runs that are kept without their weights, and the command that makes them again."""

import json
import shlex
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from betavae_core.__main__ import main
from betavae_core.command_line import command_for
from betavae_core.config import PRESETS, RunConfig, preset
from betavae_core.datasets import load_dataset
from betavae_core.errors import InputError
from betavae_core.scoring.baselines import baseline_config, make_baseline
from betavae_core.scoring.elbo import score_elbo
from betavae_core.shipping.recorded import record_run
from betavae_core.shipping.strips import drawn, strip_images, strip_png
from betavae_core.store import RECORD, STRIP, WEIGHTS, BrokenRun, list_runs, load_run
from tests.oracles import one_sentence, small_config, train_small


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished small run with a score, and a copy of it without its weights."""
    train_small(tmp_path / "whole", small_config(images=16), name="run")
    run = load_run(tmp_path / "whole/run")
    dataset = load_dataset("2dshapes", "rendered")
    score_elbo(run, dataset, images=8)
    record_run(load_run(run.path), tmp_path / "kept/run", dataset)
    return tmp_path


def test_all_but_the_weights_is_there(folder: Path) -> None:
    whole, kept = load_run(folder / "whole/run"), load_run(folder / "kept/run")
    assert whole.has_weights
    assert not kept.has_weights
    assert (kept.config, kept.history, kept.scores) == (whole.config, whole.history, whole.scores)
    assert kept.weights_hash == whole.weights_hash
    assert kept.valid_scores == whole.valid_scores != []
    assert (kept.status, kept.images_seen) == ("finished", 16)
    assert not (folder / "kept/run" / WEIGHTS).exists()


def test_what_needs_the_weights_names_the_command(folder: Path) -> None:
    kept = load_run(folder / "kept/run")
    with one_sentence("without its weights", command_for(kept.config)):
        _ = kept.vae


def test_the_strip_is_what_the_run_makes(folder: Path) -> None:
    whole, kept = load_run(folder / "whole/run"), load_run(folder / "kept/run")
    dataset = load_dataset("2dshapes", "rendered")
    images = dataset.images(drawn(dataset, 0))
    made = strip_images(whole, images, 0)
    assert (strip_images(kept, images, 0) - made).abs().max() <= 0.5 / 255 + 1e-6
    assert strip_png(kept, images) == (folder / "kept/run" / STRIP).read_bytes()


def test_colours_of_a_strip(tmp_path: Path) -> None:
    config = small_config(images=16, dataset="xysquares", channels=3)
    train_small(tmp_path, config, name="run")
    run = load_run(tmp_path / "run")
    record_run(run, tmp_path / "kept", None)
    assert json.loads((tmp_path / "kept" / RECORD).read_text())["strip"] == "prior samples"
    made = strip_images(run, None, 0)
    assert made.shape[1] == 3
    assert (
        strip_images(load_run(tmp_path / "kept"), None, 0) - made
    ).abs().max() <= 0.5 / 255 + 1e-6


def test_unfinished_runs_and_folders_in_the_way_are_refused(folder: Path) -> None:
    run = load_run(folder / "whole/run")
    with one_sentence("already exists", "nothing was overwritten"):
        record_run(run, folder / "kept/run", None)
    with one_sentence("unfinished"):
        record_run(replace(run, config=replace(run.config, images=99)), folder / "new", None)
    assert not (folder / "new").exists()


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("untrained", {"latents": 7}),
        ("untrained", {"model": "mlp"}),
        ("pca", {}),
        ("pca", {"mode": "full"}),
        ("ica", {"fit": "fun=cube tol=0.01"}),
    ],
)
def test_a_baseline_is_made_again_by_its_command(
    kind: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    dataset = load_dataset("sprites-mini")
    config = baseline_config(kind, dataset, seed=7, **settings)
    run = load_run(make_baseline(config, tmp_path / "whole", dataset))
    record_run(run, tmp_path / "kept" / run.name, dataset)
    kept = load_run(tmp_path / "kept" / run.name)
    with one_sentence("without its weights", f"baseline {kind}"):
        _ = kept.model
    images = dataset.images(drawn(dataset, 0))
    made = strip_images(run, images, 0)
    assert (strip_images(kept, images, 0) - made).abs().max() <= 0.5 / 255 + 1e-6
    words = shlex.split(command_for(kept.config))[3:]
    assert main([*words, "--out", str(tmp_path / "again")]) == 0
    again = load_run(tmp_path / "again" / run.name)
    assert (again.config, again.weights_hash) == (run.config, run.weights_hash)


def test_a_baseline_without_images_is_refused(tmp_path: Path) -> None:
    dataset = load_dataset("sprites-mini")
    for kind in ("oracle", "rotated", "noise"):
        run = load_run(make_baseline(baseline_config(kind, dataset), tmp_path, dataset))
        with one_sentence(kind, "only finished runs that make images"):
            record_run(run, tmp_path / "kept", dataset)
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"weights": 3}', "[" * 10_000])
def test_a_damaged_record_is_a_broken_run(folder: Path, text: str) -> None:
    (folder / "kept/run" / RECORD).write_text(text)
    [found] = list_runs(folder / "kept")
    assert isinstance(found, BrokenRun)
    assert RECORD in found.reason


def test_a_damaged_strip_is_one_sentence(folder: Path) -> None:
    path = folder / "kept/run" / STRIP
    path.write_bytes(path.read_bytes()[:200])
    with one_sentence(STRIP):
        strip_images(load_run(path.parent), None, 0)


def test_weights_that_are_missing_without_a_record_are_still_broken(folder: Path) -> None:
    (folder / "whole/run" / WEIGHTS).unlink()
    with pytest.raises(InputError, match="missing"):
        load_run(folder / "whole/run")


def test_weights_beside_a_record_are_used(folder: Path) -> None:
    """Trained again, or put back from elsewhere."""
    shutil.copyfile(folder / "whole/run" / WEIGHTS, folder / "kept/run" / WEIGHTS)
    assert load_run(folder / "kept/run").has_weights


def test_the_verb(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["record", "run", "--out", str(folder / "whole"), "--to", str(folder / "copies")]
    assert main([*arguments, "--json"]) == 0
    [made] = json.loads(capsys.readouterr().out)["runs"]
    assert not load_run(made).has_weights
    assert main(["runs", "--out", str(folder / "copies")]) == 0
    assert "without weights" in capsys.readouterr().out
    assert main(arguments) == 2


@pytest.mark.parametrize(
    "config",
    [
        *PRESETS.values(),
        preset("2dshapes-conv-laptop", beta=0.1, seed=921, images=2_211_840, kl_warmup=640_000),
        preset("cifar100-conv-laptop", beta=10.0, likelihood="gaussian", sigma=0.1),
        preset("2dshapes-mlp-laptop", learning_rate=1 / 3, latents=16),
    ],
    ids=lambda config: config.run_id,
)
def test_the_command_asks_for_the_same_run(
    config: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read back by the command line itself."""
    asked: list[RunConfig] = []

    def seen(config: RunConfig, *others: object, **more: object) -> None:
        asked.append(config)
        raise InputError("Seen.")

    monkeypatch.setattr("betavae_core.commands.train.train", seen)
    assert main(shlex.split(command_for(config))[3:]) == 2
    assert replace(asked[0], precision="float32") == config
