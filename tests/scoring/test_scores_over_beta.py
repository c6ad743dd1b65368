"""Scores of a model for every β at several β: the same as those of its frozen runs, measured once,
and continued after a kill."""

from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core.datasets import Dataset, load_dataset
from betavae_core.scoring.scores import score_metrics
from betavae_core.scoring.scores_over_beta import (
    BETAS,
    curve,
    score_over_beta,
    usual_betas,
    usual_scores,
)
from betavae_core.store import Run, add_score, load_run, save_weights
from betavae_core.store.frozen import freeze
from tests.datasets.own.images import GRID, class_folder, numbered, write
from tests.oracles import one_sentence, small_config, train_small

QUICK = ("mig", "total_correlation")


@pytest.fixture
def dataset(own_folders: dict[str, Path]) -> Dataset:
    own_folders["DATA"].mkdir()
    write(own_folders["DATA"] / "blocks.npz", images=numbered(), **GRID)
    return load_dataset("blocks")


@pytest.fixture
def run(dataset: Dataset, own_folders: dict[str, Path]) -> Run:
    config = small_config(
        dataset="blocks", source="own", channels=3, image_size=32, images=64,
        model="conv-multirate", beta_low=0.1, beta_high=10.0,
    )  # fmt: skip
    train_small(own_folders["RUNS"], config, name="every")
    path = own_folders["RUNS"] / "every"
    model = load_run(path).multirate
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("slope"):
                parameter.add_(1)  # so that its codes depend on β
    save_weights(path, model, config.images)
    return load_run(path)


def test_the_values_are_those_of_frozen_runs(run: Run, dataset: Dataset, tmp_path: Path) -> None:
    records = score_over_beta(run, [4.0, 0.5], QUICK, dataset)
    assert [record["settings"]["metric"] for record in records] == list(QUICK)
    frozen = {beta: freeze(run, beta, tmp_path) for beta in (0.5, 4.0)}
    for record in records:
        name = record["settings"]["metric"]
        assert record["beta"] == [0.5, 4.0]
        for beta, value in zip(record["beta"], record["value"], strict=True):
            (alone,) = score_metrics(frozen[beta], [(name, {})], dataset)
            assert value == pytest.approx(alone["value"], abs=1e-9)
        assert curve(run, name) == record
        assert load_run(run.path).score("over-beta", metric=name) == record
    assert any(len({round(value, 6) for value in record["value"]}) == 2 for record in records)


def test_what_is_stored_is_not_measured_again(
    run: Run, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[tuple[float, list[str]]] = []

    def counted(frozen: Run, wanted: Any, *rest: Any, **settings: Any) -> list[dict[str, Any]]:
        assert frozen.at is not None
        measured.append((frozen.at, [name for name, _ in wanted]))
        return score_metrics(frozen, wanted, *rest, **settings)

    module = "betavae_core.scoring.scores_over_beta.score_metrics"
    monkeypatch.setattr(module, counted)
    score_over_beta(run, [1.0], ["mig"], dataset)
    score_over_beta(load_run(run.path), [0.1, 1.0], QUICK, dataset)
    assert measured == [
        (1.0, ["mig"]),
        (0.1, ["mig", "total_correlation"]),
        (1.0, ["total_correlation"]),
    ]
    again = load_run(run.path)
    assert score_over_beta(again, [0.1, 1.0], QUICK, dataset) == again.scores
    assert len(measured) == 3
    score_over_beta(again, [1.0], ["mig"], dataset, again=True)
    assert measured[3:] == [(1.0, ["mig"])]
    assert len(load_run(run.path).scores) == 2


def test_an_interrupt_loses_only_the_present_beta(run: Run, dataset: Dataset) -> None:
    def interrupted(what: str, done: int, total: int) -> None:
        if what.startswith("β = 2 (2 of 3)"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_over_beta(run, [1.0, 2.0, 4.0], ["mig"], dataset, progress=interrupted)
    (record,) = load_run(run.path).valid_scores
    assert record["beta"] == [1.0]


def test_the_usual_values_have_the_papers_and_lie_in_the_range(run: Run) -> None:
    assert {0.1, 1.0, 4.0, 10.0} <= set(BETAS)
    assert 7 <= len(BETAS) <= 9
    assert usual_betas(run) == [0.1, 0.3, 1.0, 2.0, 4.0, 10.0]


def test_higgins_metric_is_measured_with_and_without_shape() -> None:
    wanted = usual_scores(load_dataset("2dshapes", "rendered", prepare=False))
    assert [name for name, _ in wanted] == ["higgins", "higgins", "factor_vae", "mig"]
    assert [settings.get("factors") for _, settings in wanted[:2]] == ["all", "no-shape"]
    assert all(settings["L"] == 64 for _, settings in wanted[:2])
    assert all(settings["classifier"] == "linear" for _, settings in wanted[:2])


def test_refusals(run: Run, dataset: Dataset, small_run: Run, own_folders: dict[str, Path]) -> None:
    with one_sentence("conv-multirate"):
        score_over_beta(small_run, dataset=load_dataset("2dshapes", "rendered", prepare=False))
    with one_sentence("from 0.1 to 10"):
        score_over_beta(run, [1.0, 11.0], QUICK, dataset)
    assert not run.scores  # refused before the first measurement
    class_folder(own_folders["DATA"] / "birds")
    with one_sentence("birds", "nothing to score"):
        score_over_beta(run, [1.0], QUICK, load_dataset("birds"))


def test_values_of_other_weights_do_not_count(run: Run, dataset: Dataset) -> None:
    (record,) = score_over_beta(run, [1.0], ["mig"], dataset)
    add_score(run.path, record | {"weights": "others"})
    assert curve(load_run(run.path), "mig") is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": [0.1]}, "differ in length"),
        ({"beta": "1, 4"}, "beta is not"),
        ({"standard_error": ["much", None]}, "standard_error is not"),
        ({"settings": {}}, "settings.metric is not"),
    ],
)
def test_a_damaged_record_is_one_sentence(
    run: Run, dataset: Dataset, change: dict[str, Any], said: str
) -> None:
    (record,) = score_over_beta(run, [1.0, 4.0], ["mig"], dataset)
    add_score(run.path, {**record, "settings": {}} | change)
    with one_sentence("scores.json", said):
        load_run(run.path)


def test_versions_name_those_of_all_values(run: Run, dataset: Dataset) -> None:
    score_over_beta(run, [1.0], ["mig"], dataset)
    run.scores[0]["versions"]["torch"] = "1.0"
    (record,) = score_over_beta(run, [4.0], ["mig"], dataset)
    assert record["versions"]["torch"].startswith("1.0, ")
    assert ", " not in record["versions"]["python"]
