"""Runs that train at once are watched, paused and stopped like single ones."""

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from betavae_core.config import RunConfig
from betavae_core.store import load_run, read_history, weights_images
from betavae_core.training import watching
from betavae_core.training.loop import Record
from betavae_core.training.resume import CHECKPOINT
from betavae_core.training.stacked import train_stacked
from betavae_core.training.steering import steer
from betavae_core.training.watching import WATCH, Watch, read_watch
from tests.training.reading import history, same_weights
from tests.waiting import until

ONE = RunConfig(dataset="sprites-mini", images=2_048, batch_size=64, latents=3)
OTHER = replace(ONE, beta=1.0, order_seed=ONE.seed)


def train_both(root: Path, **changes: Any) -> list[tuple[int, int]]:
    """(number of the run, images) of every record; changes: asked of the first run when both have
    seen 640 images."""
    seen = []
    for number, what in train_stacked(
        [ONE, OTHER], root, device="cpu", checkpoint_seconds=1e9, resume=True, watched=True
    ):
        assert isinstance(what, Record)
        seen.append((number, what.images))
        if changes and (number, what.images) == (1, 640):
            steer(root / ONE.run_id, **changes)
    return seen


def test_every_member_shows_itself_and_no_bit_differs(tmp_path: Path) -> None:
    train_both(tmp_path / "watched")
    list(train_stacked([ONE, OTHER], tmp_path / "alone", device="cpu"))
    for config in (ONE, OTHER):
        mine, alone = tmp_path / "watched" / config.run_id, tmp_path / "alone" / config.run_id
        shown = read_watch(mine)
        assert shown is not None
        assert (shown["images"], shown["latents"]) == (2_048, [0, 1, 2])
        assert [r["images"] for r in read_history(mine)[0] if "quick_scores" in r][-1] == 2_048
        assert not (alone / WATCH).exists()
        assert same_weights(mine, alone)
        assert [r for r in history(mine) if "nll" in r] == history(alone)
    pictures = [read_watch(tmp_path / "watched" / each.run_id) for each in (ONE, OTHER)]
    assert pictures[0]["traversals"] != pictures[1]["traversals"]  # type: ignore[index]


def test_members_divide_what_watching_may_cost(tmp_path: Path) -> None:
    from betavae_core.datasets import config_dataset

    shares = [Watch(tmp_path, ONE, config_dataset(ONE), n) for n in (1, 4)]
    assert shares[0].pictures.share == watching.PICTURES
    assert 4 * shares[1].pictures.share == watching.PICTURES
    assert 4 * shares[1].scores.share == watching.SCORES


@pytest.mark.slow
def test_a_pause_holds_all_and_changes_no_bit(tmp_path: Path) -> None:
    held: list[int | None] = []

    def go_on() -> None:
        until(lambda: (weights_images(tmp_path / "run" / OTHER.run_id) or 0) >= 640)
        time.sleep(0.5)
        held.append(read_history(tmp_path / "run" / OTHER.run_id)[0][-1]["images"])
        steer(tmp_path / "run" / ONE.run_id, state="go")

    (tmp_path / "run").mkdir()
    thread = threading.Thread(target=go_on)
    thread.start()
    train_both(tmp_path / "run", state="pause")
    thread.join()
    assert held == [640]
    train_both(tmp_path / "whole")
    for config in (ONE, OTHER):
        assert same_weights(tmp_path / "run" / config.run_id, tmp_path / "whole" / config.run_id)
        assert not load_run(tmp_path / "run" / config.run_id).config.by_hand


@pytest.mark.slow
def test_one_that_is_stopped_leaves_the_others_and_can_go_on(tmp_path: Path) -> None:
    seen = train_both(tmp_path / "run", state="stop")
    assert max(images for number, images in seen if number == 0) < 2_048
    stopped = load_run(tmp_path / "run" / ONE.run_id)
    assert stopped.status == "unfinished"
    assert (stopped.path / CHECKPOINT).exists()
    assert load_run(tmp_path / "run" / OTHER.run_id).status == "finished"
    train_both(tmp_path / "run")
    train_both(tmp_path / "whole")
    assert load_run(tmp_path / "run" / ONE.run_id).status == "finished"
    for config in (ONE, OTHER):
        assert same_weights(tmp_path / "run" / config.run_id, tmp_path / "whole" / config.run_id)


@pytest.mark.slow
def test_a_stop_is_followed_while_another_one_is_paused(tmp_path: Path) -> None:
    for number, what in train_stacked(
        [ONE, OTHER], tmp_path, device="cpu", checkpoint_seconds=1e9, watched=True
    ):
        assert isinstance(what, Record)
        if (number, what.images) == (1, 640):
            steer(tmp_path / ONE.run_id, state="stop")
            steer(tmp_path / OTHER.run_id, state="pause")
            later = threading.Timer(1.0, steer, [tmp_path / OTHER.run_id], {"state": "go"})
            later.start()
    later.join()
    assert load_run(tmp_path / ONE.run_id).status == "unfinished"
    assert load_run(tmp_path / OTHER.run_id).status == "finished"


def test_members_show_where_they_pause_and_where_they_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "INTERVAL", 1e9)  # none between the first and the last one
    calls: list[None] = []
    paused: list[int] = []

    def shown() -> list[int]:
        states = [read_watch(tmp_path / each.run_id) for each in (ONE, OTHER)]
        return [state["images"] for state in states if state is not None]

    def stop() -> bool:
        calls.append(None)
        if len(calls) == 2:
            steer(tmp_path / OTHER.run_id, state="pause")
        elif len(calls) > 2 and not paused:
            paused.extend(shown())
        return bool(paused)

    list(
        train_stacked(
            [ONE, OTHER], tmp_path, device="cpu", checkpoint_seconds=1e9, watched=True, stop=stop
        )
    )
    assert paused == [128, 128]
    assert shown() == [192, 192]
    assert [weights_images(tmp_path / each.run_id) for each in (ONE, OTHER)] == [192, 192]
