"""Runs on disk: what is written reads back, what is broken is named in one sentence."""

import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from betavae_core import store
from betavae_core.config import FORMAT, RunConfig
from betavae_core.models import build_model
from betavae_core.store import BrokenRun, Run, find_run, list_runs, load_run
from tests.oracles import one_sentence, small_config, train_small

CONFIG = small_config()
RECORD = {"images": CONFIG.images, "seconds": 1.0, "loss": 3.0, "nll": 2.0, "kl": [0.1, 0.2, 0.0]}


def make_run(path: Path, config: RunConfig = CONFIG) -> Path:
    store.create_run(path, config)
    store.save_weights(path, build_model(config), config.images)
    store.append_history(path, RECORD | {"images": config.images // 2})
    store.append_history(path, RECORD)
    store.add_score(path, {"score": "elbo", "nll": 2.5, "kl": [0.1, 0.2, 0.0], "settings": {}})
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("whole") / "a-run")


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    """A run that the test may break, beside a whole one."""
    shutil.copytree(whole, tmp_path / "other")
    return shutil.copytree(whole, tmp_path / "broken")


# ---- what is written reads back


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


# ---- what is broken is named


def edit_weights(run: Path, change: Callable[[dict[str, torch.Tensor]], Any]) -> None:
    tensors = load_file(run / store.WEIGHTS)
    change(tensors)
    save_file(tensors, run / store.WEIGHTS)


def edit_config(**changes: Any) -> Callable[[Path], None]:
    def edit(run: Path) -> None:
        data = json.loads((run / store.CONFIG).read_text())
        (run / store.CONFIG).write_text(json.dumps(data | changes))

    return edit


def truncate(name: str, kept: float) -> Callable[[Path], None]:
    def cut(run: Path) -> None:
        data = (run / name).read_bytes()
        (run / name).write_bytes(data[: int(kept * len(data))])

    return cut


def text(name: str, content: str | bytes) -> Callable[[Path], None]:
    data = content if isinstance(content, bytes) else content.encode()
    return lambda run: (run / name).write_bytes(data) and None


def weights(change: Callable[[dict[str, torch.Tensor]], Any]) -> Callable[[Path], None]:
    return lambda run: edit_weights(run, change)


def folder_instead(name: str) -> Callable[[Path], None]:
    def replace(run: Path) -> None:
        (run / name).unlink()
        (run / name).mkdir()

    return replace


BIAS = "decoder.0.bias"
BREAKS: dict[str, tuple[Callable[[Path], Any], tuple[str, ...]]] = {
    "config missing": (lambda run: (run / store.CONFIG).unlink(), ("config.json",)),
    "config truncated": (truncate(store.CONFIG, 0.5), ("config.json",)),
    "config empty": (text(store.CONFIG, ""), ("config.json",)),
    "config no JSON": (text(store.CONFIG, "beta: 4"), ("config.json",)),
    "config no text": (text(store.CONFIG, b"\xff\xfe\x00"), ("config.json",)),
    "config a folder": (folder_instead(store.CONFIG), ("config.json",)),
    "config newer": (edit_config(format=FORMAT + 1), ("newer",)),
    "config unknown setting": (edit_config(colour="red"), ("colour",)),
    "config beta NaN": (edit_config(beta=float("nan")), ("beta",)),
    "config beta negative": (edit_config(beta=-1), ("beta",)),
    "config no latents": (edit_config(latents=0), ("latents",)),
    "config unknown model": (edit_config(model="vit"), ("vit",)),
    "config other latents": (
        edit_config(latents=4),
        ("encoder.13.weight", "(6, 256)", "(8, 256)"),
    ),
    "config too large to build": (edit_config(latents=10**12), ("latents",)),
    "config dataset a list": (edit_config(dataset=["2dshapes"]), ("dataset",)),
    "weights missing": (lambda run: (run / store.WEIGHTS).unlink(), ("weights.safetensors",)),
    "weights truncated": (truncate(store.WEIGHTS, 0.9), ("weights.safetensors",)),
    "weights header only": (text(store.WEIGHTS, b"\x00\x01"), ("weights.safetensors",)),
    "weights empty": (text(store.WEIGHTS, b""), ("weights.safetensors",)),
    "weights a folder": (folder_instead(store.WEIGHTS), ("weights.safetensors",)),
    "weights wrong shape": (
        weights(lambda t: t.update({BIAS: torch.zeros(7)})),
        (BIAS, "(7,)", "(256,)"),
    ),
    "weights wrong dtype": (weights(lambda t: t.update({BIAS: t[BIAS].long()})), (BIAS, "int64")),
    "weights NaN": (weights(lambda t: t[BIAS][3:4].fill_(float("nan"))), (BIAS, "NaN")),
    "weights infinite": (weights(lambda t: t[BIAS][:1].fill_(float("-inf"))), (BIAS,)),
    "weights lack a tensor": (weights(lambda t: t.pop(BIAS)), (BIAS,)),
    "weights have an extra": (weights(lambda t: t.update(extra=t[BIAS].clone())), ("extra",)),
    "history damaged": (
        text(store.HISTORY, '{"images": 1}\n{"ima\n{"images": 3}\n'),
        ("line 2", "history.jsonl"),
    ),
    "history no record": (
        text(store.HISTORY, '[]\n{"images": 3}\n'),
        ("line 1", "history.jsonl"),
    ),
    "history no text": (text(store.HISTORY, b"\xff\xfe\x00"), ("history.jsonl",)),
    "history a folder": (folder_instead(store.HISTORY), ("history.jsonl",)),
    "scores truncated": (truncate(store.SCORES, 0.5), ("scores.json",)),
    "scores empty": (text(store.SCORES, ""), ("scores.json",)),
    "scores no list": (text(store.SCORES, '{"score": "elbo"}'), ("scores.json",)),
    "scores no record": (text(store.SCORES, "[1]"), ("scores.json",)),
    "scores nested too deep": (text(store.SCORES, "[" * 200_000), ("scores.json",)),
    "score without terms": (text(store.SCORES, '[{"score": "elbo"}]'), ("scores.json", "nll")),
    "score of text": (
        text(store.SCORES, '[{"score": "elbo", "nll": "1", "kl": ["1", "1", "1"]}]'),
        ("scores.json", "nll"),
    ),
    "history nested too deep": (
        text(store.HISTORY, "[" * 200_000 + '\n{"images": 1}\n'),
        ("line 1", "history.jsonl"),
    ),
    "history without kl": (text(store.HISTORY, '{"images": 1, "nll": 2}\n'), ("history", "kl")),
    "history with NaN": (
        text(store.HISTORY, '{"images": 1, "nll": NaN, "kl": [1, 1, 1]}\n'),
        ("history", "finite"),
    ),
    "history of other latents": (
        text(store.HISTORY, '{"images": 1, "nll": 2, "kl": [1, 1]}\n'),
        ("history", "3 of them"),
    ),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_a_broken_run_is_named_and_the_others_stay(broken: str, run: Path) -> None:
    damage, named = BREAKS[broken]
    damage(run)
    found = list_runs(run.parent)
    assert [each.name for each in found] == ["broken", "other"]
    first, other = found
    assert isinstance(first, BrokenRun)
    assert "\n" not in first.reason
    assert first.reason.endswith(".")
    for part in ("broken", *named):
        assert part in first.reason
    assert isinstance(other, Run)
    assert other.status == "finished"
    with one_sentence(first.reason):
        load_run(run)


def test_a_cut_last_line_of_history_is_left_out(run: Path) -> None:
    with (run / store.HISTORY).open("a") as file:
        file.write('{"images": 12')
    opened = load_run(run)
    assert [record["images"] for record in opened.history] == [62, 124]
    assert len(opened.notes) == 1
    assert "history.jsonl" in opened.notes[0]


def test_missing_history_and_scores_are_no_damage(run: Path) -> None:
    (run / store.HISTORY).unlink()
    (run / store.SCORES).unlink()
    opened = load_run(run)
    assert opened.history == opened.scores == []
    assert "history.jsonl" in opened.notes[0]


def test_status_tells_unfinished_diverged_and_imported(run: Path) -> None:
    first, last = store.read_history(run)[0]
    store.rewrite_history(run, [first])
    assert load_run(run).status == "unfinished"
    store.append_history(run, {"images": 70, "event": "diverged", "message": "why"})
    assert load_run(run).status == "diverged"
    assert load_run(run).images_seen == 62
    store.rewrite_history(run, [first, last])
    edit_config(origin="elsewhere")(run)
    assert load_run(run).status == "imported"


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
