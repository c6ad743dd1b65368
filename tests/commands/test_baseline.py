"""The verb baseline: folders like runs, made once."""

import json
from pathlib import Path

import pytest

from betavae_core.__main__ import main
from betavae_core.store import load_run
from tests.commands.running import Output
from tests.datasets.own.images import GRID, numbered, write


@pytest.fixture
def blocks(own_folders: dict[str, Path]) -> dict[str, Path]:
    own_folders["DATA"].mkdir()
    write(own_folders["DATA"] / "blocks.npz", images=numbered(), **GRID)
    return own_folders


def test_all_kinds_are_made_once_and_scored(blocks: dict[str, Path], capsys: Output) -> None:
    arguments = ["baseline", "all", "--dataset", "blocks", "--latents", "2", "--json"]
    assert main(arguments) == 0
    made = json.loads(capsys.readouterr().out)
    assert len(made) == 6
    assert all(each["made"] for each in made)
    assert main(arguments) == 0
    assert not any(each["made"] for each in json.loads(capsys.readouterr().out))
    for each in made:
        run = load_run(each["run"])
        assert run.config.baseline
        assert main(["evaluate", run.name, "--score", "mig", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)[0]["score"] == "mig"


def test_settings_of_ica_reach_it(blocks: dict[str, Path], capsys: Output) -> None:
    arguments = ["baseline", "pca,ica", "--dataset", "blocks", "--latents", "2"]
    assert main([*arguments, "--fit", "fun=cube", "--seed", "1,2"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert len(names) == 4
    history = load_run(blocks["RUNS"] / names[2]).history
    assert history[0]["fun"] == "cube"


def test_the_true_factors_without_one(blocks: dict[str, Path], capsys: Output) -> None:
    """Other kinds made in the same call are not concerned."""
    missing = GRID["factor_names"][0]
    arguments = ["baseline", "oracle,rotated", "--dataset", "blocks", "--missing", missing]
    assert main(arguments) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert [load_run(blocks["RUNS"] / name).config.fit for name in names] == [
        f"missing={missing}",
        "",
    ]


def test_bad_input(blocks: dict[str, Path], capsys: Output) -> None:
    for arguments, named in (
        (["svd"], "pca"),
        (["pca", "--mode", "fast"], "paper"),
        (["ica", "--fit", "fun=sine"], "cube"),
        (["oracle", "--missing", "age"], f"missing={GRID['factor_names'][0]}"),
        (["pca", "--seed", "one"], "--seed"),
    ):
        assert main(["baseline", *arguments, "--dataset", "blocks"]) == 2
        assert named in capsys.readouterr().err
