"""Runs on disk: what is broken is named in one sentence, what is missing is no damage."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core import store
from betavae_core.config import FORMAT
from betavae_core.store import BrokenRun, Run, list_runs, load_run
from tests.oracles import one_sentence
from tests.store.made import edit_config, edit_weights


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
