"""The zoo: a list of runs is read, trained and scored in order, and says what is left."""

import json
from pathlib import Path

import pytest

from betavae_core.__main__ import main
from betavae_core.commands.zoo import LIST, images_trained
from betavae_core.config import preset
from betavae_core.datasets import config_dataset
from betavae_core.errors import InputError
from betavae_core.paths import home
from betavae_core.store import list_runs, load_run
from betavae_core.store.protocol import IN_PAPER_MODE
from betavae_core.store.snapshots import list_snapshots
from betavae_core.training.workers import score_job
from betavae_core.training.zoo import read_zoo
from tests.oracles import one_sentence, train_small
from tests.training.zoo_file import TINY, written


def test_the_list_is_read_in_order(tmp_path: Path) -> None:
    first, second = read_zoo(written(tmp_path))
    assert [config.beta for config in first.configs] == [1, 4]
    assert {config.kl_warmup for config in first.configs} == {32}
    assert (first.weights, second.weights, second.snapshots) == ((5,), (), 2)
    assert {config.precision for config in first.configs} == {"auto"}
    assert all(job.scored for job in first.jobs())


def test_the_list_of_the_project_is_whole() -> None:
    configs = [config for group in read_zoo(home() / LIST) for config in group.configs]
    assert preset("2dshapes-conv-laptop", images=7_372_800, kl_warmup=640_000).run_id in {
        config.run_id for config in configs
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("runs = ", "list of runs"),
        ("", "no runs"),
        (TINY.replace("snapshots", "pictures"), "pictures"),
        (TINY.replace('title = "One more"\n', ""), "title"),
        (TINY.replace("beta = [10]", "beta = [-1]"), "beta"),
        (TINY + TINY, "twice"),
        (TINY.replace("2dshapes-conv-laptop", "2dshapes-cnn"), "2dshapes-cnn"),
    ],
)
def test_a_wrong_list_is_one_sentence(text: str, named: str, tmp_path: Path) -> None:
    with one_sentence(named):
        read_zoo(written(tmp_path, text))


def test_a_missing_list_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml"):
        read_zoo(tmp_path / "none.toml")


def test_what_is_left_without_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["zoo", "--list", str(written(tmp_path)), "--out", str(tmp_path / "runs")]
    assert main([*arguments, "--left", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"title": "Two of 2Dshapes", "runs": 2, "finished": 0, "images_left": 128},
        {"title": "One more", "runs": 1, "finished": 0, "images_left": 64},
    ]
    assert not (tmp_path / "runs").exists()


def test_time_that_is_up_stops_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["zoo", "--list", str(written(tmp_path)), "--out", str(tmp_path), "--device", "cpu"]
    assert main([*arguments, "--hours", "1e-9"]) == 0
    assert "0 of 2 runs, 128 images left" in capsys.readouterr().out
    assert main([*arguments, "--hours", "0"]) == 2


@pytest.mark.slow
def test_runs_are_trained_one_after_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the list to finished runs; the standard scores of a whole grid take minutes and have
    tests of their own."""
    text = TINY.replace("seed = [5]", "seed = [5]\nscored = false").replace("= 64", "= 32")
    path = written(tmp_path, text)
    arguments = ["zoo", "--list", str(path), "--out", str(tmp_path / "runs"), "--device", "cpu"]
    assert main([*arguments, "--workers", "1"]) == 0
    assert "2 of 2 runs, 0 images left" in capsys.readouterr().out
    for config in (config for group in read_zoo(path) for config in group.configs):
        folder = tmp_path / "runs" / config.run_id
        run = load_run(folder)
        assert run.status == "finished"
        assert run.score("elbo") is not None
        assert images_trained(folder) == 32
        assert len(list_snapshots(folder)) == (2 if config.beta == 10 else 0)


def test_finished_runs_are_shipped_with_or_without_weights(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the list's three runs one is not trained yet, one keeps its weights, one does not."""
    text = TINY.replace("kl_warmup = 32", "kl_warmup = 32\nscored = false")
    text = text.replace("snapshots = 2", "snapshots = 2\nscored = false")
    path = written(tmp_path, text.replace("weights = [5]", "weights = [4]", 1))
    groups = read_zoo(path)
    kept, bare = groups[1].configs[0], groups[0].configs[0]
    for config in (kept, bare):
        train_small(tmp_path / "runs", config)
    path.write_text(path.read_text().replace("snapshots = 2", "weights = [5]"))
    arguments = ["zoo", "--list", str(path), "--out", str(tmp_path / "runs")]
    arguments += ["--ship", str(tmp_path / "shipped")]
    assert main(arguments) == 0
    assert {run.name: run.has_weights for run in list_runs(tmp_path / "shipped")} == {
        kept.run_id: True,
        bare.run_id: False,
    }
    assert not list((tmp_path / "shipped").rglob(".*.lock"))
    capsys.readouterr()
    assert main(arguments) == 0
    assert "shipped" not in capsys.readouterr().err


def test_a_run_that_is_not_scored_yet_is_not_shipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path)
    config = read_zoo(path)[1].configs[0]
    train_small(tmp_path / "runs", config)
    arguments = ["zoo", "--list", str(path), "--out", str(tmp_path / "runs")]
    arguments += ["--ship", str(tmp_path / "shipped")]
    assert main(arguments) == 0
    assert not (tmp_path / "shipped").exists()
    assert f"{config.run_id} is trained but not scored yet" in capsys.readouterr().err


@pytest.mark.slow
def test_scores_in_paper_mode_are_part_of_a_run_of_which_they_are_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All eight take minutes: here those of logistic regression."""
    quick = [each for each in IN_PAPER_MODE if each[1]["classifier"] == "logistic"]
    monkeypatch.setattr("betavae_core.scoring.scores.IN_PAPER_MODE", quick)
    asked = TINY.replace("2dshapes-conv-laptop", "sprites-mini").replace("snapshots = 2", "")
    asked = asked.replace("[[runs]]", "[[runs]]\nscored = false\npaper_mode = true")
    path = written(tmp_path, asked)
    job = next(read_zoo(path)[1].jobs())
    train_small(tmp_path / "runs", job.config)
    arguments = ["zoo", "--list", str(path), "--out", str(tmp_path / "runs")]
    arguments += ["--ship", str(tmp_path / "shipped")]
    assert main(arguments) == 0
    assert f"{job.name} is trained but not scored yet" in capsys.readouterr().err
    score_job(job, tmp_path / "runs" / job.name, config_dataset(job.config), "cpu", lambda: False)
    assert main(arguments) == 0
    (run,) = list_runs(tmp_path / "shipped")
    found = [each["settings"] for each in run.valid_scores if each["score"] == "higgins"]
    assert [(each["mode"], each["classifier"], len(each["factors"])) for each in found] == [
        ("paper", "logistic", n) for n in (4, 3)
    ]


def test_a_run_for_a_range_of_beta_is_listed_once(tmp_path: Path) -> None:
    text = TINY.replace("beta = [10]", 'model = "conv-multirate"').replace("snapshots = 2", "")
    (config,) = read_zoo(written(tmp_path, text))[1].configs
    assert (config.beta, config.beta_low, config.beta_high) == (None, 0.05, 20.0)
    with one_sentence("beta_low and beta_high"):
        read_zoo(written(tmp_path, text + "beta = [4]\n"))
