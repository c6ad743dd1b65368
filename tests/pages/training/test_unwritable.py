"""The page Training on a folder of runs that the server may read and not write."""

from pathlib import Path

from betavae_core.queue.entries import add_entry, entries, set_state
from tests.oracles import small_config
from tests.pages.driving import buttons, captions, open_page
from tests.unprivileged import locked, unprivileged


def test_trainings_are_watched_and_nothing_is_offered(running: Path) -> None:
    root = running.parent
    add_entry(root, small_config(seed=1))
    set_state(add_entry(root, small_config(seed=2)), status="failed")
    before = entries(root)

    def work() -> None:
        app = open_page("training")
        text = captions(app)
        assert "Trainings can only be watched here. Cannot write to" in text
        assert "is not a writable folder" in text
        assert [each for each in buttons(app) if not each.startswith("large")] == []
        assert not app.error
        assert len(app.get("plotly_chart")) == 4
        assert "Fixed images of SpritesMini" in text

    with locked(root):
        unprivileged(work)
    assert entries(root) == before


def test_a_run_of_another_user_is_one_sentence_where_it_is_steered(running: Path) -> None:
    """The folder of runs can be written, this run cannot."""

    def work() -> None:
        app = open_page("training")
        app.button(key=f"steer-pause-{running.name}").click().run()
        assert not app.exception
        assert [error.value for error in app.error] != []
        assert "is not a writable folder" in app.error[0].value
        assert len(app.get("plotly_chart")) == 4

    with locked(running):
        unprivileged(work)


def test_an_empty_folder_does_not_ask_to_start_one_above(root: Path) -> None:
    root.mkdir()

    def work() -> None:
        app = open_page("training")
        assert [each.value for each in app.info] == ["No training is under way or in the queue."]

    with locked(root):
        unprivileged(work)
