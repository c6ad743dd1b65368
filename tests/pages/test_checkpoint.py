"""The page Checkpoint: what it offers, what it says, what it keeps."""

from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from betavae_core.config import RunConfig
from betavae_core.models import build_vae
from betavae_core.store import load_run
from pages._ui.checkpoint_picker import checkpoints_here
from tests.pages.test_pages import open_page, runs  # noqa: F401


def words(app: AppTest) -> str:
    return "\n".join(each.value for each in app.markdown)


@pytest.fixture
def folder(tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: F811
    """A folder of checkpoints beside the runs: one that opens, one that is cut off."""
    place = tmp_path / "given"
    (place / "deep").mkdir(parents=True)
    torch.save(build_vae(RunConfig()).state_dict(), place / "deep" / "mine.pt")
    whole = (place / "deep" / "mine.pt").read_bytes()
    (place / "cut.pt").write_bytes(whole[: len(whole) // 2])
    monkeypatch.setenv("BETAVAE_CHECKPOINTS", str(place))
    return place


def test_only_what_lies_in_the_folders_is_offered(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.pt"
    outside.write_bytes(b"x")
    (folder / "link.pt").symlink_to(outside)
    (folder / "way").symlink_to(tmp_path)
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "a.pt").write_bytes(b"x")
    (folder / "notes.txt").write_text("no checkpoint")
    here = checkpoints_here()
    assert {name for name in here if name.startswith("given/")} == {
        "given/cut.pt",
        "given/deep/mine.pt",
    }
    run_names = {RunConfig(beta=beta).run_id for beta in (1.0, 4.0)}
    assert {name for name in here if name.startswith("runs/")} == {f"runs/{n}" for n in run_names}
    assert all(path.exists() for path in here.values())


def test_two_folders_of_the_same_name_stay_apart(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other" / "given"
    other.mkdir(parents=True)
    (other / "cut.pt").write_bytes(b"x")
    monkeypatch.setenv("BETAVAE_CHECKPOINTS", f"{folder}:{other}")
    here = checkpoints_here()
    assert here["given/cut.pt"] == folder / "cut.pt"
    assert here["given/cut.pt (2)"] == other / "cut.pt"


def test_before_anything_is_chosen_it_says_what_opens(folder: Path) -> None:
    app = open_page("checkpoint")
    assert "Whose checkpoints open" in words(app)
    assert len(app.error) == 0


def test_a_name_that_is_not_offered_opens_nothing(folder: Path) -> None:
    for name in ("../outside.pt", "/etc/passwd", "given/../../outside.pt"):
        app = open_page("checkpoint", checkpoint=name)
        assert "Whose checkpoints open" in words(app)


def test_a_cut_off_file_is_broken_in_one_sentence(folder: Path) -> None:
    app = open_page("checkpoint", checkpoint="given/cut.pt")
    assert [each.value for each in app.error] == ["Something is broken. See: File."]
    assert "cut.pt" in words(app)
    assert str(folder) not in words(app)


def test_a_checkpoint_is_examined_and_kept(folder: Path, runs: Path) -> None:  # noqa: F811
    app = open_page("checkpoint", checkpoint="given/deep/mine.pt", against="2Dshapes")
    said = words(app)
    for title in ("File", "Layout", "Weights", "Reconstructions", "Active latents", "β"):
        assert f"**{title}**" in said
    assert "502,005 parameters" in said
    labels = [button.label for button in app.get("download_button")]
    assert labels == ["Card as a page", "as a picture", "as JSON"]
    app.text_input[0].set_value("brought").run()
    (button,) = [b for b in app.button if b.label == "Keep"]
    trained_on = next(s for s in app.selectbox if s.label == "Trained on, as you know it")
    trained_on.set_value("2dshapes")
    button.click().run()
    assert not app.exception
    kept = load_run(runs / "brought")
    assert (kept.config.beta, kept.config.dataset, kept.status) == (None, "2dshapes", "imported")
    assert any("Kept as brought" in each.value for each in app.success)
    button.click().run()  # a second time: nothing is overwritten
    assert any("already holds a run" in each.value for each in app.error)
    assert "brought" in [*open_page("traversals").selectbox[0].options]


def test_a_run_is_examined_too_and_is_kept_already(folder: Path) -> None:
    app = open_page("checkpoint", checkpoint=f"runs/{RunConfig(beta=4.0).run_id}")
    assert "a run of this lab" in words(app)
    assert not any(b.label == "Keep" for b in app.button)
