"""The page Checkpoint and the runs of this lab: an example, and a choice by their parts."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from betavae_core.config import RunConfig
from betavae_core.doctor import Finding, Label, Verdict, file_hash, keep_beside
from pages._ui.checkpoint.checkup import named
from tests.pages.driving import open_page, pick_run, shown_run


def words(app: AppTest) -> str:
    return "\n".join(each.value for each in app.markdown)


@pytest.mark.parametrize("way", ["here", "upload"])
def test_before_anything_is_chosen_it_shows_an_example(
    folder: Path, runs: Path, way: str, examined: list[RunConfig]
) -> None:
    """The checkup that is kept with a run; nothing is examined for it."""
    run = runs / RunConfig(beta=4.0).run_id
    picture = {"of it": np.zeros((4, 4, 3), np.uint8)}
    found = [Finding("weights", "Weights", Verdict.LOOK, "Kept words.", "", {}, picture)]
    keep_beside(run, found, Label(run.name, file_hash(run)))
    app = open_page("checkpoint", **{"from": way})
    assert any(each.value.startswith("An example") for each in app.header)
    assert "Kept words" in words(app)
    assert len(app.get("image")) == 1
    assert examined == []
    app = open_page("checkpoint", checkpoint="given/deep/mine.pt")
    assert not any(each.value.startswith("An example") for each in app.header)
    assert "Kept words" not in words(app)


def test_a_damaged_example_is_one_sentence_and_the_page_goes_on(
    folder: Path, runs: Path, examined: list[RunConfig]
) -> None:
    """Of the run that pages open on; another run's checkup is the example, if there is one."""
    damaged, other = (runs / RunConfig(beta=beta).run_id for beta in (4.0, 1.0))
    (damaged / "checkup.json").write_text("{")
    app = open_page("checkpoint")
    (said,) = [box.value for box in app.warning]
    assert "is damaged" in said
    assert "Checkpoints of these projects can be opened" in words(app)
    assert not any(each.value.startswith("An example") for each in app.header)
    found = [Finding("weights", "Weights", Verdict.FINE, "Kept words.")]
    keep_beside(other, found, Label(other.name, file_hash(other)))
    app = open_page("checkpoint")
    assert len(app.warning) == 1
    assert "Kept words" in words(app)
    assert "Checkpoints of these projects can be opened" in words(app)


def test_a_run_is_chosen_by_its_parts_and_opened_by_a_button(
    folder: Path, runs: Path, examined: list[RunConfig]
) -> None:
    app = open_page("checkpoint")
    offered = next(s for s in app.selectbox if s.label == "Checkpoint").options
    assert sorted(offered) == ["given/cut.pt", "given/deep/mine.pt"], "no folders of our runs"
    pick_run(app, RunConfig(beta=1.0).run_id)
    assert examined == []
    app.button(key="go-examine").click().run()
    assert [config.beta for config in examined] == [1.0]
    assert "As they should be" in words(app)
    named = f"runs/{RunConfig(beta=1.0).run_id}"
    assert app.query_params["checkpoint"] == named
    chosen = next(s for s in app.selectbox if s.label == "Checkpoint")
    assert chosen.options[0].startswith("2Dshapes, Conv VAE")
    assert chosen.options[0].endswith("β = 1, seed 123")
    again = open_page("checkpoint", checkpoint=named)
    assert "As they should be" in words(again)
    assert shown_run(again) == RunConfig(beta=1.0).run_id


def test_what_else_opens_leaves_the_choice_of_a_run(
    folder: Path, runs: Path, examined: list[RunConfig]
) -> None:
    app = open_page("checkpoint", checkpoint=f"runs/{RunConfig(beta=1.0).run_id}")
    next(s for s in app.selectbox if s.label == "Checkpoint").set_value("given/deep/mine.pt").run()
    assert [config.beta for config in examined] == [1.0, None]
    assert shown_run(app) == RunConfig(beta=1.0).run_id


def test_rows_of_traversals_are_named_beside_them() -> None:
    picture = np.full((30, 48, 3), 9, np.uint8)
    numbers = {"latents": [4, 0, 2]}
    finding = Finding("traversals", "Traversals", Verdict.FINE, "", "", numbers, {})
    shown = named(picture, finding)
    margin = shown.shape[1] - 48
    np.testing.assert_array_equal(shown[:, margin:, :3], picture)
    for row in range(3):
        assert (shown[10 * row : 10 * (row + 1), :margin, 3] > 0).any()
    samples = Finding("samples", "Samples", Verdict.FINE, "", "", {"samples": 16}, {})
    assert named(picture, samples) is picture
