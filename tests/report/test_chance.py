"""Spread, power and error rates against what is known by theory."""

import numpy as np
import pytest

from betavae_core.report.power import MOST, contrasts, power, seeds_needed
from betavae_core.report.simulated import called_different, rule_error
from betavae_core.report.spread import spreads
from tests.report.numbered import number, recipe, seeds


def made_up(seeds_spread: float, draws_spread: float, runs: int = 400) -> list:
    random = np.random.default_rng(0)
    found = []
    for beta in (1.0, 4.0):
        for seed in range(runs):
            draws = beta / 10 + random.normal(0, seeds_spread) + random.normal(0, draws_spread, 5)
            value = float(draws.mean())
            found.append(number(beta, seed, value, draws=tuple(draws.tolist())))
    return found


def test_seeds_and_draws_are_told_apart() -> None:
    (found,) = spreads(made_up(0.03, 0.05))
    assert found.seeds == pytest.approx(0.03, rel=0.06)
    assert found.draws == pytest.approx(0.05, rel=0.03)
    assert found.share_of_seeds == pytest.approx(0.03**2 / (0.03**2 + 0.05**2 / 5), rel=0.05)
    assert found.classifier == "not separated from the points"
    (only_draws,) = spreads(made_up(0.0, 0.05))
    assert only_draws.seeds < 0.01


def test_what_is_not_stored_is_not_computed() -> None:
    (found,) = spreads(seeds(4.0, [0.2, 0.3], score="mig"))
    assert (found.draws, found.share_of_seeds, found.classifier) == (None, None, "not computed")
    assert spreads(seeds(4.0, [0.2]) + seeds(1.0, [0.3])) == []


@pytest.mark.parametrize(("effect", "needed"), [(0.5, 64), (0.8, 26), (1.0, 17)])
def test_power_is_that_of_the_textbook(effect: float, needed: int) -> None:
    """Cohen (1988), table 2.4.1: two-sided 5 %, power 80 %."""
    assert seeds_needed(effect, 1.0) == needed
    assert seeds_needed(3 * effect, 3.0) == needed


@pytest.mark.parametrize("count", [2, 5, 20])
def test_power_is_what_a_simulation_finds(count: int) -> None:
    from scipy.stats import ttest_ind

    random = np.random.default_rng(1)
    one, two = random.normal(0, 1, (4_000, count)), random.normal(1.2, 1, (4_000, count))
    found = (ttest_ind(one, two, axis=1).pvalue < 0.05).mean()
    assert power(1.2, 1.0, count) == pytest.approx(found, abs=0.025)


def test_power_at_the_ends() -> None:
    assert power(0.0, 1.0, 5) == pytest.approx(0.05, abs=1e-3)
    assert power(1.0, 0.0, 2) == 1.0
    assert seeds_needed(0.001, 1.0) is None
    assert seeds_needed(100.0, 1.0) == 2
    assert power(1.0, 1.0, MOST) == pytest.approx(1)


def test_a_contrast_needs_two_seeds_of_both_in_one_recipe() -> None:
    long = recipe(7_372_800)
    numbers = seeds(1.0, [0.5, 0.6, 0.7]) + seeds(4.0, [0.8, 0.9], long) + seeds(4.0, [0.9])
    assert contrasts(numbers) == []
    (found,) = contrasts(numbers + seeds(1.0, [0.5, 0.54], long))
    assert found.recipe == long
    assert found.difference == pytest.approx(0.33)
    assert found.spread == pytest.approx(np.sqrt((0.005 + 0.0008) / 2))
    assert found.reach[0] < found.spread < found.reach[1]


def test_the_error_rate_of_the_test_without_dropping_is_nominal() -> None:
    assert called_different(10, 0.0, best_half=False) == pytest.approx(0.05, abs=0.006)


def test_dropping_the_worse_half_raises_the_error_rate() -> None:
    rates = [called_different(n, 0.0, best_half=True) for n in (6, 10, 20)]
    assert rates == sorted(rates)
    assert rates[-1] > 0.12


def test_the_rule_errs_more_with_few_seeds() -> None:
    few, many = rule_error(2), rule_error(10)
    assert 0.05 < few < 0.2
    assert many == pytest.approx(0.05, abs=0.02)
