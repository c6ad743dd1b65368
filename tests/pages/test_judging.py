"""Blind judging on the page Findings."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.driving import as_read, open_page

SHIPPED = Path(__file__).parents[2] / "trained_models"
LONG = "-images7372800-klwarmup640000"
NAMES = [f"2dshapes-conv-beta{beta}-seed123{LONG}" for beta in ("0.1", "4")]
WORDS = ["β = 0.1, seed 123, 10 passes", "β = 4, seed 123, 10 passes"]  # of the same runs


@pytest.fixture
def runs(own_folders: dict[str, Path]) -> Path:
    short = "2dshapes-conv-beta1-seed123"  # without its weights: it has no traversals
    for name in (*NAMES, short):
        shutil.copytree(SHIPPED / name, own_folders["RUNS"] / name)
    return own_folders["RUNS"]


def said(app: AppTest) -> str:
    return as_read("\n".join(each.value for each in app.markdown))


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def test_a_model_is_judged_before_score_and_name_are_shown(runs: Path) -> None:
    app = open_page("findings", judge="true")
    seen = []
    for turn in range(2):
        assert not any(name in said(app) for name in (*NAMES, *WORDS))
        assert "Higgins' metric: **" not in said(app)
        assert f"Model {turn + 1} of 2" in app.button_group[0].label
        app.button_group[0].set_value(["position x", "position y"]).run()
        press(app, "That is my judgement")
        assert "You: **2 (position x, position y)**" in said(app)
        seen.append(next(words for words in WORDS if words in said(app)))
        if "β = 4" in seen[-1]:
            assert "The rule: **2 (position x, position y)**" in said(app)
            assert "Higgins' metric: **100%**" in said(app)
        else:
            assert "The rule: **none**" in said(app)
        if turn == 0:
            press(app, "Next model")
    assert sorted(seen) == sorted(WORDS)
    assert "the rule's for 1 of 2 models" in said(app)
    assert "about 8 of 10 factors" in said(app)
    table = app.dataframe[0].value
    assert table["Model"].tolist() == seen
    assert table["Yours"].tolist() == [2, 2]
    press(app, "Judge again")
    assert "Model 1 of 2" in app.button_group[0].label


def test_no_judgement_is_none(runs: Path) -> None:
    app = press(open_page("findings", judge="true"), "That is my judgement")
    assert "You: **none**" in said(app)


def test_without_weights_it_says_so(own_folders: dict[str, Path]) -> None:
    name = "2dshapes-conv-beta1-seed123"
    shutil.copytree(SHIPPED / name, own_folders["RUNS"] / name)
    app = open_page("findings", judge="true")
    assert "with their weights; none are stored" in app.info[0].value
