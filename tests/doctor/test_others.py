"""Our own runs beside a checkpoint's numbers: which, and what is said."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.doctor.fit import scale_of
from betavae_core.doctor.others import OwnRun, near, own_runs, range_of
from betavae_core.doctor.subject import Subject
from betavae_core.doctor.terms import Measured, check_terms, measure
from betavae_core.store import SCORES
from tests.doctor import damage

SHAPES = load_dataset("2dshapes")


@pytest.fixture(scope="module")
def measured() -> Measured:
    subject = Subject(*damage.good())
    return measure(subject, scale_of(subject, SHAPES, 0), 0, images=200)


def test_a_run_is_not_compared_with_itself_under_any_name(tmp_path: Path) -> None:
    subject = Subject(*damage.good())
    names = {run.name for run in own_runs(damage.RUNS, subject, SHAPES)}
    assert damage.GREY not in names
    assert "2dshapes-conv-beta4-seed235" in names
    shutil.copytree(damage.RUNS / damage.GREY, tmp_path / "another-name")
    assert own_runs(tmp_path, subject, SHAPES) == []


def test_only_runs_of_the_same_kind_are_compared() -> None:
    model, config = damage.good()
    every = {run.name for run in own_runs(damage.RUNS, Subject(model, config), SHAPES)}
    assert all(name.startswith("2dshapes-conv-beta") for name in every)
    other = Subject(model, replace(config, model="mlp"))
    mlps = {run.name for run in own_runs(damage.RUNS, other, SHAPES)}
    assert "2dshapes-mlp-beta4-seed123-images1000000" in mlps
    assert all(name.startswith("2dshapes-mlp-beta") for name in mlps)
    official = load_dataset("2dshapes")
    official.source = "official"
    assert own_runs(damage.RUNS, Subject(model, config), official) == []


@pytest.mark.parametrize(
    "records",
    [
        [{"score": "elbo"}],
        [{"score": "elbo", "nll": None, "kl": [1.0]}],
        [{"score": "elbo", "nll": 90.0, "kl": "many"}],
        [{"score": "elbo", "nll": 90.0, "kl": []}],
        [{"score": "elbo", "nll": float("nan"), "kl": [1.0]}],
        {"not": "a list"},
    ],
)
def test_a_broken_run_spoils_nothing(records: object, tmp_path: Path) -> None:
    for name in ("2dshapes-conv-beta4-seed235", damage.grey("10")):
        shutil.copytree(damage.RUNS / name, tmp_path / name)
    (tmp_path / "2dshapes-conv-beta4-seed235" / SCORES).write_text(json.dumps(records))
    (tmp_path / "a file").write_text("no run")
    found = own_runs(tmp_path, Subject(*damage.good()), SHAPES)
    assert [run.name for run in found] == [damage.grey("10")]


def ours(*kl: float, nll: float = 41.0, beta: float = 4.0) -> OwnRun:
    return OwnRun("ours", beta, nll, kl)


def test_nll_kl_and_the_kl_of_each_active_latent_are_held_against_ours(
    measured: Measured,
) -> None:
    subject = Subject(*damage.good())
    ranked = sorted(measured.kl.tolist(), reverse=True)
    told = check_terms(subject, measured, [ours(*ranked), ours(*ranked, nll=42.0)])
    assert told.verdict == "fine"
    assert "41.0 to 42.0" in told.says
    assert f"per latent: {ranked[0]:.2f} (theirs {ranked[0]:.2f}" in told.says
    told = check_terms(subject, measured, [ours(sum(ranked))])  # the same KL, in one latent
    assert told.verdict == "look"
    assert "unlike theirs at" in told.says
    fewer = [*ranked[:4], *[0.0] * 6]  # as seeds differ
    assert check_terms(subject, measured, [ours(*fewer)]).verdict == "fine"
    told = check_terms(subject, measured, [ours(*(5 * value for value in ranked))])
    assert "the KL is unlike" in told.says
    told = check_terms(subject, measured, [ours(*ranked, nll=18.0)])
    assert "times theirs" in told.says


def test_without_a_beta_the_range_over_all_is_told(measured: Measured) -> None:
    model, config = damage.good()
    subject = Subject(model, replace(config, beta=None))
    runs = own_runs(damage.RUNS, subject, SHAPES)
    told = check_terms(subject, measured, runs)
    assert told.verdict == "fine"
    assert "over all β (0.1 to 10), since the checkpoint states none" in told.says
    assert f"{len(runs)} of our runs" in told.says


def test_without_a_beta_runs_of_a_single_beta_judge_nothing(measured: Measured) -> None:
    """Whatever their NLL and KL: the checkpoint's β may be another."""
    model, config = damage.good()
    subject = Subject(model, replace(config, beta=None))
    for kl in (0.1, 1.0, 500.0):
        told = check_terms(subject, measured, [ours(kl, nll=5.0)])
        assert told.verdict == "fine"
        assert "1 of our runs (β = 4; the checkpoint states no β)" in told.says
        assert "runs at a single β do not show what is usual" in told.says


def test_an_encoder_alone_is_compared_by_its_kl(measured: Measured) -> None:
    subject = Subject(*damage.good())
    alone = replace(measured, nll=None)
    runs = own_runs(damage.RUNS, subject, SHAPES)
    told = check_terms(subject, alone, runs)
    assert told.verdict == "fine"
    assert "an encoder alone has no NLL" in told.says
    assert f"{len(near(runs, 4.0))} of our runs near β = 4" in told.says
    codes = replace(alone, log_var=torch.full_like(measured.log_var, -torch.inf))
    assert check_terms(subject, codes, []).verdict == "not computed"


def test_none_of_ours_is_said(measured: Measured) -> None:
    model, _ = damage.good()
    told = check_terms(Subject(model, RunConfig(beta=50.0)), measured, [ours(1.0)])
    assert "near β = 50" in told.says
    assert told.verdict == "fine"


@pytest.mark.parametrize(
    ("values", "told"),
    [([4191.1], "4,191.1"), ([3.0, 3.001], "3.00"), ([1.0, 2.5], "1.00 to 2.50")],
)
def test_a_range_of_one_number_is_that_number(values: list[float], told: str) -> None:
    assert str(range_of(values)) == told
