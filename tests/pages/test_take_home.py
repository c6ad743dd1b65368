"""The button that makes a page to take home: of the run shown, or of those that a view compares."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from betavae_core.config import RunConfig
from pages._ui import take_home
from tests.export.handouts import Parsed
from tests.pages.driving import open_page, save_run

CONFIGS = [RunConfig(beta=beta) for beta in (1.0, 4.0)]


@pytest.fixture
def runs(own_folders: dict[str, Path]) -> list[str]:
    return [save_run(own_folders["RUNS"], config).name for config in CONFIGS]


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is offered to save, by the file's name, and the label."""
    files: dict[str, Any] = {}

    def keep(label: str, data: bytes, file: str, mime: str, **_: Any) -> None:
        files[file] = (data, label, mime)

    monkeypatch.setattr(take_home, "download", keep)
    return files


def press(app: AppTest) -> None:
    app.button(key="start-handout").click().run(timeout=120)
    assert not app.exception


def test_the_page_is_made_and_saved(runs: list[str], saved: dict[str, Any]) -> None:
    app = open_page("traversals", run=runs[0])
    assert saved == {}  # only who asks for it waits for it
    press(app)
    ((file, (data, label, mime)),) = saved.items()
    assert (file, mime) == (f"handout-{runs[0]}.html", "text/html")
    assert label == f"Save the page to take home ({len(data) / 1e6:.1f} MB)"
    page = Parsed(data.decode())
    assert page.files["title"] == "2Dshapes: β = 1"
    assert {"run-0", "starts"} <= set(page.files)
    assert not [button for button in app.button if button.key == "start-handout"]
    saved.clear()
    app.run()
    assert saved[file][0] is data  # it is made once


def test_runs_that_are_compared_stand_side_by_side(runs: list[str], saved: dict[str, Any]) -> None:
    press(open_page("traversals", run=runs[1], view="same latent in other models"))
    page = Parsed(saved[f"handout-{runs[1]}.html"][0].decode())
    assert page.files["title"] == "2Dshapes: β = 4, β = 1"
    assert {"run-0", "run-1"} <= set(page.files)
