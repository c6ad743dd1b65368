"""Runs on disk: what is written reads back."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from betavae_core import store
from betavae_core.models import build_model
from betavae_core.store import find_run, list_runs, load_run
from tests.oracles import one_sentence, small_config, train_small
from tests.store.made import CONFIG, RECORD, edit_weights, make_run


def test_a_run_reads_back(run: Path) -> None:
    opened = load_run(run)
    assert opened.config == CONFIG
    assert opened.name == "broken"
    assert [record["images"] for record in opened.history] == [62, 124]
    assert opened.history[-1] == RECORD
    assert opened.images_seen == 124
    assert opened.status == "finished"
    assert opened.notes == []
    assert opened.score("elbo") == opened.scores[0]
    assert opened.score("mig") is None
    assert not opened.model.training
    assert not any(p.requires_grad for p in opened.model.parameters())
    for key, tensor in build_model(CONFIG).state_dict().items():
        assert torch.equal(opened.model.state_dict()[key], tensor)


@pytest.mark.parametrize("name", ["conv", "mlp"])
def test_half_weights_open_as_float32(name: str, tmp_path: Path) -> None:
    config = small_config(model=name)
    path = make_run(tmp_path / "run", config)
    full = (path / store.WEIGHTS).stat().st_size
    model = build_model(config)
    store.save_weights(path, model, 1, half=True)
    assert (path / store.WEIGHTS).stat().st_size < 0.52 * full
    assert {t.dtype for t in load_file(path / store.WEIGHTS).values()} == {torch.float16}
    for key, tensor in load_run(path).model.state_dict().items():
        assert tensor.dtype == torch.float32
        torch.testing.assert_close(tensor, model.state_dict()[key], rtol=2**-11, atol=2**-24)


def test_weights_hash_is_of_the_weights_alone(run: Path) -> None:
    before = load_run(run).weights_hash
    store.append_history(run, RECORD)
    assert load_run(run).weights_hash == before
    assert load_run(run.parent / "other").weights_hash == before
    edit_weights(run, lambda tensors: tensors["decoder.0.bias"].add_(1))
    assert load_run(run).weights_hash != before


def test_create_run_never_overwrites(run: Path) -> None:
    before = {file.name: file.read_bytes() for file in run.iterdir()}
    with one_sentence(str(run), "--resume"):
        store.create_run(run, small_config(beta=1.0))
    assert {file.name: file.read_bytes() for file in run.iterdir()} == before


def test_create_run_in_an_unwritable_folder(unwritable: Path) -> None:
    with one_sentence(str(unwritable)):
        store.create_run(unwritable / "run", CONFIG)
    with one_sentence("/proc/"):
        store.create_run(Path("/proc/run"), CONFIG)


def test_a_second_writer_is_refused(run: Path) -> None:
    with (
        store.sole_writer(run),
        one_sentence(str(run), "another process"),
        store.sole_writer(run),
    ):
        pass
    with store.sole_writer(run):  # free again
        pass


def test_write_atomically_replaces(tmp_path: Path) -> None:
    file = tmp_path / "file"
    store.write_atomically(file, b"old")
    store.write_atomically(file, b"new")
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_write_atomically_leaves_the_old_file_on_failure(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    store.write_atomically(file, b"old")

    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space"):
        store.write_atomically(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_add_score_replaces_the_same_settings(run: Path) -> None:
    def add(score: str, seed: int, value: float) -> None:
        about = {"settings": {"seed": seed}, "details": {}, "versions": {}}
        store.add_score(run, {"score": score, "value": value, **about})

    add("irs", 0, 0.1)
    add("irs", 1, 0.2)
    add("sap", 0, 0.3)
    add("irs", 0, 0.4)
    found = [(s["score"], s.get("value")) for s in store.read_scores(run)]
    assert found == [("elbo", None), ("irs", 0.2), ("sap", 0.3), ("irs", 0.4)]
    newest = load_run(run).score("irs")
    assert newest is not None
    assert newest["value"] == 0.4


def test_list_runs_passes_over_what_is_no_run(run: Path) -> None:
    (run.parent / ".hidden").mkdir()
    (run.parent / "notes.txt").write_text("mine")
    assert [each.name for each in list_runs(run.parent)] == ["broken", "other"]
    assert list_runs(run.parent / "nowhere") == []


def test_find_run_by_name_or_path(run: Path) -> None:
    assert find_run("broken", run.parent) == run
    assert find_run(str(run), Path("/nowhere")) == run
    with one_sentence("gone", "broken, other"):
        find_run("gone", run.parent)
    with one_sentence("no runs"):
        find_run("gone", run.parent / "nowhere")


def test_scores_of_earlier_weights_are_not_shown(tmp_path: Path) -> None:
    """A record names the weights that it was measured on; shipped ones without still count."""
    train_small(tmp_path, small_config(), name="run")
    path = tmp_path / "run"
    terms = {"score": "elbo", "nll": 1.0, "kl": [0.0, 0.0, 0.0]}
    store.add_score(path, terms | {"settings": 1})
    store.add_score(path, terms | {"settings": 2, "weights": load_run(path).weights_hash})
    store.add_score(path, terms | {"settings": 3, "weights": "0" * 64})
    run = load_run(path)
    assert [record["settings"] for record in run.valid_scores] == [1, 2]
    score = run.score("elbo")
    assert score is not None
    assert score["settings"] == 2


def test_two_writers_of_scores_lose_none(tmp_path: Path) -> None:
    train_small(tmp_path, small_config(), name="run")

    def write(writer: int) -> None:
        for number in range(20):
            store.add_score(tmp_path / "run", {"score": "other", "settings": [writer, number]})

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.read_scores(tmp_path / "run")) == 40
