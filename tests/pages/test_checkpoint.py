"""The page Checkpoint: what it offers, what it says, what it keeps."""

import io
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from betavae_core.config import RunConfig
from betavae_core.models import build_vae
from betavae_core.scoring.elbo import active_latents
from betavae_core.scoring.scores import standard_records
from betavae_core.store import load_run
from pages._ui.checkpoint import examination
from pages._ui.checkpoint.picker import checkpoints_here
from tests.doctor import damage
from tests.pages.driving import captions, open_page, shown_run


def words(app: AppTest) -> str:
    return "\n".join(each.value for each in app.markdown)


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
    assert "Checkpoints of these projects can be opened" in words(app)
    assert len(app.error) == 0


def test_a_name_that_is_not_offered_opens_nothing(folder: Path) -> None:
    for name in ("../outside.pt", "/etc/passwd", "given/../../outside.pt"):
        app = open_page("checkpoint", checkpoint=name)
        assert "Checkpoints of these projects can be opened" in words(app)


def test_a_cut_off_file_is_broken_in_one_sentence(folder: Path) -> None:
    app = open_page("checkpoint", checkpoint="given/cut.pt")
    assert [each.value for each in app.error] == ["This checkpoint is broken. See: File."]
    assert "cut.pt" in words(app)
    assert str(folder) not in words(app)


def test_a_checkpoint_is_examined_and_kept(folder: Path, runs: Path) -> None:
    app = open_page("checkpoint", checkpoint="given/deep/mine.pt", against="2Dshapes")
    said = words(app)
    for title in ("File", "Layout", "Weights", "Reconstructions", "Active latents", "β"):
        assert f"**{title}**" in said
    assert "502,005 parameters" in said
    labels = [button.label for button in app.get("download_button")]
    assert labels == ["Checkup as HTML", "Checkup as PNG", "Numbers as JSON"]
    app.text_input[0].set_value("brought").run()
    (button,) = [b for b in app.button if b.label == "Keep"]
    trained_on = next(s for s in app.selectbox if s.label == "Training dataset (if known)")
    trained_on.set_value("2dshapes")
    button.click().run()
    assert not app.exception
    kept = load_run(runs / "brought")
    assert (kept.config.beta, kept.config.dataset, kept.status) == (None, "2dshapes", "imported")
    assert any("Kept as brought" in each.value for each in app.success)
    button.click().run()  # a second time: nothing is overwritten
    assert any("already has a run" in each.value for each in app.error)
    app = open_page("traversals")
    app.selectbox(key="pick-model").select("Conv VAE, imported").run()
    assert shown_run(app) == "brought"


@pytest.mark.slow
def test_a_run_is_examined_too_and_is_kept_already(folder: Path) -> None:
    app = open_page("checkpoint", checkpoint=f"runs/{RunConfig(beta=4.0).run_id}")
    assert "a run of this lab" in words(app)
    assert not any(b.label == "Keep" for b in app.button)


def state(channels: int = 1, seed: int = 1) -> bytes:
    buffer = io.BytesIO()
    torch.save(build_vae(RunConfig(channels=channels, seed=seed)).state_dict(), buffer)
    return buffer.getvalue()


def keep_as(app: AppTest, name: str) -> None:
    app.text_input[0].set_value(name).run()
    next(b for b in app.button if b.label == "Keep").click().run()


def test_names_that_are_no_text_are_offered_with_marks(
    folder: Path, examined: list[RunConfig]
) -> None:
    for name in (b"\xff.pt", b"\xfe.pt", b"new\nline.pt"):
        with open(os.fsencode(folder) + b"/" + name, "wb") as file:
            file.write(state())
    names = [name for name in checkpoints_here() if "\N{REPLACEMENT CHARACTER}" in name]
    assert len(names) == 3
    assert len({name.encode() for name in names}) == 3
    assert all(" #" in name for name in names)
    for name in names:
        app = open_page("checkpoint", checkpoint=name)
        assert "As they should be" in words(app)


def test_an_onnx_pair_is_offered_as_its_folder(folder: Path) -> None:
    for place in (folder, folder / "pair"):
        place.mkdir(exist_ok=True)
        for half in ("encoder.onnx", "decoder.onnx"):
            (place / half).write_bytes(b"x")
    (folder / "half").mkdir()
    (folder / "half" / "encoder.onnx").write_bytes(b"x")
    here = checkpoints_here()
    assert here["given/pair"] == folder / "pair"
    assert here["given"] == folder
    assert not any(name.endswith(".onnx") or "half" in name for name in here)


def test_suffixes_of_any_case_are_offered(folder: Path) -> None:
    for name in ("A.PT", "b.Pth", "C.SafeTensors"):
        (folder / name).write_bytes(b"x")
    assert {"given/A.PT", "given/b.Pth", "given/C.SafeTensors"} <= set(checkpoints_here())


def test_what_was_kept_is_told_of_that_checkpoint_alone(
    folder: Path, examined: list[RunConfig]
) -> None:
    (folder / "other.pt").write_bytes(state(seed=2))
    app = open_page("checkpoint", checkpoint="given/deep/mine.pt")
    keep_as(app, "first")
    assert [each.value for each in app.success][-1] == "Kept as first."
    for name in ("given/other.pt", "given/deep/mine.pt"):
        next(s for s in app.selectbox if s.label == "Checkpoint").set_value(name).run()
        assert "As they should be" in words(app)
        assert not any("Kept as" in each.value for each in app.success)


def test_a_changed_file_is_examined_anew_and_again_reopens(
    folder: Path,
    runs: Path,
    examined: list[RunConfig],
) -> None:
    shutil.copytree(runs / RunConfig(beta=4.0).run_id, folder / "run")
    app = open_page("checkpoint", checkpoint="given/run")
    app.run()
    assert [config.beta for config in examined] == [4.0]
    settings = folder / "run" / "config.json"
    settings.write_text(settings.read_text().replace('"beta": 4.0', '"beta": 7.0'))
    app.run()
    assert [config.beta for config in examined] == [4.0, 7.0]
    next(b for b in app.button if b.label == "Examine again").click().run()
    assert [config.beta for config in examined] == [4.0, 7.0, 7.0]


def test_a_run_from_elsewhere_can_be_kept(
    folder: Path,
    runs: Path,
    examined: list[RunConfig],
) -> None:
    shutil.copytree(runs / RunConfig(beta=4.0).run_id, folder / "run")
    app = open_page("checkpoint", checkpoint="given/run")
    keep_as(app, "brought")
    assert load_run(runs / "brought").config.beta == 4.0


@pytest.mark.parametrize(
    ("channels", "fitting"), [(1, ["2Dshapes"]), (3, ["3Dshapes", "MPI3DToy"])]
)
def test_only_datasets_of_its_shape_are_offered(
    folder: Path, examined: list[RunConfig], channels: int, fitting: list[str]
) -> None:
    (folder / "one.pt").write_bytes(state(channels))
    app = open_page("checkpoint", checkpoint="given/one.pt")
    offered = next(s for s in app.selectbox if s.label == "Training dataset (if known)").options
    assert offered[0] == "not known"
    assert offered[1 : 1 + len(fitting)] == fitting
    assert not any("CIFAR" in each for each in offered)


def upload(*files: tuple[str, bytes], **link: str) -> AppTest:
    app = open_page("checkpoint", **{"from": "upload"} | link)
    assert not app.warning, "what a link requests holds until there is a checkpoint"
    given = [(name, content, "application/octet-stream") for name, content in files]
    app.file_uploader[0].set_value(given).run()
    assert not app.exception
    return app


def test_an_upload_is_examined_and_kept(
    folder: Path,
    runs: Path,
    examined: list[RunConfig],
) -> None:
    app = upload(("mine.pt", state()))
    assert "As they should be" in words(app)
    keep_as(app, "brought")
    assert (runs / "brought" / "config.json").exists()


def test_the_dataset_of_a_link_is_tested_on_once_a_checkpoint_is_there(folder: Path) -> None:
    app = upload(("mine.pt", state()), against="2Dshapes")
    assert app.selectbox(key="against").value == "2dshapes"
    assert not app.warning


def test_a_second_upload_is_a_checkpoint_of_its_own(
    folder: Path, examined: list[RunConfig]
) -> None:
    """The one that came last is examined, and the other one can be chosen."""
    app = upload(("mine.pt", state()), ("other.pt", state(3)), ("mine.pt", state(3, seed=2)))
    which = next(s for s in app.selectbox if s.label == "Uploaded checkpoint")
    assert which.options == ["mine.pt", "other.pt", "mine.pt (2)"]
    assert which.value == "mine.pt (2)"
    assert [config.channels for config in examined] == [3]
    which.set_value("mine.pt").run()
    assert [config.channels for config in examined] == [3, 1]
    assert not app.error


def test_of_several_weights_in_a_file_one_is_chosen(
    folder: Path, examined: list[RunConfig]
) -> None:
    both = {"model": build_vae(RunConfig()).state_dict(),
            "ema": build_vae(RunConfig(channels=3)).state_dict()}  # fmt: skip
    torch.save(both, folder / "both.pt")
    app = open_page("checkpoint", checkpoint="given/both.pt")
    choice = next(s for s in app.selectbox if s.label == "Set of weights")
    assert (choice.options, choice.value, examined) == (["model", "ema"], None, [])
    assert "several sets of weights" in app.info[0].value
    choice.set_value("ema").run()
    assert [config.channels for config in examined] == [3]
    assert "As they should be" in words(app)
    assert not app.exception


@pytest.mark.slow
def test_what_was_measured_is_kept(folder: Path, runs: Path) -> None:
    """The dataset that fits best, NLL and KL, of weights that state nothing."""
    torch.save(damage.good()[0].state_dict(), folder / "good.pt")
    app = open_page("checkpoint", checkpoint="given/good.pt")
    trained_on = next(s for s in app.selectbox if s.label == "Training dataset (if known)")
    assert trained_on.value == "2dshapes"
    trained_on.set_value("not known").run()
    assert "No measurement is stored with it" in captions(app)
    next(s for s in app.selectbox if s.label == "Training dataset (if known)").set_value(
        "2dshapes"
    ).run()
    keep_as(app, "brought")
    kept = load_run(runs / "brought")
    assert (kept.config.dataset, kept.config.source) == ("2dshapes", "rendered")
    assert "NLL and KL (1,000 images), Higgins' metric (5,000 images), MIG" in captions(app)
    elbo, *quick = kept.valid_scores
    assert [record["score"] for record in quick] == ["higgins", "mig"]
    assert standard_records(kept) == [], "pages compare scores of the whole grid only"
    assert elbo["settings"]["dataset"] == "2dshapes"
    assert sum(active_latents(elbo)) == 5
    assert 12 < sum(elbo["kl"]) < 14


def test_an_error_of_the_system_names_no_place(
    folder: Path, examined: list[RunConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device", str(folder))

    monkeypatch.setattr(examination, "keep", full)
    app = open_page("checkpoint", checkpoint="given/deep/mine.pt")
    keep_as(app, "mine")
    assert [each.value for each in app.error] == [
        "Reading or writing a file failed: No space left on device."
    ]
