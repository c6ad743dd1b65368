"""The page Findings shows what the report says of the runs that are there."""

from pathlib import Path

import pytest

from betavae_core.report.claims import read_claims
from betavae_core.report.the_paper import THE_PAPER
from betavae_core.report.whole import report
from betavae_core.store import list_runs
from tests.pages.driving import as_read, captions, open_page
from tests.report.folder import fill

CLAIMS = read_claims(THE_PAPER, "the paper")
LINE = "mean higgins with model=mlp factors=no-shape of beta=4 > other betas on 2dshapes"
NUMBER = next(n for n, claim in enumerate(CLAIMS, 1) if claim.line == LINE)


@pytest.fixture
def shelf(own_folders: dict[str, Path]) -> Path:
    fill(own_folders["RUNS"])
    return own_folders["RUNS"]


def test_every_claim_has_its_verdict_and_evidence(shelf: Path) -> None:
    made = report(list_runs(shelf), CLAIMS)  # type: ignore[arg-type]
    app = open_page("findings", claim=str(NUMBER))
    assert not app.exception
    table = app.dataframe[0].value
    assert table["Verdict"].tolist() == [each.verdict for each in made.judged]
    said = as_read(" ".join(each.value for each in app.markdown))
    assert ":green-badge[reproduced]" in said
    assert "β = 4: 92.00 % (" in said
    assert LINE in said
    app.selectbox(key="claim").set_value(0).run()
    assert "claim" not in app.query_params, "it is the default"
    assert "-badge[not comparable]" in " ".join(each.value for each in app.markdown)


def test_a_table_is_chosen(shelf: Path) -> None:
    app = open_page("findings", table="rule")
    assert app.dataframe[1].value.columns.tolist()[0] == "seeds in each group"
    assert "1,000 simulated experiments" in captions(app)
    app.selectbox(key="table").set_value("table-3").run()
    assert app.dataframe[1].value["dataset"].tolist()[0] == "CIFAR10"
    assert app.query_params["table"] == "table-3"


def test_figure_5_is_drawn_beside_its_numbers(shelf: Path) -> None:
    app = open_page("findings", table="figure-5")
    assert not app.exception
    assert app.dataframe[-1].value["nearest code, in posterior σ"].tolist()[0] == "18.7"
    (picture,) = app.get("image")
    assert picture.proto.imgs[0].caption.startswith("Figure 5: 2Dshapes. Posterior means")


def test_without_runs_it_says_how_to_make_one(own_folders: dict[str, Path]) -> None:
    app = open_page("findings")
    assert not app.exception
    assert "There are no trained models" in app.info[0].value
