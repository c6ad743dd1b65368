"""The page Disentanglement with the runs on 2Dshapes as they ship: the model for every β as a line,
and scores over the length of training."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.disentanglement.every_beta import compared
from pages._ui.every_beta import LABEL
from tests.pages.driving import as_read, captions, open_page

SHIPPED = Path(__file__).parents[2] / "trained_models"
LONG = "-images7372800-klwarmup640000"
OF_ALL = f"2dshapes-conv-multirate-beta0.05to20-seed123{LONG}"


@pytest.fixture
def shipped(own_folders: dict[str, Path]) -> Path:
    names = [f"2dshapes-conv-beta{beta}-seed123" for beta in ("0.1", "1", "4", "10")]
    for name in (OF_ALL, *names, *(name + LONG for name in names)):
        shutil.copytree(SHIPPED / name, own_folders["RUNS"] / name)
    return own_folders["RUNS"]


def curve(app: AppTest) -> list[float]:
    """The values of the line of the model for every β; empty if there is none."""
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    lines = [trace for trace in figure["data"] if trace.get("name") == LABEL]
    return [value for line in lines for value in line["y"]]


def said(app: AppTest) -> str:
    return as_read("\n".join(each.value for each in app.markdown))


def test_the_model_for_every_beta_is_a_line_beside_the_others(shipped: Path) -> None:
    records = json.loads((shipped / OF_ALL / "scores.json").read_text())
    app = open_page("disentanglement", score="MIG")
    (mig,) = [r for r in records if r.get("settings", {}).get("metric") == "mig"]
    inside = [
        value
        for beta, value in zip(mig["beta"], mig["value"], strict=True)
        if 0.1 <= beta <= 10  # where the other runs are
    ]
    assert curve(app) == pytest.approx(inside)
    assert f"{OF_ALL}, trained on 7,372,800 images" in captions(app).replace("\\", "")
    assert "one model for every β scores lower at β = 4 (0.169 against 0.354)" in said(app)
    for score, line in (("SAP", False), ("FactorVAE score", True)):
        app = open_page("disentanglement", score=score)
        assert bool(curve(app)) is line, score


def test_higgins_metric_has_it_where_it_was_measured(shipped: Path) -> None:
    app = open_page("disentanglement")
    every = curve(app)
    assert "standard errors over draws: at most 0.00" in captions(app)
    app = open_page("disentanglement", **{"factors-5-4": "4"})
    assert min(curve(app) or [0]) > max(every)
    app = open_page("disentanglement", classifier="mlp")
    assert curve(app) == []
    assert not app.exception


def test_beside_shorter_trainings_the_line_names_its_own_length(shipped: Path) -> None:
    names = {}
    for length in ("10 passes, KL warm-up", "1 pass"):
        app = open_page("disentanglement", score="MIG", **{"length-2dshapes": length})
        figure = json.loads(app.get("plotly_chart")[0].proto.spec)
        names[length] = {str(trace.get("name")) for trace in figure["data"]}
    assert LABEL in names["10 passes, KL warm-up"]
    assert f"{LABEL}, 10 passes" in names["1 pass"]


def test_scores_over_the_length_of_training(shipped: Path) -> None:
    app = open_page("disentanglement")
    assert "From 1 pass to 10 passes of training Higgins' metric" in said(app)
    assert "Longer training" in [heading.value for heading in app.header]
    assert "models: 4 after 1 pass, 4 after 10 passes" in captions(app)
    for path in shipped.glob(f"*conv-beta*{LONG}"):
        shutil.rmtree(path)
    app = open_page("disentanglement")
    assert "Longer training" not in [heading.value for heading in app.header]
    assert "Beside separate models" not in said(app)


def test_the_sentence_says_where_it_is_worse() -> None:
    def beside(*values: tuple[float, float, float]) -> pd.DataFrame:
        table = pd.DataFrame(values, columns=["beta", "value", "separate"])
        return table.assign(difference=table["value"] - table["separate"])

    assert compared(beside((1.0, 0.5, 0.7), (4.0, 0.505, 0.5), (10.0, 0.9, 0.8))) == (
        "Beside separate models trained on as many images, one model for every β scores lower at "
        "β = 1 (0.500 against 0.700); as high at β = 4 (0.505 against 0.500); higher at β = 10 "
        "(0.900 against 0.800)."
    )
    assert "lower" not in compared(beside((1.0, 0.7, 0.5)))
    assert compared(beside()) == ""
