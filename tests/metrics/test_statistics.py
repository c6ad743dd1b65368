"""Total correlation against its closed form, active units by counting."""

import numpy as np
import pytest

from betavae_core.metrics import STATISTICS
from betavae_core.metrics.active_units import active_units
from betavae_core.metrics.total_correlation import MOST, total_correlation
from tests.metrics.codes import SPACE, noise, perfect
from tests.oracles import one_sentence


def test_total_correlation_of_a_correlated_pair() -> None:
    """−½ log(1 − ρ²) for two Gaussians with correlation ρ."""
    codes = noise(2)
    codes[:, 1] = 0.8 * codes[:, 0] + 0.6 * codes[:, 1]
    points = SPACE.size * 5
    rho = np.corrcoef(codes.T)[0, 1]
    found = total_correlation(codes, SPACE, points=points).score
    assert found == pytest.approx(-0.5 * np.log(1 - rho**2), rel=0.05)


def test_total_correlation_of_independent_copied_and_constant_latents() -> None:
    assert total_correlation(perfect(), SPACE).score < 0.01
    assert total_correlation(np.repeat(perfect()[:, :1], 2, 1), SPACE).score == MOST
    assert total_correlation(np.ones((SPACE.size, 3)), SPACE).score == 0
    silent = np.hstack([perfect(), np.zeros((SPACE.size, 2))])
    record = total_correlation(silent, SPACE)
    assert record.score < 0.01
    assert record.details["latents_left_out"] == 2


def test_active_units() -> None:
    codes = np.hstack([perfect() / perfect().std(0), np.zeros((SPACE.size, 3)), 0.05 * noise(1)])
    record = active_units(codes, SPACE)
    assert record.score == 4
    assert len(record.details["variance"]) == 8
    assert active_units(codes, SPACE, threshold=1e-4).score == 5


@pytest.mark.parametrize("name", STATISTICS)
def test_bad_codes_are_one_sentence(name: str) -> None:
    with one_sentence("finite"):
        STATISTICS[name](np.full((SPACE.size, 2), np.nan), SPACE)
    with one_sentence("points"):
        STATISTICS[name](perfect(), SPACE, points=1)
