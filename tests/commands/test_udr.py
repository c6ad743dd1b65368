"""Runs are ranked without labels, and each keeps its rank."""

from dataclasses import replace
from pathlib import Path

import pytest

from betavae_core.store import CONFIG, load_run, read_config
from tests.commands.running import Output, refused, result
from tests.oracles import small_config, train_small


@pytest.fixture
def names(own_folders: dict[str, Path]) -> list[str]:
    found = []
    for seed in (1, 2, 3):
        config = small_config(seed=seed)
        train_small(own_folders["RUNS"], config)
        found.append(config.run_id)
    return found


def test_every_run_keeps_its_record(
    names: list[str], own_folders: dict[str, Path], capsys: Output
) -> None:
    found = result(capsys, "udr", *names, "--images", "200")
    assert [each["run"] for each in found["runs"]] == names
    for each in found["runs"]:
        stored = load_run(own_folders["RUNS"] / each["run"]).score("udr")
        assert stored is not None
        assert stored["value"] == each["value"]
        assert 0 <= stored["value"] <= 0.9
        assert stored["settings"]["others"] == [name for name in names if name != each["run"]]
        assert len(stored["details"]["agreement"]) == 2
    assert found["rank_correlation"] == {"higgins": None, "mig": None, "dci": None}
    again = result(capsys, "udr", *names, "--images", "200")
    assert [each["value"] for each in again["runs"]] == [each["value"] for each in found["runs"]]


def test_what_cannot_be_ranked(
    names: list[str], own_folders: dict[str, Path], capsys: Output
) -> None:
    assert "two or more models" in refused(capsys, "udr", names[0])
    assert "named twice" in refused(capsys, "udr", names[0], names[0])
    steered = small_config(seed=9)
    train_small(own_folders["RUNS"], steered)
    path = own_folders["RUNS"] / steered.run_id
    config = replace(read_config(path), steered="β = 9 after 64 images")
    (path / CONFIG).write_text(config.to_json())
    said = refused(capsys, "udr", *names, steered.run_id)
    assert f"{steered.run_id} was steered while it trained" in said
    other = small_config(dataset="xysquares", channels=3)
    train_small(own_folders["RUNS"], other)
    assert "on the same images" in refused(capsys, "udr", names[0], other.run_id)
