"""The live score of Sensitivity: its images are encoded beside the server."""

from pathlib import Path

import pytest

from betavae_core.datasets import load_dataset
from pages._ui import elsewhere
from tests.pages.driving import captions, open_page, opened


def test_the_server_itself_encodes_nothing_for_the_live_panel(
    scored_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process beside it does, which a visitor can cancel: the page is there without its score."""
    run = next(run for run in opened(scored_runs) if run.config.beta == 4 and run.config.seed == 1)
    job = f"codes/{run.weights_hash}/{load_dataset('blocks').key}"
    monkeypatch.setattr("pages._ui.higgins_now.has_code_table", lambda *_: False)
    monkeypatch.setattr(type(run.model), "encode", None)
    app = open_page("sensitivity", live=run.name)
    assert len(app.metric) == 3
    assert job in elsewhere.pool().jobs
    app.session_state[elsewhere.CANCELLED] = {job}
    app.run()
    assert not app.exception
    assert len(app.metric) == 0
    assert "Encoding 24 images: cancelled." in captions(app)
    app.button(key=f"again-{job}").click().run()
    assert len(app.metric) == 3
