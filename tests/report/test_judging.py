"""Blind judging: which models are judged, and how judgements agree with the rule and the score."""

import pytest

from betavae_core.report.judging import ROUNDS, Subject, agreement, agreement_says, subjects
from betavae_core.report.visible import Point
from tests.report.numbered import recipe

FACTORS = ("shape", "scale", "x", "y")


def point(run: str, score: float, baseline: str = "") -> Point:
    return Point(run, None if baseline else recipe(), baseline, None, score, 0)


POINTS = [
    *(point(f"vae {n}", 0.8 + n / 100) for n in range(12)),
    point("pca 1", 0.7, "pca"),
    point("pca 2", 0.7, "pca"),
]
CLEAN = {each.run: frozenset({"x"}) for each in POINTS if each.run != "vae 3"}


def test_models_come_once_in_a_random_order_that_a_number_selects() -> None:
    games = [[subject.run for subject in subjects(POINTS, CLEAN, n)] for n in range(30)]
    assert games[0] == [subject.run for subject in subjects(POINTS, CLEAN, 0)]
    assert len({tuple(game) for game in games}) == 30
    met = set()
    for game in games:
        assert len(set(game)) == len(game) == ROUNDS
        assert sum(name.startswith("pca") for name in game) <= 1, "one baseline of each kind"
        met |= set(game)
    assert met == {*CLEAN} - {"pca 1"}, "not those whose latents were not looked at"
    assert subjects([], {}, 0) == []
    (only,) = subjects(POINTS[:1], CLEAN, 0)
    assert only == Subject("vae 0", 0.8, frozenset({"x"}))


def subject(score: float, *clean: str) -> Subject:
    return Subject(f"{score}", score, frozenset(clean))


def test_the_agreement() -> None:
    """Of 3 · 4 factors one is named too much and one is missed, of the first model, whose number is
    right by chance; numbers 1, 2, 0 beside the rule's 1, 2, 0 and the scores' order 1, 3, 2."""
    judged = [
        (subject(0.8, "x"), frozenset({"y"})),
        (subject(0.99, "x", "y"), frozenset({"x", "y"})),
        (subject(0.9), frozenset[str]()),
    ]
    found = agreement(judged, FACTORS)
    assert (found.models, found.same_number, found.agreed, found.factors) == (3, 3, 10, 12)
    assert found.with_rule == pytest.approx(1)
    assert found.with_score == pytest.approx(0.5)
    assert agreement_says(found) == (
        "Your number of factors is the rule's for 3 of 3 models, and you agree with the rule about "
        "10 of 12 factors. Rank correlation of your numbers: 1.00 with the rule's, 0.50 with "
        "Higgins' metric."
    )


def test_no_correlation_of_equal_numbers() -> None:
    judged = [(subject(0.8, "x"), frozenset({"x"})), (subject(0.9, "x"), frozenset({"x"}))] * 2
    found = agreement(judged, FACTORS)
    assert found.with_rule is None
    assert "Rank" not in agreement_says(found)
