"""Scoring runs: what is stored, what is found again, and which images are looked at."""

from pathlib import Path
from typing import Any

import pytest

from betavae_core.datasets import Dataset
from betavae_core.factors import FactorSpace
from betavae_core.objective import chance_nll
from betavae_core.scoring import scores as scoring
from betavae_core.scoring.baselines import baseline_config, make_baseline
from betavae_core.scoring.codes import code_table
from betavae_core.scoring.elbo import latents_by_kl, score_elbo
from betavae_core.scoring.scores import (
    score_metrics,
    standard_records,
    standard_scores,
)
from betavae_core.store import Run, load_run
from tests.oracles import one_sentence, small_config, train_small
from tests.scoring.mixed import DATASET, Mixed


def score_metric(
    run: Run,
    name: str,
    dataset: Dataset,
    *,
    again: bool = False,
    limit: int | None = None,
    **settings: Any,
) -> dict[str, Any]:
    return score_metrics(run, [(name, settings)], dataset, again=again, limit=limit)[0]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return load_run(make_baseline(baseline_config("pca", DATASET, latents=4), tmp_path, DATASET))


class Counted(Mixed):
    """Counts the images that it and its copies have shown."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []  # shared with copies

    @property
    def shown(self) -> int:
        return sum(self.batches)

    def _images(self, indices):  # type: ignore[no-untyped-def]
        self.batches.append(len(indices))
        return super()._images(indices)


def test_a_batch_of_scores_is_that_of_each_alone(run: Run) -> None:
    small = {"points": 60, "test_points": 40, "L": 4}
    wanted = [
        ("higgins", small),
        ("mig", {"points": 100}),
        ("higgins", small | {"classifier": "forest", "draws": 2}),
    ]
    together = score_metrics(run, wanted, DATASET)
    alone = [score_metric(run, name, DATASET, again=True, **s) for name, s in wanted]
    assert [r["value"] for r in together] == [r["value"] for r in alone]
    assert len(load_run(run.path).scores) == 3


@pytest.mark.slow
def test_a_killed_call_keeps_what_it_has(run: Run) -> None:
    wanted = [("mig", {"points": 100}), ("irs", {"points": 100}), ("sap", {"points": 100})]

    def stop(what: str, done: int, total: int) -> None:
        if what == "sap":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_metrics(run, wanted, DATASET, progress=stop)
    kept = load_run(run.path)
    assert [r["score"] for r in kept.scores] == ["mig", "irs"]
    said: list[str] = []
    score_metrics(kept, wanted, DATASET, progress=lambda what, *_: said.append(what))
    assert "mig" not in said


def test_one_score_of_few_images_encodes_only_those(run: Run) -> None:
    dataset = Counted()
    settings = {"points": 20, "test_points": 10, "L": 2}
    record = score_metric(run, "higgins", dataset, **settings)
    assert 60 < dataset.shown <= 120 < dataset.space.size
    code_table(run.model, run.weights_hash, dataset)
    shown = dataset.shown
    again = score_metric(run, "higgins", dataset, again=True, **settings)
    assert dataset.shown == shown
    assert again["value"] == record["value"]


def test_one_score_of_many_images_encodes_the_grid(run: Run) -> None:
    dataset = Counted()
    score_metric(run, "mig", dataset, points=5_000)
    assert dataset.shown == dataset.space.size


def test_wrong_scores_and_settings(run: Run) -> None:
    with one_sentence("beauty", "mig"):
        score_metric(run, "beauty", DATASET)
    with one_sentence("mig", "colour"):
        score_metric(run, "mig", DATASET, colour="red")


def test_the_standard_protocol_fits_the_space() -> None:
    shapes = FactorSpace(("object shape", "x", "y"), (3, 4, 5))
    plain = FactorSpace(("x", "y"), (4, 5))
    lone = FactorSpace(("shape", "y"), (4, 5))  # without shape one factor is left
    for space, subsets in ((shapes, {"all", "no-shape"}), (plain, {"all"}), (lone, {"all"})):
        wanted = [settings for name, settings in standard_scores(space) if name == "higgins"]
        assert {settings["factors"] for settings in wanted} == subsets
        assert len(wanted) == 7 * len(subsets)


def test_standard_records_are_found_by_what_was_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "STANDARD", [("mig", {"points": 50}), ("irs", {})])
    score_metric(run, "mig", DATASET, points=50)
    score_metric(run, "mig", DATASET, points=60)
    score_metric(run, "irs", DATASET, limit=100)
    found = standard_records(load_run(run.path))
    assert [record["settings"]["points"] for record, _ in found] == [50]


@pytest.mark.parametrize(
    "settings", [{"likelihood": "gaussian", "sigma": 0.2}, {"likelihood": "sigma-vae"}]
)
def test_other_likelihoods_train_and_are_scored(settings: dict[str, Any], tmp_path: Path) -> None:
    config = small_config(**settings)
    records = train_small(tmp_path, config)
    assert records[-1].loss < records[0].loss
    run = load_run(tmp_path / config.run_id)
    record = score_elbo(run, images=64)
    assert record["settings"]["likelihood"] == settings["likelihood"]
    assert record["settings"].get("sigma") == settings.get("sigma")
    assert record["nll_at_mean"] < chance_nll(4096, config.likelihood, config.sigma)


def test_latents_are_ordered_by_what_they_carry() -> None:
    assert latents_by_kl({"kl": [0.1, 3.0, 0.0, 2.0]}, 4) == [1, 3, 0, 2]
    assert latents_by_kl(None, 3) == [0, 1, 2]
