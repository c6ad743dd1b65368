"""The verbs import, runs and presets, and the help of each."""

from collections.abc import Callable
from pathlib import Path

import pytest

from betavae_core.__main__ import main
from betavae_core.config import PRESETS, RunConfig
from betavae_core.store import load_run
from tests.commands.running import Output, refused, result
from tests.oracles import small_config, train_small

pytestmark = pytest.mark.usefixtures("quick_scores")


def test_import(capsys: Output, tmp_path: Path, shared_data: Callable[[str], Path]) -> None:
    theirs = shared_data("checkpoints/disentangling-vae/betaH_dsprites")
    printed = result(capsys, "import", str(theirs), "--out", str(tmp_path))
    assert printed == {"run": str(tmp_path / "betaH_dsprites")}
    score = load_run(printed["run"]).score("elbo")
    assert score is not None
    assert score["nll"] == pytest.approx(35.7, abs=3)
    assert "betaH_dsprites" in refused(capsys, "import", str(theirs), "--out", str(tmp_path))


def test_bad_input_to_import(capsys: Output, tmp_path: Path) -> None:
    assert str(tmp_path / "gone") in refused(capsys, "import", str(tmp_path / "gone"))
    assert "specs.json" in refused(capsys, "import", str(tmp_path))


def test_runs(capsys: Output, tmp_path: Path) -> None:
    out = ["--out", str(tmp_path)]
    assert result(capsys, "runs", *out) == []
    assert main(["runs", *out]) == 0
    assert "betavae_core train" in capsys.readouterr().out
    train_small(tmp_path, small_config(images=24), name="good")
    (tmp_path / "bad").mkdir()
    bad, good = result(capsys, "runs", *out)
    assert (bad["name"], bad["status"]) == ("bad", "broken")
    assert "config.json" in bad["reason"]
    assert (good["name"], good["status"], good["images"]) == ("good", "finished", 24)
    assert good["config"]["beta"] == 4.0
    assert main(["runs", *out]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "BROKEN" in lines[0]
    assert "finished" in lines[1]


def test_presets(capsys: Output) -> None:
    printed = result(capsys, "presets")
    assert {name: RunConfig(**fields) for name, fields in printed.items()} == PRESETS
    assert main(["presets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(PRESETS)


@pytest.mark.parametrize("verb", ["train", "import", "runs", "presets"])
def test_help_of_each_verb(verb: str, capsys: Output) -> None:
    with pytest.raises(SystemExit) as caught:
        main([verb, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert "--json" in text
    assert f"betavae_core {verb}" in text


def test_help_lists_the_verbs(capsys: Output) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for verb in ("train", "import", "runs", "presets"):
        assert verb in text


def test_no_verb_is_bad_input(capsys: Output) -> None:
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    assert "VERB" in capsys.readouterr().err
