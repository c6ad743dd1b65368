"""The page Training: what it starts, shows and steers, and what it refuses."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from betavae_core.config import RunConfig
from betavae_core.queue.entries import add_entry, entries, read_entry, set_state
from betavae_core.store import append_history, read_history
from betavae_core.training.steering import Wishes, read_wishes, steer
from betavae_core.training.under_way import RunUnderWay, publishing
from pages._ui.training import listing, starting
from tests.oracles import train_small
from tests.pages.driving import as_read, buttons, captions, open_page
from tests.pages.training.mini import MINI


def test_a_full_queue_takes_no_fork_and_nothing_again(trained: Path) -> None:
    root = trained.parent
    stopped = set_state(add_entry(root, RunConfig(seed=99)), status="stopped")
    for seed in range(starting.MOST_OPEN):
        add_entry(root, RunConfig(seed=seed))
    app = open_page("training")
    app.button(key=f"steer-fork-{trained.name}").click().run()
    assert "takes at most" in app.error[-1].value
    app.button(key=f"start-{stopped.id}").click().run()
    assert read_entry(stopped.path).state.status == "stopped"
    assert sum(entry.state.status == "waiting" for entry in entries(root)) == starting.MOST_OPEN
    assert not app.exception


def test_what_waits_is_listed_however_many_came_after_it(root: Path, served: list[Path]) -> None:
    entry = add_entry(root, RunConfig(seed=99))
    for seed in range(listing.SHOWN + 2):
        set_state(add_entry(root, RunConfig(seed=seed)), status="finished")
    app = open_page("training")
    assert f"cancel-{entry.id}" in buttons(app)
    app.button(key="serve-queue").click().run()
    assert served == [root]


@pytest.mark.parametrize("record", [{"images": 9, "event": "steered", "beta": "x"}, {"images": 9,
    "nll": 3.0, "kl": []}])  # fmt: skip
def test_an_altered_history_is_one_sentence(record: dict[str, Any], trained: Path) -> None:
    append_history(trained, record)
    app = open_page("training")
    assert not app.exception
    assert "history has a record whose" in "".join(error.value for error in app.error)


def test_a_finished_member_of_a_sweep_is_not_steered(trained: Path) -> None:
    with publishing(trained.parent, "sweep") as publish:
        publish([RunUnderWay(trained.name, "finished", 2_048, 2_048)], 2.0)
        assert f"steer-pause-{trained.name}" not in buttons(open_page("training"))


def test_a_training_is_shown(trained: Path) -> None:
    app = open_page("training")
    text = captions(app)
    assert "Fixed images of SpritesMini (rendered), after 2,048 images" in text
    assert "Each row moves one latent from −2 to 2 standard deviations" in text
    assert "Left: the latent and its KL in nats" in text
    (rows,) = [each.proto.body for each in app.get("html") if "<b>z0</b>" in each.proto.body]
    history = [record for record in read_history(trained)[0] if "kl" in record]
    for latent, kl in enumerate(history[-1]["kl"]):
        assert f"<b>z{latent}</b> {kl:.2f}<" in rows
    said = "\n".join(m.value for m in app.markdown)
    assert "After 2,048 of 2,048 images, reconstruction costs" in said
    assert "finished after 2,048 images" in said
    assert len(app.get("plotly_chart")) == 4
    assert "3 kept states" not in text
    assert f"steer-fork-{trained.name}" in buttons(app)
    assert f"steer-pause-{trained.name}" not in buttons(app)


def test_a_training_that_was_stopped_says_how_far_it_came(root: Path) -> None:
    train_small(root, replace(MINI, images=4_096), stop=lambda: True, watched=True)
    said = "\n".join(each.value for each in open_page("training").markdown)
    assert re.search(r"not under way, after [\d,]+ of 4,096 images", said)


def test_two_trainings_side_by_side_share_charts(trained: Path) -> None:
    other = RunConfig(**{**MINI.__dict__, "beta": 0.5})
    train_small(trained.parent, other, watched=True)
    app = open_page("training", watched=trained.name)
    (pills,) = (each for each in app.get("pills") if each.key == "watched")
    pills.set_value([trained.name, other.run_id]).run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 6  # two of both, two of each
    titles = [as_read(m.value) for m in app.markdown if m.value.startswith("### ")]
    assert titles == ["### β = 4", "### β = 0.5"]


def test_a_running_training_is_steered(running: Path) -> None:
    app = open_page("training")
    app.button(key=f"steer-pause-{running.name}").click().run()
    assert read_wishes(running) == Wishes("pause")
    app.button(key=f"steer-go-{running.name}").click().run()
    app.select_slider(key=f"steer-beta-{running.name}").set_value(10.0).run()
    assert read_wishes(running) == Wishes("go", 10.0)
    app.select_slider(key=f"steer-rate-{running.name}").set_value(1e-3).run()
    assert read_wishes(running) == Wishes("go", 10.0, 1e-3)
    app.button(key=f"steer-stop-{running.name}").click().run()
    assert read_wishes(running).state == "stop"
    assert not app.exception


def test_one_of_a_stack_is_paused_and_stopped_and_keeps_its_beta(trained: Path) -> None:
    append_history(trained, {"images": 2_048, "nll": 9.0, "kl": [0.0] * 3, "stacked": 2,
                             "loss": 9.0, "seconds": 1.0, "learning_rate": 1e-3})  # fmt: skip
    with publishing(trained.parent, "sweep") as publish:
        publish([RunUnderWay(trained.name, "running", 1_024, 2_048, 500.0, 2.0, "lab-3")], 2.0)
        app = open_page("training")
        assert "a pause holds all of them" in captions(app)
        assert "It trains on lab-3" in captions(app)
        assert f"steer-beta-{trained.name}" not in {each.key for each in app.select_slider}
        app.button(key=f"steer-pause-{trained.name}").click().run()
        assert read_wishes(trained) == Wishes("pause")
        app.button(key=f"steer-stop-{trained.name}").click().run()
        assert read_wishes(trained) == Wishes("stop")
        assert not app.exception


def test_an_open_page_does_not_undo_what_another_asks_for(running: Path) -> None:
    app = open_page("training")
    app.select_slider(key=f"steer-beta-{running.name}").set_value(10.0).run()
    for beta, rate in ((3.3, 1e-3), (1.0, 7e-4)):  # from the command line or another page
        steer(running, beta=beta, learning_rate=rate)
        app.run()
        assert read_wishes(running) == Wishes("go", beta, rate)
        assert app.select_slider(key=f"steer-beta-{running.name}").value == beta
        assert app.select_slider(key=f"steer-rate-{running.name}").value == rate
    assert not app.exception


def look(root: str) -> None:
    """What an open page does every two seconds."""
    from pathlib import Path

    from pages._ui.training.listing import _followed_queue

    _followed_queue(Path(root))


def test_an_open_page_follows_a_pause_that_another_asks_for(
    running: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is drawn again for what has changed; a click is answered first, whatever has changed."""
    drawn: list[str] = []
    page = open_page("training")
    app = AppTest.from_function(look, kwargs={"root": str(running.parent)})
    app.session_state[listing.OFFERED] = page.session_state[listing.OFFERED]
    monkeypatch.setattr("streamlit.rerun", lambda: drawn.append("again"))
    app.run()
    assert drawn == []
    steer(running, beta=2.0)
    app.run()
    assert drawn == ["again"]
    page.button(key=f"steer-stop-{running.name}").click().run()
    assert read_wishes(running) == Wishes("stop", 2.0)


def test_a_training_of_the_command_line_cannot_be_discarded(running: Path) -> None:
    assert f"steer-discard-{running.name}" not in buttons(open_page("training"))


def test_one_of_the_queue_can(root: Path) -> None:
    train_small(root, MINI, watched=True, stop=lambda: True)
    running = root / MINI.run_id
    entry = set_state(add_entry(root, MINI), made=True)
    with publishing(root, "queue") as publish:
        publish([RunUnderWay(running.name, "running", 64, 2_048, 500.0, 2.0)], 2.0)
        app = open_page("training")
        app.button(key=f"steer-discard-{running.name}").click().run()
    assert read_entry(entry.path).state.status == "discarded"
    assert not running.exists()


def test_a_finished_one_is_not_discarded(running: Path) -> None:
    entry = set_state(add_entry(running.parent, MINI), made=True)
    app = open_page("training")
    app.button(key=f"discard-{entry.id}").click().run()
    assert "has finished and is kept" in app.error[0].value
    app.button(key=f"steer-discard-{running.name}").click().run()
    assert "has finished and is kept" in app.error[-1].value
    assert not app.exception
    assert running.exists()


def test_ended_entries_are_cleared(root: Path) -> None:
    for seed, status in enumerate(("finished", "failed", "stopped", "waiting")):
        set_state(add_entry(root, RunConfig(seed=seed)), status=status)
    app = open_page("training")
    app.button(key="clear-queue").click().run()
    assert [entry.state.status for entry in entries(root)] == ["stopped", "waiting"]
    assert "clear-queue" not in buttons(app)


def test_a_fork_waits_in_the_queue(trained: Path, served: list[Path]) -> None:
    app = open_page("training")
    app.number_input(key=f"steer-fork-beta-{trained.name}").set_value(1.0).run()
    app.button(key=f"steer-fork-{trained.name}").click().run()
    assert not app.exception
    (entry,) = entries(trained.parent)
    assert (entry.parent, entry.after, entry.config.beta) == (trained.name, 1_024, 1.0)
    assert served == [trained.parent]


def test_the_queue_shows_logs_and_reasons(root: Path, served: list[Path]) -> None:
    entry = set_state(add_entry(root, MINI), status="failed", reason="It died.")
    (entry.path / "log.txt").write_text("what it said")
    app = open_page("training")
    assert any("It died." in m.value for m in app.markdown)
    assert any("what it said" in code.value for code in app.code)
    app.button(key=f"start-{entry.id}").click().run()
    assert read_entry(entry.path).state.status == "waiting"
    assert served == [root]


def test_a_read_only_dashboard_watches_and_does_nothing(
    running: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_entry(running.parent, MINI)
    monkeypatch.setenv("BETAVAE_READ_ONLY", "1")
    app = open_page("training")
    kinds = ("start-", "steer-", "cancel-", "discard-", "clear-")
    assert not [key for key in buttons(app) if key.startswith(kinds)]
    assert "read-only" in captions(app)
    assert len(app.get("plotly_chart")) == 4


@pytest.mark.slow
def test_a_steered_training_says_so(trained: Path) -> None:
    config = RunConfig(**{**MINI.__dict__, "seed": 1, "images": 4_096})
    train_small(trained.parent, config, stop=lambda: True, watched=True)
    steer(trained.parent / config.run_id, beta=10.0)
    train_small(trained.parent, config, resume=True, watched=True)
    app = open_page("training", watched=config.run_id)
    assert any("steered: β = 10 after" in as_read(m.value) for m in app.markdown)


def test_what_was_stopped_is_continued_where_it_is_watched(
    trained: Path, served: list[Path]
) -> None:
    root = trained.parent
    config = replace(MINI, seed=7)
    entry = add_entry(root, config)
    train_small(root, config, stop=lambda: True, watched=True)
    set_state(entry, status="stopped")
    app = open_page("training", watched=config.run_id)
    app.button(key=f"steer-continue-{config.run_id}").click().run()
    assert not app.exception
    assert read_entry(entry.path).state.status == "waiting"
    assert served == [root]
    assert f"steer-continue-{config.run_id}" not in buttons(app)
