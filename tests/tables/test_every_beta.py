"""A model for every β beside separate ones: what is compared, and the ratio of the losses."""

from dataclasses import replace
from pathlib import Path

import pytest

from betavae_core.config import RunConfig
from betavae_core.models import build_model
from betavae_core.store import Run
from betavae_core.store.protocol import standard_settings
from betavae_core.tables.beta_explorer import explorer_table
from betavae_core.tables.every_beta import (
    at,
    losses_over_beta,
    model_for_every_beta,
    scores_beside,
    separate_betas,
    separate_rows,
)

RECORD = {
    "score": "rate-distortion",
    "beta": [0.1, 1.0, 10.0],
    "nll": [10.0, 20.0, 50.0],
    "kl": [[5.0, 3.0], [4.0, 0.0], [1.0, 0.0]],
}


def run_of(config: RunConfig, *scores: dict[str, object]) -> Run:
    return Run(Path(config.run_id), config, build_model(config), [], list(scores), "hash")


def separate(beta: float, nll: float, kl: float, **changes: object) -> Run:
    config = replace(RunConfig(beta=beta), **changes)  # type: ignore[arg-type]
    return run_of(config, {"score": "elbo", "nll": nll, "kl": [kl], "settings": {}})


@pytest.fixture(scope="module")
def of_all() -> Run:
    return run_of(RunConfig(model="conv-multirate", beta_low=0.1, beta_high=10), RECORD)


def test_between_the_measured_values_the_numbers_are_interpolated(of_all: Run) -> None:
    assert at(of_all, 1.0) == (4.0, 20.0)
    halfway = at(of_all, 10**0.5)
    assert halfway == pytest.approx((2.5, 35.0))
    assert at(of_all, 0.05) is None
    assert at(separate(1.0, 1.0, 1.0), 1.0) is None  # nothing was measured


def test_the_curve_reaches_the_dots_between_its_measured_values(of_all: Run) -> None:
    curve = losses_over_beta(of_all, [10**0.5, 0.05, 20.0])
    assert list(curve) == [0.1, 1.0, 10**0.5, 10.0]
    assert list(curve.values()) == pytest.approx([10.0, 20.0, 35.0, 50.0])


def test_the_ratio_is_that_of_the_losses_at_the_same_beta(of_all: Run) -> None:
    alike = [separate(10.0, 20.0, 1.0), separate(1.0, 36.0, 12.0), separate(30.0, 1.0, 1.0)]
    others = [
        separate(1.0, 1.0, 1.0, images=7),
        separate(1.0, 1.0, 1.0, latents=4),
        separate(1.0, 1.0, 1.0, model="mlp"),
        separate(1.0, 1.0, 1.0, origin="somewhere"),
        run_of(RunConfig(beta=2.0)),  # not measured
    ]
    table = separate_rows(of_all, [*alike, *others])
    assert list(table["beta"]) == [1.0, 10.0, 30.0]
    assert list(table["ratio"][:2]) == [(20 + 4) / (36 + 12), (50 + 10) / (20 + 10)]
    assert table["ratio"].isna()[2]  # outside of the range
    assert separate_rows(of_all, others).empty


def scored(run: Run, metric: str, value: object, **more: object) -> None:
    """Store a score with the standard settings."""
    settings = standard_settings(metric, run.config)
    if "beta" in more:
        asked = {"metric": metric, **settings}
        settings = {"metric": metric}
        run.scores.append(
            {"score": "over-beta", "value": value, "settings": settings, "asked": asked, **more}
        )
    else:
        run.scores.append({"score": metric, "value": value, "settings": settings, "details": {}})


def test_scores_stand_beside_those_of_runs_of_as_many_images() -> None:
    of_all = run_of(RunConfig(model="conv-multirate", beta_low=0.1, beta_high=10))
    scored(of_all, "mig", [0.1, 0.2, 0.3], beta=[0.1, 1.0, 10.0], standard_error=[None] * 3)
    runs = [
        *(separate(beta, 1.0, 1.0, seed=seed) for beta in (1.0, 10.0) for seed in (1, 2, 3)),
        separate(0.1, 1.0, 1.0, images=7),
        separate(4.0, 1.0, 1.0),
    ]
    for run, value in zip(runs, (0.1, 0.25, 0.4, 0.3, 0.2, 0.1, 0.9, 0.9), strict=True):
        scored(run, "mig", value)
    table = scores_beside(of_all, [*runs, separate(1.0, 1.0, 1.0, seed=9)], "mig")
    assert list(table["beta"]) == [1.0, 10.0]
    assert list(table["separate"]) == [0.25, 0.2]
    assert list(table["runs"]) == [3, 3]
    assert list(table["difference"]) == pytest.approx([-0.05, 0.1])
    assert scores_beside(of_all, runs, "sap").empty
    assert scores_beside(of_all, runs, "mig", {"points": None}).empty


def test_marks_are_within_the_range(of_all: Run) -> None:
    runs = [separate(beta, 1.0, 1.0) for beta in (4.0, 0.01, 1.0, 30.0, 4.0)]
    frozen = separate(3.7, 1.0, 1.0, origin="run at β = 3.7")
    assert separate_betas(of_all, [*runs, of_all, frozen]) == [1.0, 4.0]


def test_the_model_of_the_most_images_is_chosen_if_it_was_measured(of_all: Run) -> None:
    longer = replace(of_all, config=replace(of_all.config, images=10**7))
    unmeasured = replace(longer, config=replace(longer.config, images=10**8), scores=[])
    without = replace(longer, config=replace(longer.config, images=10**9), loaded=None)
    runs = [of_all, longer, unmeasured, without, separate(1.0, 1.0, 1.0)]
    found = model_for_every_beta(runs, "2dshapes", (1, 64, 64))
    assert found is not None
    assert found.config.images == 10**7
    assert model_for_every_beta(runs, "2dshapes", (3, 64, 64)) is None
    assert model_for_every_beta(runs, "3dshapes", (1, 64, 64)) is None


def test_the_table_has_every_number_of_the_explorer() -> None:
    config = RunConfig(model="conv-multirate", beta_low=0.1, beta_high=10, latents=2)
    run, other = run_of(config, RECORD), separate(4, 30.0, 2.0, latents=2)
    dots = separate_rows(run, [other])
    table = explorer_table(run, dots)
    assert list(table["beta"]) == [0.1, 1.0, 10.0, 4.0]
    assert list(table["rate"]) == [8.0, 4.0, 1.0, 2.0]
    assert list(table["distortion"]) == [10.0, 20.0, 50.0, 30.0]
    assert list(table["model"]) == [run.name] * 3 + [other.name]
    assert list(table["KL of z1"])[:3] == [3.0, 0.0, 0.0]
    assert len(explorer_table(run, dots[:0])) == 3
