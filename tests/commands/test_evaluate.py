"""The verb evaluate: scores land in scores.json with their settings, and only once."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from betavae_core.__main__ import main
from betavae_core.metrics import METRICS, STATISTICS
from betavae_core.metrics.classifiers import CLASSIFIERS
from betavae_core.store import load_run
from betavae_core.store.protocol import STANDARD
from tests.commands.running import Output
from tests.datasets.own.images import GRID, class_folder, numbered, write
from tests.oracles import small_config, train_small

FEW = ["--points", "200"]


@pytest.fixture
def run(own_folders: dict[str, Path]) -> str:
    """A short run on a dataset of your own with two factors."""
    own_folders["DATA"].mkdir()
    write(own_folders["DATA"] / "blocks.npz", images=numbered(), **GRID)
    config = small_config(dataset="blocks", source="own", channels=3, image_size=32, images=16)
    train_small(own_folders["RUNS"], config, name="mine")
    return "mine"


def result(capsys: Output, *arguments: str) -> Any:
    assert main(["evaluate", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: Output, *arguments: str) -> str:
    assert main(["evaluate", *arguments]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    return output.err.splitlines()[-1]


def test_every_combination_is_scored_and_stored(
    run: str, capsys: Output, own_folders: dict[str, Path]
) -> None:
    records = result(
        capsys, run, "--score", "higgins,mig", "--L", "4,16", "--classifier", "logistic,linear",
        "--draws", "2", *FEW,
    )  # fmt: skip
    assert [record["score"] for record in records] == ["higgins"] * 4 + ["mig"]
    assert {(r["settings"]["L"], r["settings"]["classifier"]) for r in records[:4]} == {
        (4, "logistic"),
        (4, "linear"),
        (16, "logistic"),
        (16, "linear"),
    }
    for record in records:
        assert 0 <= record["value"] <= 1
        assert record["settings"]["dataset"] == "blocks"
        assert record["settings"]["images"] == 12
        assert "torch" in record["versions"]
    stored = load_run(own_folders["RUNS"] / run).scores
    assert sorted(record["score"] for record in stored) == ["higgins"] * 4 + ["mig"]


def test_nothing_is_computed_again(
    run: str, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = [run, "--score", "mig,sap"]
    first = result(capsys, *arguments)
    with monkeypatch.context() as patch:
        patch.setattr("betavae_core.scoring.scores.code_table", None)
        assert result(capsys, *arguments) == first
    again = result(capsys, *arguments, "--again")
    assert [r["value"] for r in again] == [r["value"] for r in first]
    other = result(capsys, *arguments, "--seed", "1")
    assert other[0]["settings"]["seed"] == 1


@pytest.mark.slow
def test_all_scores_on_part_of_the_grid(run: str, capsys: Output) -> None:
    records = result(capsys, run, "--score", "all", "--most", "6", *FEW)
    assert len(records) == 14
    assert {tuple(r["settings"]["factor_sizes"]) for r in records} == {(2, 3)}
    assert main(["evaluate", run, "--score", "higgins", *FEW]) == 0
    text = capsys.readouterr().out
    assert "chance 0.50" in text
    assert "2 factors" in text


@pytest.mark.slow
def test_the_standard_protocol_and_the_table_of_draws(
    run: str, capsys: Output, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {"points": 30, "test_points": 20}
    less = [(n, s | few if s.get("points") else s) for n, s in STANDARD]
    monkeypatch.setattr("betavae_core.scoring.scores.STANDARD", less)
    small = [run, "--L", "4,8", "--points", "50,60", "--seeds", "2", "--test-points", "40"]
    result(capsys, *small, "--csv", str(tmp_path / "draws.csv"))
    table = pd.read_csv(tmp_path / "draws.csv")
    assert len(table) == 2 * 2 * 2
    assert set(table["points"]) == {50, 60}
    assert set(table["test_points"]) == {40}
    records = result(capsys, run, "--score", "standard")
    ways = {(r["asked"]["L"], r["asked"]["classifier"]) for r in records if "L" in r["asked"]}
    assert ways == {(64, c) for c in CLASSIFIERS} | {(L, "linear") for L in (16, 128, 256)}
    assert {r["score"] for r in records} == set(METRICS) | set(STATISTICS)
    with_two_factors = {tuple(r["asked"]["factors"]) for r in records if "factors" in r["asked"]}
    assert len(with_two_factors) == 1  # no shape, no second subset


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--score", "fid"], "higgins"),
        (["--L", "0"], "L must be"),
        (["--L", "many"], "--L"),
        (["--classifier", "svm"], "logistic"),
        (["--factors", "colour"], "shade"),
        (["--mode", "fast"], "corrected"),
        (["--points", "1"], "points"),
        (["--draws", "0"], "draws"),
    ],
)
def test_bad_input(run: str, arguments: list[str], named: str, capsys: Output) -> None:
    assert named in refused(capsys, run, *arguments)


def test_an_unknown_run_and_a_dataset_without_factors(
    run: str, capsys: Output, own_folders: dict[str, Path]
) -> None:
    assert "mine" in refused(capsys, "yours")
    class_folder(own_folders["DATA"] / "photos")
    config = small_config(dataset="photos", source="own", channels=3, image_size=32, images=8)
    train_small(own_folders["RUNS"], config, name="photos")
    assert "no known factors" in refused(capsys, "photos")


def test_scores_over_beta_of_a_model_for_every_beta(
    capsys: Output, own_folders: dict[str, Path]
) -> None:
    own_folders["DATA"].mkdir()
    write(own_folders["DATA"] / "blocks.npz", images=numbered(), **GRID)
    shape = {"channels": 3, "image_size": 32, "images": 16}
    config = small_config(
        dataset="blocks", source="own", model="conv-multirate", beta_low=0.1, beta_high=4.0, **shape
    )
    train_small(own_folders["RUNS"], config, name="every")
    (record,) = result(capsys, "every", "--score", "mig", "--over-beta", "0.5,2")
    assert (record["run"], record["beta"]) == ("every", [0.5, 2.0])
    assert main(["evaluate", "every", "--score", "mig", "--over-beta"]) == 0
    line = capsys.readouterr().out
    assert line.count("β = ") == 6  # 0.1, 0.3, 1, 4 and the two above, 2 once
    assert line.startswith("every  mig at β = 0.1: ")
    assert "from 0.1 to 4" in refused(capsys, "every", "--over-beta", "10")
    assert "numbers separated by commas" in refused(capsys, "every", "--over-beta", "one")
    assert "There is no metric" in refused(capsys, "every", "--score", "mgi", "--over-beta", "1")
    assert "freeze every" in refused(capsys, "every", "--score", "mig")
