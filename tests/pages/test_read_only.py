"""A dashboard for a public classroom: only looking, and no places on the server."""

import tomllib
from pathlib import Path

import pytest
from streamlit import config

from pages._ui.mode import ONLY_LOOKING, close_uploads, read_only
from pages._ui.style import without_paths
from tests.pages.driving import captions, open_page

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("value", "asked"), [("", False), ("0", False), ("no", False), ("1", True), ("yes", True)]
)
def test_the_variable(monkeypatch: pytest.MonkeyPatch, value: str, asked: bool) -> None:
    monkeypatch.setenv("BETAVAE_READ_ONLY", value)
    assert read_only() is asked


@pytest.mark.parametrize("page", ["disentanglement", "sensitivity", "reconstruction"])
def test_nothing_can_be_started(
    runs: Path,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
) -> None:
    started = [b.key for b in open_page(page).button if str(b.key).startswith("start-")]
    monkeypatch.setenv("BETAVAE_READ_ONLY", "1")
    app = open_page(page)
    assert [b.key for b in app.button if str(b.key).startswith("start-")] == []
    assert started == [] or "read-only" in captions(app)


def test_nothing_can_be_uploaded_or_kept(
    runs: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "upload" in open_page("checkpoint").segmented_control[0].options
    monkeypatch.setenv("BETAVAE_READ_ONLY", "1")
    app = open_page("checkpoint", **{"from": "upload"})
    assert len(app.segmented_control) == 0
    assert len(app.get("file_uploader")) == 0
    assert "read-only" in captions(app)


def test_sentences_name_no_places_of_the_server(
    runs: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sentence = f"{runs}/broken: config.json is missing."
    assert without_paths(sentence) == sentence  # on one's own machine they help
    monkeypatch.setenv("BETAVAE_READ_ONLY", "1")
    assert without_paths(sentence) == "runs/broken: config.json is missing."
    log = f'File "/srv/lab/betavae_core/x.py", line 3: {runs}/a, 5 images/s, https://a.org/b/c'
    said = 'File "x.py", line 3: runs/a, 5 images/s, https://a.org/b/c'
    assert without_paths(log) == said
    (runs / "broken").mkdir()
    (runs / "broken" / "config.json").write_text("{")
    app = open_page()
    shown = " ".join(m.value for m in app.markdown)
    assert "broken" in shown
    assert str(runs) not in shown


def test_the_server_is_for_this_machine_and_takes_no_more_than_it_says() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert settings["server"]["address"] == "localhost"
    assert settings["server"]["enableXsrfProtection"] is True
    assert settings["server"]["maxUploadSize"] <= 200
    assert settings["client"]["showErrorDetails"] == "type", "no traceback with the server's paths"


def test_the_server_takes_no_uploads_when_it_is_read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its endpoint compares each upload with this option, whatever the page offers."""
    before = config.get_option("server.maxUploadSize")
    try:
        close_uploads()
        assert config.get_option("server.maxUploadSize") == before
        monkeypatch.setenv("BETAVAE_READ_ONLY", "1")
        close_uploads()
        assert config.get_option("server.maxUploadSize") == 0
    finally:
        config.set_option("server.maxUploadSize", before)


def test_the_sentence_promises_no_more_than_is_so() -> None:
    """A visit computes: checkups, scores of what is looked at."""
    assert "examined" in ONLY_LOOKING
    assert "nothing is computed" not in ONLY_LOOKING
