"""The page Training: a paused training whose process has ended."""

from pathlib import Path

from betavae_core.queue.entries import add_entry, read_entry
from betavae_core.training.steering import read_wishes, steer
from tests.pages.driving import buttons, open_page
from tests.pages.training.mini import MINI


def test_a_paused_training_without_a_process_can_go_on(trained: Path, served: list[Path]) -> None:
    entry = add_entry(trained.parent, MINI)
    app = open_page("training")
    assert f"steer-continue-{trained.name}" not in buttons(app)
    assert "serve-queue" in buttons(app)
    steer(trained, state="pause")
    app.run()
    assert "serve-queue" not in buttons(app), "nothing is to be started"
    assert "It is paused." in "\n".join(each.value for each in app.markdown)
    app.button(key=f"steer-continue-{trained.name}").click().run()
    assert not app.exception
    assert (read_wishes(trained).state, read_entry(entry.path).why) == ("go", "")
    assert served == [trained.parent]
