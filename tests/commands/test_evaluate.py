"""The verb evaluate: scores land in scores.json with their settings, and only once."""

import json
from pathlib import Path
from typing import Any

import pytest

from betavae_core.__main__ import main
from betavae_core.metrics import METRICS, STATISTICS
from betavae_core.metrics.classifiers import CLASSIFIERS
from tests.commands.test_data import Output
from tests.datasets.test_own import GRID, class_folder, numbered, write
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
