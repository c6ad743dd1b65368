"""Every score against numbers that an independent implementation gave for the same 10,000 training
and 5,000 test points: independent.py made independent.json, which says how."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from betavae_core.factors import FactorSpace, FactorTable
from betavae_core.metrics import METRICS, STATISTICS, Record, alignment
from betavae_core.metrics.mig_sup import mig_sup
from betavae_core.metrics.total_correlation import MOST
from tests.metrics import independent
from tests.metrics.independent import CASES, FEW_ROUNDS, POINTS, TEST_POINTS

STORED = json.loads((Path(__file__).parent / "independent.json").read_text())
# How far a score may be from the stored number: rounding for what is a formula of counts and means;
# a few of 5,000 test points for what stops fitting at a tolerance of its own
NEAR = {
    "mig": 1e-12,
    "modularity": 1e-12,
    "infomec": 1e-12,
    "irs": 1e-12,
    "total_correlation": 1e-8,
    "snc": 1e-12,
    "explicitness": 1e-4,
    "sap": 5e-4,
}
NEAR_LOSS = 5e-4  # a log-loss feels where the regression stops more than an order does
NEAR_NETWORK = 0.01  # of networks with other first weights and steps
SAMPLED = {"higgins": 0.01, "factor_vae": 0.01}  # their pairs and batches are drawn anew
FEW_TREES, ALL_TREES = 5e-4, 2e-3  # splits that are equally good are told apart by rounding
ONE_JOB: dict[str, dict[str, Any]] = {name: {"jobs": 1} for name in ("sap", "explicitness", "dci")}
DCI = ("dci", "completeness", "informativeness")


class FixedPoints(FactorTable):
    """The rows of `independent.fixed_points`: 10,000 are the first, 5,000 the last of them."""

    def sample(self, n: int, generator: torch.Generator) -> torch.Tensor:
        assert n in (POINTS, TEST_POINTS)
        return torch.arange(n) + (POINTS if n == TEST_POINTS else 0)


def scored(name: str, case: str, **settings: Any) -> Record:
    """With the settings that a metric has by itself; the points are apart already."""
    codes, factors = independent.fixed_points(case)
    settings = ONE_JOB.get(name, {}) | settings
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alignment, "FEW", 0)
        return (METRICS | STATISTICS)[name](codes, FixedPoints(factors), **settings)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", NEAR | SAMPLED)
def test_a_score_is_the_independent_one(name: str, case: str) -> None:
    expected = STORED["scores"][case][name]
    if name == "total_correlation":
        expected = min(expected, MOST)  # as its docstring says
    assert scored(name, case).score == pytest.approx(expected, abs=(NEAR | SAMPLED)[name], rel=0)


@pytest.mark.parametrize("case", CASES)
def test_mig_sup(case: str) -> None:
    codes, factors = independent.fixed_points(case)
    expected = STORED["scores"][case]["mig_sup"]
    assert mig_sup(codes, FixedPoints(factors)).score == pytest.approx(expected, abs=1e-12, rel=0)


@pytest.mark.parametrize("case", CASES)
def test_the_parts_of_infomec(case: str) -> None:
    details, expected = scored("infomec", case).details, STORED["scores"][case]
    assert details["compactness"] == pytest.approx(expected["infoc"], abs=1e-12, rel=0)
    assert details["explicitness"] == pytest.approx(expected["infoe"], abs=NEAR_LOSS, rel=0)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)  # half a minute a case
def test_nk(case: str) -> None:
    expected = STORED["scores"][case]["nk"]
    assert scored("nk", case).score == pytest.approx(expected, abs=NEAR_NETWORK, rel=0)


@pytest.mark.parametrize("case", CASES)
def test_the_parts_of_the_axis_ratio(case: str) -> None:
    """Sweeps from the last 5,000 points."""
    record, expected = scored("axis_ratio", case, points=35 * 5_000), STORED["scores"][case]
    assert record.score == pytest.approx(expected["axis_ratio"], abs=1e-12, rel=0)
    for part in ("linear_ratio", "axis_alignment"):
        assert record.details[part] == pytest.approx(expected[part], abs=1e-12, rel=0)


def hold_dci(case: str, rounds: str, near: float, **settings: Any) -> None:
    record = scored("dci", case, **settings)
    found = {**record.details, "dci": record.score}
    for part in DCI:
        expected = STORED["scores"][case][part + rounds]
        assert found[part] == pytest.approx(expected, abs=near, rel=0), part


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_dci_of_few_trees(case: str) -> None:
    hold_dci(case, f", {FEW_ROUNDS} rounds", FEW_TREES, trees=FEW_ROUNDS)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["rotated"])  # minutes a case
def test_dci_of_all_trees(case: str) -> None:
    hold_dci(case, "", ALL_TREES)


@pytest.mark.slow
def test_all_scores_of_one_table() -> None:
    """Perfect codes, from −1 to 1, of factors with 3, 6, 10, 8 and 8 values, and noise of σ = 0.01,
    in ten latents: the whole grid, scored as a user would. All are near the top (modularity as far
    as the five latents of noise let it), but SAP is at 0.29 (to 0.30, as points are drawn): lines
    through one latent tell few of many values apart."""
    space = FactorSpace(("a", "b", "c", "d", "e"), independent.SIZES)
    codes = independent.encode(
        "perfect", space.factors(np.arange(space.size)), np.random.default_rng(0)
    )
    expected = STORED["scores"]["perfect"]
    near = dict.fromkeys(METRICS, 0.005) | {"snc": 0.03}
    near["modularity"] = 0.04  # noise tells a little of all
    for name in set(METRICS) - {"nk"}:  # its networks take longer than all the others: test_nk
        settings = ONE_JOB.get(name, {}) | ({"trees": FEW_ROUNDS} if name == "dci" else {})
        score = METRICS[name](codes, space, **settings).score
        wanted = 0.29 if name == "sap" else expected[name]
        assert score == pytest.approx(wanted, abs=near[name], rel=0), name


@pytest.mark.slow
@pytest.mark.parametrize("case", ["rotated"])  # minutes a case
def test_the_stored_numbers_are_those_of_the_script(case: str) -> None:
    found = independent.quick_scores(case) | independent.tree_scores(case)
    assert found.keys() == STORED["scores"][case].keys()
    for name, value in found.items():
        part = name.partition(",")[0]
        near = (FEW_TREES if part != name else ALL_TREES) if part in DCI else 1e-5
        assert value == pytest.approx(STORED["scores"][case][name], abs=near, rel=0), name
