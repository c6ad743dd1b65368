"""The page Training while nothing is under way: the story of a finished training."""

from dataclasses import replace
from pathlib import Path

import pytest

from betavae_core.queue.entries import add_entry
from tests.oracles import train_small
from tests.pages.driving import as_read, open_page, pick_run, shown_run
from tests.pages.training.mini import MINI


def test_without_a_training_the_story_of_a_finished_one_is_shown(root: Path) -> None:
    """With the states that it kept; the form is folded above it."""
    train_small(root, MINI, snapshots=3)
    app = open_page("training")
    assert "How a finished training went" in [each.value for each in app.header]
    words = as_read("\n".join(each.value for each in app.markdown))
    assert "**β = 4, seed 123, 0.444 passes** on SpritesMini :gray[finished after" in words
    assert "After 2,048 of 2,048 images, reconstruction costs" in words
    assert "not under way" not in words
    drawn = "".join(each.proto.body for each in app.get("html"))
    for label in ("original", "untrained", "1,024 images", "2,048 images"):
        assert f">{label}<" in drawn
    (form,) = [each for each in app.expander if each.label == "Start a training"]
    assert not form.proto.expanded
    assert len(app.get("plotly_chart")) == 3, "no empty chart of scores"


def test_a_training_under_way_takes_the_place_of_the_story(running: Path) -> None:
    app = open_page("training")
    assert "How a finished training went" not in [each.value for each in app.header]


@pytest.mark.parametrize("ended", [False, True])
def test_a_training_in_the_queue_is_not_denied(ended: bool, root: Path) -> None:
    """Until it has begun, which takes seconds, or longer where others are before it."""
    if ended:
        train_small(root, MINI)
    waits = add_entry(root, replace(MINI, seed=7))
    app = open_page("training")
    (told,) = app.info
    assert told.value.startswith(f"In the queue: {waits.config.run_id}. What is learned")
    said = [each.value for each in (*app.markdown, *app.header)]
    assert not any("No training" in each or "finished training" in each for each in said)
    app.button(key=f"cancel-{waits.id}").click().run()
    assert not any("In the queue" in each.value for each in app.info)


@pytest.mark.slow
def test_the_told_run_is_chosen_and_follows(root: Path) -> None:
    for beta in (1.0, 4.0):
        train_small(root, replace(MINI, beta=beta))
    other = replace(MINI, beta=1.0).run_id
    app = open_page("training", run=other)
    assert shown_run(app) == other
    pick_run(app, replace(MINI, beta=4.0).run_id)
    app.switch_page("pages/traversals.py").run()
    assert shown_run(app) == replace(MINI, beta=4.0).run_id
