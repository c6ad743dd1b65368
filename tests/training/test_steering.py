"""Steering: what is asked of a running training happens, is recorded, and survives a kill."""

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from betavae_core import store
from betavae_core.commands.zoo import images_trained
from betavae_core.config import RunConfig
from betavae_core.errors import InputError
from betavae_core.store import load_run, read_config
from betavae_core.tables.families import family
from betavae_core.training.jobs import Job
from betavae_core.training.loop import Record, train
from betavae_core.training.resume import CHECKPOINT
from betavae_core.training.stacked import train_stacked
from betavae_core.training.steering import CONTROL, Wishes, read_wishes, steer
from betavae_core.training.sweep import sweep
from betavae_core.training.workers import work_together
from tests.oracles import one_sentence, small_config, train_small
from tests.training.reading import files, history, same_weights, stop_after
from tests.waiting import until

CONFIG = small_config(images=160)  # a record every step
MINI = small_config(dataset="sprites-mini", channels=None, image_size=None, images=160)


def steered_at(root: Path, images: int, config: RunConfig = CONFIG, **changes: Any) -> list[Record]:
    """Train; changes are asked for when `images` images are seen."""
    records = []
    for record in train(config, root, name="run", device="cpu", checkpoint_seconds=1e9):
        records.append(record)
        if record.images == images:
            steer(root / "run", **changes)
    return records


def test_a_training_that_nobody_steers_has_no_trace_of_it(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="run")
    assert not (tmp_path / "run" / CONTROL).exists()
    assert read_config(tmp_path / "run") == replace(CONFIG, precision="float32")
    assert not read_config(tmp_path / "run").by_hand


def test_a_change_is_followed_and_recorded(tmp_path: Path) -> None:
    records = steered_at(tmp_path, 80, beta=40.0, learning_rate=0.25e-3)
    run = load_run(tmp_path / "run")
    event = {"images": 80, "event": "steered", "beta": 40.0, "learning_rate": 0.25e-3}
    assert [r for r in run.history if "event" in r] == [event]
    assert run.config.steered == "β = 40 and learning rate 0.00025 after 80 images"
    assert run.config.beta == 4.0
    assert run.config.by_hand
    assert run.status == "finished"
    for record in records:
        beta = 40.0 if record.images > 80 else 4.0
        assert record.loss == pytest.approx(record.nll + beta * sum(record.kl), rel=1e-5)
        rate = 0.25e-3 if record.images > 80 else 0.5e-3
        assert record.learning_rate == rate / (5 if record.images > 120 else 1)


def test_a_steered_run_differs_from_then_on_only(tmp_path: Path) -> None:
    steered_at(tmp_path, 80, beta=40.0)
    train_small(tmp_path, CONFIG, name="whole")
    mine, whole = history(tmp_path / "run"), history(tmp_path / "whole")
    assert [r for r in mine if r["images"] <= 80 and "nll" in r] == [
        r for r in whole if r["images"] <= 80
    ]
    assert not same_weights(tmp_path / "run", tmp_path / "whole")


def test_a_kill_after_a_change_loses_nothing_of_it(tmp_path: Path) -> None:
    """The generator is dropped where it stands, two steps after the change."""
    for record in train(CONFIG, tmp_path, name="run", device="cpu", checkpoint_seconds=1e9):
        if record.images == 80:
            steer(tmp_path / "run", beta=40.0)
        if record.images == 96:
            break
    del record
    assert read_config(tmp_path / "run").steered == "β = 40 after 80 images"
    train_small(tmp_path, read_config(tmp_path / "run"), name="run", resume=True)
    steered_at(tmp_path / "other", 80, beta=40.0)
    assert same_weights(tmp_path / "run", tmp_path / "other" / "run")
    assert history(tmp_path / "run") == history(tmp_path / "other" / "run")


def test_a_change_whose_checkpoint_was_not_written_is_made_again(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="run", stop=stop_after(4))
    checkpoint = (tmp_path / "run" / CHECKPOINT).read_bytes()
    steer(tmp_path / "run", beta=40.0)
    train_small(tmp_path, CONFIG, name="run", resume=True, stop=stop_after(4))
    (tmp_path / "run" / CHECKPOINT).write_bytes(checkpoint)
    train_small(tmp_path, read_config(tmp_path / "run"), name="run", resume=True)
    events = [r for r in load_run(tmp_path / "run").history if "event" in r]
    assert events == [{"images": 32, "event": "steered", "beta": 40.0}]
    assert read_config(tmp_path / "run").steered == "β = 40 after 32 images"


def test_a_kill_before_the_config_was_marked_leaves_no_unmarked_run(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="run", stop=stop_after(4))
    event = {"images": 32, "event": "steered", "beta": 40.0}
    store.append_history(tmp_path / "run", event)  # and then the kill came
    assert read_config(tmp_path / "run").steered == ""
    records = train_small(tmp_path, CONFIG, name="run", resume=True)
    assert records[-1].loss == pytest.approx(records[-1].nll + 40 * sum(records[-1].kl), rel=1e-5)
    assert read_config(tmp_path / "run").steered == "β = 40 after 32 images"


@pytest.mark.parametrize("finished", [True, False])
def test_a_steered_run_is_never_taken_for_its_setting(finished: bool, tmp_path: Path) -> None:
    """Training it goes on only with the settings that say how it was steered."""
    for record in train(CONFIG, tmp_path, device="cpu", checkpoint_seconds=1e9):
        if record.images == 80:
            steer(tmp_path / CONFIG.run_id, beta=40.0)
        if record.images == 120 and not finished:
            break
    del record
    before = files(tmp_path / CONFIG.run_id)
    with one_sentence("steered while it trained (β = 40 after 80 images)", "rename its folder"):
        train_small(tmp_path, CONFIG, resume=True)
    assert files(tmp_path / CONFIG.run_id) == before
    assert images_trained(tmp_path / CONFIG.run_id) == 0  # for the list of a zoo
    train_small(tmp_path, read_config(tmp_path / CONFIG.run_id), resume=True)
    assert load_run(tmp_path / CONFIG.run_id).status == "finished"


@pytest.mark.slow
def test_a_sweep_goes_on_without_a_run_that_was_steered(tmp_path: Path) -> None:
    steered_at(tmp_path, 80, MINI, beta=40.0)
    (tmp_path / "run").rename(tmp_path / MINI.run_id)
    jobs = [MINI, replace(MINI, seed=1)]
    *_, state = sweep(jobs, tmp_path, workers=1, threads=1, device="cpu")
    assert [job.status for job in state.jobs] == ["failed", "finished"]
    assert "β = 40 after 80 images" in state.jobs[0].reason


@pytest.mark.slow
def test_a_run_steered_during_a_sweep_is_none_of_its_runs(tmp_path: Path) -> None:
    options: dict[str, Any] = {"device": "cpu", "half": False, "data_root": None}
    told = []
    for _, news in work_together(
        {0: Job(MINI)}, tmp_path, checkpoint_seconds=1e9, asked=lambda: False, **options
    ):
        told.append(news)
        if news[1] == 80:
            steer(tmp_path / MINI.run_id, beta=40.0)
    assert told[-1][0] == "failed"
    assert "β = 40 after 80 images" in told[-1][3]
    assert load_run(tmp_path / MINI.run_id).status == "finished"


def test_a_stack_goes_on_without_a_member_that_was_steered(tmp_path: Path) -> None:
    steered_at(tmp_path, 80, beta=40.0)
    (tmp_path / "run").rename(tmp_path / CONFIG.run_id)
    other = replace(CONFIG, beta=1.0, order_seed=CONFIG.seed)
    news = list(train_stacked([CONFIG, other], tmp_path, resume=True, device="cpu"))
    assert [str(what) for number, what in news if number == 0 and isinstance(what, InputError)]
    assert load_run(tmp_path / other.run_id).status == "finished"


def test_a_pause_saves_and_waits_and_changes_no_bit(tmp_path: Path) -> None:
    paused: list[float] = []

    def go_on() -> None:
        until(lambda: store.weights_images(tmp_path / "run"))
        time.sleep(0.5)
        paused.append(store.weights_images(tmp_path / "run") or 0)
        steer(tmp_path / "run", state="go")

    thread = threading.Thread(target=go_on)
    began = time.monotonic()
    for record in train(CONFIG, tmp_path, name="run", device="cpu", checkpoint_seconds=1e9):
        if record.images == 80:
            steer(tmp_path / "run", state="pause")
            thread.start()
    thread.join()
    took = time.monotonic() - began
    assert paused == [80]
    assert record.seconds < took - 0.4
    train_small(tmp_path, CONFIG, name="whole")
    assert same_weights(tmp_path / "run", tmp_path / "whole")
    assert history(tmp_path / "run") == history(tmp_path / "whole")
    assert not read_config(tmp_path / "run").by_hand


def test_a_paused_training_still_stops_when_asked(tmp_path: Path) -> None:
    store.create_run(tmp_path / "run", replace(CONFIG, precision="float32"))
    steer(tmp_path / "run", state="pause")
    asked = iter([False, True, True])
    train_small(tmp_path, CONFIG, name="run", resume=True, stop=lambda: next(asked))
    assert load_run(tmp_path / "run").status == "unfinished"
    assert (tmp_path / "run" / CHECKPOINT).exists()


def test_stopped_and_kept_it_can_be_continued(tmp_path: Path) -> None:
    records = steered_at(tmp_path, 80, state="stop")
    assert records[-1].images == 88  # the step in which it was noticed
    assert load_run(tmp_path / "run").status == "unfinished"
    train_small(tmp_path, CONFIG, name="run", resume=True)
    train_small(tmp_path, CONFIG, name="whole")
    assert same_weights(tmp_path / "run", tmp_path / "whole")


def test_wishes_read_back_and_keep_one_another(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="run")
    path = tmp_path / "run"
    assert read_wishes(path) == Wishes()
    steer(path, beta=2.0)
    steer(path, state="pause")
    assert read_wishes(path) == Wishes("pause", 2.0)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"beta": -1.0}, "beta must be"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0"),
        ({"beta": float("nan")}, "beta must be"),
        ({"state": "away"}, "go, pause or stop"),
    ],
)
def test_wishes_without_sense_are_refused(
    changes: dict[str, Any], says: str, tmp_path: Path
) -> None:
    train_small(tmp_path, CONFIG, name="run")
    before = files(tmp_path / "run")
    with one_sentence(says):
        steer(tmp_path / "run", **changes)
    assert files(tmp_path / "run") == before


def test_a_model_for_every_beta_has_no_beta_to_change(tmp_path: Path) -> None:
    store.create_run(tmp_path / "run", small_config(model="conv-multirate", beta=None))
    with one_sentence("β = 0.05 to 20", "no single β"):
        steer(tmp_path / "run", beta=2.0)


@pytest.mark.parametrize("text", ["", "[]", '{"state": "go", "extra": 1}', '{"state": "away"}'])
def test_a_damaged_control_file_is_one_sentence(text: str, tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="run", stop=stop_after(2))
    (tmp_path / "run" / CONTROL).write_text(text)
    with one_sentence():
        train_small(tmp_path, CONFIG, name="run", resume=True)


def test_no_chart_over_beta_joins_steered_runs(tmp_path: Path) -> None:
    steered_at(tmp_path, 80, beta=40.0)
    for beta in (1.0, 4.0):
        train_small(tmp_path, replace(CONFIG, beta=beta))
    runs = [load_run(path) for path in sorted(tmp_path.iterdir())]
    inside, others = family(runs)
    assert sorted(run.config.beta or 0 for run in inside) == [1.0, 4.0]
    assert [run.name for run in others] == ["run"]
