"""The verb check: what it prints, its exit status, and the cards it writes."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core.__main__ import main
from betavae_core.config import RunConfig
from betavae_core.doctor import kept_beside
from betavae_core.models import build_vae
from betavae_core.store import load_run
from tests.commands.running import Output
from tests.doctor import damage

QUICK = ["--dataset", "2dshapes", "--quick"]


def result(capsys: Output, status: int, *arguments: str) -> Any:
    assert main(["check", *arguments, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_a_good_run(capsys: Output, tmp_path: Path) -> None:
    html, png = tmp_path / "card.html", tmp_path / "card.png"
    run = str(damage.RUNS / damage.GREY)
    told = result(capsys, 0, run, *QUICK, "--html", str(html), "--png", str(png))
    assert told["verdict"] == "fine"
    assert told["name"] == damage.GREY
    assert told["sha256"] == load_run(run).weights_hash
    assert [finding["key"] for finding in told["findings"]][:4] == [
        "file",
        "layout",
        "loads",
        "architecture",
    ]
    assert damage.GREY in html.read_text()
    assert str(damage.RUNS) not in html.read_text()
    assert png.read_bytes().startswith(b"\x89PNG")


def test_one_line_per_finding(capsys: Output) -> None:
    assert main(["check", str(damage.RUNS / damage.GREY), *QUICK]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert all(line.startswith("fine") for line in lines)
    assert lines[0] == "fine          Summary: No problem was found."  # quick: without scores


def test_broken_weights_are_status_1(capsys: Output, tmp_path: Path) -> None:
    model, _ = damage.good()
    torch.save(damage.fresh_decoder(model).state_dict(), tmp_path / "half.pt")
    told = result(capsys, 1, str(tmp_path / "half.pt"), *QUICK)
    assert told["verdict"] == "broken"
    weights = next(f for f in told["findings"] if f["key"] == "weights")
    assert "Half-loaded" in weights["cause"]


def test_no_checkpoint_is_a_finding(capsys: Output, tmp_path: Path) -> None:
    (tmp_path / "text.pt").write_text("no weights in here")
    told = result(capsys, 1, str(tmp_path / "text.pt"))
    assert [(f["key"], f["verdict"]) for f in told["findings"]] == [("file", "not opened")]


def test_no_such_path_is_bad_input(capsys: Output, tmp_path: Path) -> None:
    assert main(["check", str(tmp_path / "nothing.pt")]) == 2
    assert "does not exist" in capsys.readouterr().err
    run = str(damage.RUNS / damage.GREY)
    assert main(["check", run, "--html", str(tmp_path / "no" / "card.html")]) == 2
    colour = str(damage.RUNS / damage.COLOUR)
    assert main(["check", colour, "--dataset", "2dshapes"]) == 2


def test_kept_as_a_run(capsys: Output, tmp_path: Path, own_folders: dict[str, Path]) -> None:
    torch.save(build_vae(RunConfig()).state_dict(), tmp_path / "new.pt")
    told = result(capsys, 1, str(tmp_path / "new.pt"), *QUICK, "--keep", "mine")
    assert told["run"] == str(own_folders["RUNS"] / "mine")
    assert load_run(told["run"]).config.beta is None


def test_a_name_that_is_taken_is_refused_before_the_checkup(
    capsys: Output, tmp_path: Path, own_folders: dict[str, Path]
) -> None:
    torch.save(build_vae(RunConfig()).state_dict(), tmp_path / "new.pt")
    (own_folders["RUNS"] / "mine").mkdir(parents=True)
    (own_folders["RUNS"] / "mine" / "config.json").write_text("{}")
    for name, words in (("mine", "already has a run"), ("../mine", "plain folder name")):
        assert main(["check", str(tmp_path / "new.pt"), *QUICK, "--keep", name, "--json"]) == 2
        told = capsys.readouterr()
        assert words in told.err
        assert "Weights" not in told.err, "nothing was checked"


def test_what_was_found_is_told_even_where_it_cannot_be_kept(
    capsys: Output, tmp_path: Path, unwritable: Path
) -> None:
    torch.save(build_vae(RunConfig()).state_dict(), tmp_path / "new.pt")
    arguments = [str(tmp_path / "new.pt"), *QUICK, "--keep", "mine", "--out", str(unwritable)]
    told = result(capsys, 2, *arguments)
    assert told["run"] is None
    assert len(told["findings"]) == 9


def test_names_that_are_no_text_are_told_with_marks(capsys: Output, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\n.pt"
    torch.save(build_vae(RunConfig()).state_dict(), tmp_path / "new.pt")
    os.rename(tmp_path / "new.pt", path)
    html = tmp_path / "card.html"
    told = result(capsys, 1, os.fsdecode(path), *QUICK, "--html", str(html))
    assert told["name"] == "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}.pt"
    assert told["name"] in html.read_text()


def test_paths_that_cannot_be_read_are_bad_input(
    capsys: Output, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal(*arguments: str) -> str:
        assert main(["check", *arguments]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert len(told.err.splitlines()) == 1
        return told.err

    assert "can have this path" in refusal("x" * 5_000) or "does not exist" in refusal("x" * 5_000)
    assert "can have this path" in refusal("a\0b") or "does not exist" in refusal("a\0b")
    run = str(damage.RUNS / damage.GREY)
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "is not readable by this user" in refusal(run)


def test_1_is_for_broken_checkpoints_alone(capsys: Output, tmp_path: Path) -> None:
    """A card that cannot be written is bad input, and the rest was told before."""
    run = str(damage.RUNS / damage.GREY)
    told = result(capsys, 2, run, *QUICK, "--png", str(tmp_path))
    assert told["verdict"] == "fine"


@pytest.mark.parametrize(
    ("changes", "named"),
    [({"likelihood": "banana"}, "bernoulli"), ({"optimizer": "banana"}, "adagrad"),
     ({"model": "banana"}, "mlp"), ({"beta": -1.0}, "beta")],
)  # fmt: skip
def test_a_config_with_values_that_are_none(
    changes: dict[str, Any], named: str, capsys: Output, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(damage.RUNS / damage.GREY, run)
    config = json.loads((run / "config.json").read_text()) | changes
    (run / "config.json").write_text(json.dumps(config))
    told = result(capsys, 1, str(run), "--quick")
    assert told["verdict"] == "not opened"
    assert named in told["findings"][-1]["says"]


def test_a_checkup_is_kept_beside_a_run(capsys: Output, tmp_path: Path) -> None:
    run = tmp_path / damage.GREY
    shutil.copytree(damage.RUNS / damage.GREY, run)
    told = result(capsys, 0, str(run), *QUICK, "--beside")
    there = kept_beside(run)
    assert there is not None
    assert [finding.to_json() for finding in there[0]] == told["findings"]
    assert main(["check", str(run / "weights.safetensors"), "--beside"]) == 2
    assert "is one file" in capsys.readouterr().err
