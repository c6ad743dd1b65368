"""What is said of a number over β: each claim, its opposite, ties, and too few seeds."""

import pytest

from betavae_core.sentences.over_beta import OverBeta

Values = dict[float, list[float]]
RISING: Values = {0.1: [0.10, 0.12], 1: [0.30, 0.32], 4: [0.50, 0.52], 10: [0.70, 0.72]}
PEAK: Values = {0.1: [0.10, 0.12], 1: [0.70, 0.72], 4: [0.71, 0.73], 10: [0.30, 0.32]}


def said(values: Values, **how: object) -> str:
    return OverBeta(values, decimals=2, **how).clause("MIG")  # type: ignore[arg-type]


def test_it_rises_or_falls_when_the_ends_differ() -> None:
    assert said(RISING) == "MIG rises with β, from a median of 0.11 at β = 0.1 to 0.71 at β = 10"
    falling = {beta: [1 - value for value in values] for beta, values in RISING.items()}
    assert said(falling) == "MIG falls with β, from a median of 0.89 at β = 0.1 to 0.29 at β = 10"


def test_the_best_is_the_highest_or_the_lowest() -> None:
    assert said(PEAK) == (
        "MIG is best at β = 4 (0.72) and worst at β = 0.1 (0.11); β = 1 is not clearly worse"
    )
    assert said(PEAK, low_is_better=True) == (
        "MIG is best at β = 0.1 (0.11) and worst at β = 4 (0.72)"
    )


def test_what_is_neither_good_nor_bad_is_high_or_low() -> None:
    assert said(PEAK, neutral=True) == (
        "MIG is highest at β = 4 (0.72) and lowest at β = 0.1 (0.11); β = 1 is not clearly lower"
    )


def test_what_seeds_could_make_is_no_claim() -> None:
    noisy = {0.1: [0.2, 0.8], 1: [0.3, 0.9], 4: [0.1, 0.7]}
    assert (
        said(noisy)
        == "MIG does not clearly depend on β (medians 0.40 to 0.60, seeds up to 0.60 apart)"
    )
    assert said(noisy, middle="mean").startswith("MIG does not clearly depend on β (means 0.40")


def test_one_seed_each_is_too_few() -> None:
    one = {beta: values[:1] for beta, values in RISING.items()}
    assert said(one) == (
        "MIG lies between 0.10 (β = 0.1) and 0.70 (β = 10), with one seed for each β: too few to "
        "compare"
    )
    assert said({0.1: [0.5], 1: [0.5]}) == (
        "MIG is 0.50 at every β, with one seed for each β: too few to compare"
    )


def test_a_tie_is_no_difference() -> None:
    assert said({0.1: [0.5, 0.5], 1: [0.5, 0.5]}) == (
        "MIG does not clearly depend on β (medians 0.50 to 0.50, seeds up to 0.00 apart)"
    )


def test_a_single_beta_is_described() -> None:
    assert said({4: [0.5]}) == "MIG is 0.50 for one model at β = 4"
    assert said({4: [0.4, 0.5, 0.7]}) == (
        "MIG has a median of 0.50 over 3 seeds at β = 4 (0.40 to 0.70)"
    )
    assert said({}) == ""
    assert said({4: []}) == ""


def test_extremes_of_one_seed_do_not_stand_for_their_beta() -> None:
    """The single seeds lie outside, but only the groups of several seeds are told apart."""
    values = {
        0.1: [0.4999],
        1: [0.5, 0.502, 0.498, 0.5],
        4: [0.506, 0.508, 0.504, 0.506],
        10: [0.5061],
    }
    text = said(values)
    assert text == (
        "MIG is clearly better at β = 4 (0.51) than at β = 1 (0.50); other differences are not "
        "larger than those between seeds"
    )
    assert "clearly better at β = 1 (0.50) than at β = 4" in said(values, low_is_better=True)


def test_medians_in_another_order_than_the_means_are_not_ranked() -> None:
    values = {1: [0.5, 0.5, 0.5, 0.5, 0.5], 4: [0.51, 0.51, 0.51, 0.0, 0.0]}
    assert "does not clearly depend" in said(values)


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_the_same_numbers_elsewhere_say_the_same(shift: float) -> None:
    moved = {beta: [value + shift for value in values] for beta, values in PEAK.items()}
    assert said(moved).startswith("MIG is best at β = 4") == said(PEAK).startswith(
        "MIG is best at β = 4"
    )
