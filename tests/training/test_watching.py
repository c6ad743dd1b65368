"""Watching: what a training under way shows, and that it costs nothing else."""

import base64
import io
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.models import build_vae
from betavae_core.store import load_run, weights_images
from betavae_core.training import watching
from betavae_core.training.steering import steer
from betavae_core.training.watching import WATCH, Share, Watch, read_watch
from tests.oracles import small_config, train_small
from tests.training.reading import history, same_weights, stop_after

MINI = RunConfig(dataset="sprites-mini", images=2_048, batch_size=64, latents=3)


def picture(text: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(text))) as opened:
        return np.asarray(opened)


def test_a_watched_training_has_the_same_bits(tmp_path: Path) -> None:
    for name, watched in (("watched", True), ("alone", False)):
        train_small(tmp_path, MINI, name=name, watched=watched)
    assert same_weights(tmp_path / "watched", tmp_path / "alone")
    mine = [r for r in history(tmp_path / "watched") if "nll" in r]
    assert mine == history(tmp_path / "alone")
    assert read_watch(tmp_path / "alone") is None


def test_the_last_state_is_that_of_the_weights(tmp_path: Path) -> None:
    train_small(tmp_path, MINI, name="run", watched=True)
    run, shown = load_run(tmp_path / "run"), read_watch(tmp_path / "run")
    assert shown is not None
    assert (shown["images"], shown["latents"]) == (2_048, [0, 1, 2])
    assert picture(shown["reconstructions"]).shape == (2 * 33 + 1, 10 * 33 + 1, 3)
    assert picture(shown["traversals"]).shape == (3 * 33 + 1, 9 * 33 + 1, 3)
    dataset = load_dataset("sprites-mini")
    x = dataset.images(shown["rows"]).float() / 255
    made = (run.vae.decode(run.vae.encode(x)[0]) * 255).round()
    below = picture(shown["reconstructions"])[34:66, 1:33, 0]
    assert np.abs(below - made[0, 0].numpy()).max() <= 1
    assert shown["star"]["factors"] == ["shape", "scale", "position x", "position y"]
    assert [len(points) for points in shown["star"]["points"]] == [3, 6, 16, 16]


def test_quick_scores_are_records_of_the_history(tmp_path: Path) -> None:
    train_small(tmp_path, MINI, name="run", watched=True)
    scores = [r for r in load_run(tmp_path / "run").history if "quick_scores" in r]
    assert scores[-1]["images"] == 2_048
    told = scores[-1]["quick_scores"]
    assert (told["chance"], told["images"]) == (0.25, 2_000)
    assert 0 <= told["mig"]["value"] <= 1
    assert 0 <= told["higgins"]["value"] <= 1


def test_the_star_turns_with_its_codes_and_keeps_their_distances(tmp_path: Path) -> None:
    """The axes are orthonormal each time, and never flip between two similar states."""
    model = build_vae(MINI).requires_grad_(False)
    watch = Watch(tmp_path, MINI, load_dataset("sprites-mini"))
    stars = []
    for _ in range(2):
        watch._show(model, 0, 0.0)
        assert watch.states.axes is not None
        assert np.allclose(watch.states.axes @ watch.states.axes.T, np.eye(2))
        stars.append(json.loads((tmp_path / WATCH).read_text())["star"]["points"])
        for weight in model.parameters():
            weight.data += 1e-4 * weight.data.abs().mean()
    size = max(np.abs(np.array(part)).max() for part in stars[0])
    apart = [np.abs(np.array(a) - np.array(b)).max() for a, b in zip(*stars, strict=True)]
    assert max(apart) < 0.3 * size


def test_a_dataset_without_factors_has_pictures_alone(tmp_path: Path) -> None:
    dataset = load_dataset("cifar10", "excerpt")
    config = RunConfig(dataset="cifar10", latents=3, images=2_048)
    watch = Watch(tmp_path, config, dataset)
    watch(build_vae(config).requires_grad_(False), 2_048, 1.0)
    shown = read_watch(tmp_path)
    assert shown is not None
    assert shown["star"] is None
    assert not (tmp_path / "history.jsonl").exists()


def test_a_model_for_every_beta_shows_one_of_them(tmp_path: Path) -> None:
    config = small_config(model="conv-multirate", beta=None, images=16)
    train_small(tmp_path, config, name="run", watched=True)
    shown = read_watch(tmp_path / "run")
    assert shown is not None
    assert shown["beta"] == 1.0


def test_a_share_of_the_time_is_kept() -> None:
    share = Share(0.02)
    assert share.allows(0.0)  # nothing spent, and no cost known
    share.paid(1.0)
    assert not share.allows(99.0)
    assert share.allows(100.1)


@pytest.mark.parametrize("seconds", [20, 200])
def test_work_keeps_to_its_share(
    seconds: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A training of steps of 10 ms for `seconds`, with work that takes 0.2 and 1 s by a clock of
    our own."""
    clock = [0.0]
    monkeypatch.setattr(watching.time, "monotonic", lambda: clock[0])
    budget = round(6_400 * seconds)
    watch = Watch(tmp_path, replace(MINI, images=budget), load_dataset("sprites-mini"))
    done = {"pictures": 0, "scores": 0}

    def work(kind: str, cost: float) -> None:
        done[kind] += 1
        clock[0] += cost

    monkeypatch.setattr(watch, "_show", lambda *_: work("pictures", 0.2))
    monkeypatch.setattr(watch, "_score", lambda *_: work("scores", 1.0))
    model, images = build_vae(MINI), 0
    while clock[0] < seconds:
        clock[0] += 0.01
        images += 64
        watch(model, images, clock[0])
    spent = 0.2 * done["pictures"] + 1.0 * done["scores"]
    assert spent <= 0.045 * seconds + 1.2  # the first of each kind is not known in advance
    assert done["pictures"] >= 0.02 * seconds / 0.2 - 2
    assert done["scores"] >= 1


def test_quick_scores_come_at_doubling_numbers_from_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class sees them rise: what the whole training may spend is not saved for its end."""
    clock, seen = [0.0], []
    monkeypatch.setattr(watching.time, "monotonic", lambda: clock[0])
    watch = Watch(tmp_path, replace(MINI, images=150_000), load_dataset("sprites-mini"))

    def show(*_: object) -> None:
        clock[0] += 0.05

    def score(_: object, images: int, __: float) -> None:
        seen.append(images)
        clock[0] += 0.6 if len(seen) == 1 else 0.3

    monkeypatch.setattr(watch, "_show", show)
    monkeypatch.setattr(watch, "_score", score)
    model = build_vae(MINI)
    for images in range(64, 150_001, 64):  # a thousand images a second
        clock[0] += 0.064
        watch(model, images, clock[0])
    assert len(seen) >= 5
    assert seen[1] <= 12_000
    assert all(after >= 2 * before for before, after in pairwise(seen))
    assert 0.6 + 0.3 * (len(seen) - 1) <= 0.015 * 150 + 0.3


def test_a_slow_first_state_does_not_hold_up_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class waits for positions, which are learned within 40 s."""
    clock = [0.0]
    monkeypatch.setattr(watching.time, "monotonic", lambda: clock[0])
    watch = Watch(tmp_path, replace(MINI, images=10**9), load_dataset("sprites-mini"))
    shown: list[float] = []

    def show(*_: object) -> None:
        shown.append(clock[0])
        clock[0] += 0.1 if len(shown) > 1 else 5.0

    monkeypatch.setattr(watch, "_show", show)
    monkeypatch.setattr(watch, "_score", lambda *_: None)
    model = build_vae(MINI)
    while clock[0] < 60:
        watch(model, 512, clock[0])
        clock[0] += 0.01
    assert shown[1] <= shown[0] + 5 + 2
    assert shown[2] <= shown[1] + 10
    assert 0.1 * len(shown[1:]) <= 0.02 * 60 + 0.1


def test_a_training_shows_where_it_pauses_and_where_it_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever pauses it wants to look at it, however long the last state is ago."""
    monkeypatch.setattr(watching, "INTERVAL", 1e9)  # none between the first and the last one
    path, calls = tmp_path / "run", []
    paused: list[tuple[int, int | None]] = []

    def stop() -> bool:
        """After two steps a pause is asked for; in the pause, the end."""
        calls.append(None)
        if len(calls) == 2:
            steer(path, state="pause")
        elif len(calls) > 2 and not paused:
            shown = read_watch(path)
            assert shown is not None
            paused.append((shown["images"], weights_images(path)))
        return bool(paused)

    train_small(tmp_path, MINI, name="run", watched=True, checkpoint_seconds=1e9, stop=stop)
    assert paused == [(128, 128)]
    shown = read_watch(path)
    assert shown is not None
    assert shown["images"] == weights_images(path) == 192


@pytest.mark.slow
def test_a_resumed_training_keeps_the_scores_before_it(tmp_path: Path) -> None:
    config = replace(MINI, images=4_096)
    train_small(tmp_path, config, name="run", stop=stop_after(20), watched=True)
    train_small(tmp_path, config, name="run", resume=True, watched=True)
    whole = train_small(tmp_path, config, name="whole", watched=True)
    assert whole[-1].images == 4_096
    assert same_weights(tmp_path / "run", tmp_path / "whole")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"images": 3}'])
def test_a_file_of_others_is_no_state(text: str, tmp_path: Path) -> None:
    (tmp_path / WATCH).write_text(text)
    assert read_watch(tmp_path) is None


@pytest.mark.parametrize(
    "change",
    [
        {"images": "3"},
        {"dataset": {"name": 3, "source": "rendered"}},
        {"latents": None},
        {"traversals": "not base64!"},
        {"reconstructions": 7},
        {"star": []},
        {"star": {"factors": ["x"], "points": [[[0, 1, 2]]], "explained": 0.5}},
        {"star": {"factors": ["x"], "points": [[[0, "a"]]], "explained": 0.5}},
        {"star": {"factors": ["x"], "points": [], "explained": 0.5}},
        {"star": {"factors": ["x"], "points": [[[0, 1]]], "explained": None}},
    ],
)
def test_an_altered_file_is_no_state(change: dict[str, Any], tmp_path: Path) -> None:
    train_small(tmp_path, replace(MINI, images=64), name="run", watched=True)
    shown = read_watch(tmp_path / "run")
    assert shown is not None
    (tmp_path / "run" / WATCH).write_text(json.dumps(shown | change))
    assert read_watch(tmp_path / "run") is None
