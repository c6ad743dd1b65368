"""Higgins' metric: its points against Algorithm 1 by hand, its settings, its famous failure."""

from typing import Any

import numpy as np
import pytest

from betavae_core.factors import FactorSpace
from betavae_core.metrics.higgins import choose_factors, difference_points, higgins
from tests.metrics.codes import SPACE, noise, perfect
from tests.oracles import one_sentence

SMALL: dict[str, Any] = {"points": 1000, "test_points": 500, "L": 16}


def test_the_held_factor_does_not_move_and_the_others_do() -> None:
    """With the factor values themselves as codes: the held one's difference is 0 exactly, the
    others' is that of two independent uniform values, (n² − 1) / 3n."""
    grid = SPACE.factors(np.arange(SPACE.size)).astype(np.float64)
    z, y = difference_points(grid, SPACE, 4000, 64, [0, 1, 2, 3], 0, "test")
    assert z.shape == (4000, 4)
    assert (z[np.arange(4000), y] == 0).all()
    assert np.bincount(y) / 4000 == pytest.approx([0.25] * 4, abs=0.03)
    for k, n in enumerate(SPACE.sizes):
        assert z[y != k, k].mean() == pytest.approx((n * n - 1) / (3 * n), rel=0.02)


def test_a_point_is_the_mean_over_l_pairs() -> None:
    """Its variance falls as 1 / L."""
    wide = [
        difference_points(noise(1), SPACE, 3000, L, [0, 1], 0, "test")[0].var() for L in (4, 64)
    ]
    assert wide[0] / wide[1] == pytest.approx(16, rel=0.2)


def test_k_minus_one_factors_suffice_for_the_top_score() -> None:
    """Kim & Mnih (2018): a representation blind to one factor still scores 100 %."""
    blind = perfect()[:, :3]
    record = higgins(blind, SPACE, **SMALL | {"L": 64})
    assert record.score >= 0.99


def test_factor_subsets() -> None:
    space = FactorSpace(("object shape", "size", "x", "fixed"), (3, 4, 5, 1))
    assert choose_factors(space, "all") == [0, 1, 2]
    assert choose_factors(space, "no-shape") == [1, 2]
    assert choose_factors(space, ["x", "size"]) == [1, 2]
    for wrong, named in (
        (["size", "y"], "no factor"),
        (["size", "fixed"], "only one value"),
        (["size"], "two or more"),
    ):
        with one_sentence(named):
            choose_factors(space, wrong)


def test_the_record_says_what_was_measured() -> None:
    record = higgins(perfect() + noise(), SPACE, draws=3, factors=["a", "b"], **SMALL)
    assert record.settings == {
        "L": 16,
        "points": 1000,
        "test_points": 500,
        "classifier": "logistic",
        "factors": ["a", "b"],
        "draws": 3,
        "mode": "corrected",
        "seed": 0,
    }
    assert record.details["chance"] == 0.5
    assert len(record.details["per_draw"]) == 3
    assert record.score == pytest.approx(np.mean(record.details["per_draw"]))
    spread = np.std(record.details["per_draw"], ddof=1) / 3**0.5
    assert record.details["standard_error"] == pytest.approx(spread)
    confusion = np.array(record.details["confusion"])
    assert confusion.sum(1) == pytest.approx([1, 1])
    assert confusion.trace() / 2 == pytest.approx(record.score, abs=0.02)


def test_paper_mode_has_the_papers_counts() -> None:
    record = higgins(perfect(), SPACE, mode="paper", classifier="forest", L=16)
    assert (record.settings["points"], record.settings["test_points"]) == (1000, 500)
    assert record.score > 0.95


def test_scores_rise_with_l() -> None:
    codes = perfect() + 2 * noise()
    scores = [higgins(codes, SPACE, **SMALL | {"L": L}).score for L in (4, 64)]
    assert scores[1] > scores[0] + 0.1


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"L": 0}, "L"),
        ({"draws": 0}, "draws"),
        ({"classifier": "svm"}, "logistic"),
        ({"mode": "fast"}, "corrected"),
        ({"points": 3}, "points"),
    ],
)
def test_wrong_settings_are_one_sentence(wrong: dict[str, Any], named: str) -> None:
    with one_sentence(named):
        higgins(perfect(), SPACE, **wrong)
