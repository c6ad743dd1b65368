"""The rule for clean latents, on codes whose right answer is known by construction, for factors of
the sizes of 2Dshapes: each code is sampled at 10,000 images, as the stored records are."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy.stats import norm

from betavae_core.metrics.base import histogram_bins, mutual_information
from betavae_core.tables.clean_factors import LEAK, LEAST, clean_factors, clean_latents, counted
from tests.tables.measured import measured_run

SIZES = np.array([3, 6, 40, 32, 32])  # shape, scale, orientation, position x, position y
K = len(SIZES)
RANDOM = np.random.default_rng(6)
VALUES = RANDOM.integers(SIZES, size=(10_000, K))
UNIFORM = (VALUES - (SIZES - 1) / 2) / np.sqrt((SIZES**2 - 1) / 12)  # mean 0, variance 1
NORMAL = norm.ppf((VALUES + 0.5) / SIZES)  # as a prior wants them
FORMS = pytest.mark.parametrize("true", [UNIFORM, NORMAL], ids=["uniform", "normal"])


def shares(codes: np.ndarray) -> np.ndarray:
    information, entropy = mutual_information(histogram_bins(codes), VALUES, tuple(SIZES))
    return information / entropy


def clean(codes: np.ndarray) -> list[int | None]:
    return clean_latents(shares(codes))


def turned(codes: np.ndarray, pairs: Sequence[tuple[int, int]], degrees: float) -> np.ndarray:
    """The codes with each pair of latents turned into one another."""
    codes, cos, sin = codes.copy(), *(f(math.radians(degrees)) for f in (math.cos, math.sin))
    for pair in pairs:
        codes[:, pair] = codes[:, pair] @ np.array([[cos, sin], [-sin, cos]])
    return codes


def noisy(codes: np.ndarray, sigma: float) -> np.ndarray:
    return codes + sigma * np.random.default_rng(8).normal(size=codes.shape)


@FORMS
def test_true_factors_have_a_clean_latent_each(true: np.ndarray) -> None:
    assert clean(true) == [0, 1, 2, 3, 4]
    more = noisy(np.concatenate([np.zeros((len(true), 2)), true[:, ::-1] * -7], 1), 1e-9)
    assert clean(more) == [6, 5, 4, 3, 2], "order, sign, scale and unused latents do not matter"


@pytest.mark.parametrize("bend", [np.exp, np.cbrt, np.tanh])
def test_a_bent_latent_is_as_clean(bend: Callable[[np.ndarray], np.ndarray]) -> None:
    assert counted(clean(bend(UNIFORM))) == K


@FORMS
@pytest.mark.parametrize("sigma", [0.05, 0.2, 0.5])
def test_noise_makes_a_latent_less_exact_and_not_less_clean(true: np.ndarray, sigma: float) -> None:
    assert counted(clean(noisy(true, sigma))) == K


@FORMS
@pytest.mark.parametrize("degrees", [0, 5, 10, 15, 20, 30, 35, 40, 45])
def test_two_factors_turned_into_one_another(true: np.ndarray, degrees: float) -> None:
    """Up to 20° the other's part is at most a third of a latent's movement (tan 20° = 0.36)."""
    both = [3, 4] if degrees <= 20 else [None, None]
    assert clean(turned(true, [(3, 4)], degrees)) == [0, 1, 2, *both]
    assert clean(turned(noisy(true, 0.1), [(3, 4)], degrees)) == [0, 1, 2, *both]


@FORMS
def test_duplicated_latents(true: np.ndarray) -> None:
    assert counted(clean(np.concatenate([true, true], 1))) == 0
    assert counted(clean(noisy(np.concatenate([true, true], 1), 0.1))) == 0
    assert clean(np.concatenate([true, true[:, [3]]], 1)) == [0, 1, 2, None, 4]


@FORMS
@pytest.mark.parametrize("missing", range(K))
def test_all_factors_but_one(true: np.ndarray, missing: int) -> None:
    found = clean(np.delete(true, missing, axis=1))
    assert found[missing] is None
    assert counted(found) == K - 1


@FORMS
def test_factors_mixed_in_pairs(true: np.ndarray) -> None:
    assert clean(turned(true, [(1, 2), (3, 4)], 45)) == [0, None, None, None, None]


@FORMS
@pytest.mark.parametrize("part", [0.3, 0.6])
def test_a_latent_that_also_moves_with_another_factor(true: np.ndarray, part: float) -> None:
    """As scale does with shape in trained models: neither of them has one clean latent."""
    codes = true.copy()
    codes[:, 1] += part * true[:, 0]
    assert clean(codes) == [None, None, 2, 3, 4]


def test_two_factors_in_one_latent() -> None:
    both = (10 * VALUES[:, 0] + VALUES[:, 1])[:, None].astype(float)
    assert clean(np.concatenate([both, UNIFORM[:, 2:]], 1)) == [None, None, 1, 2, 3]


def test_an_angle_on_a_circle_has_no_latent_of_its_own() -> None:
    angle = 2 * np.pi * VALUES[:, 2] / SIZES[2]
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    codes = np.concatenate([UNIFORM[:, :2], circle, UNIFORM[:, 3:]], 1)
    assert clean(codes) == [0, 1, None, 4, 5]


def test_codes_that_know_nothing() -> None:
    assert counted(clean(np.random.default_rng(1).normal(size=(10_000, 10)))) == 0
    assert counted(clean(np.ones((10_000, 3)))) == 0


@pytest.mark.parametrize("seed", range(4))
def test_all_factors_mixed(seed: int) -> None:
    """A random turn in five dimensions leaves at most one latent near a factor."""
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(K, K)))
    assert counted(clean(UNIFORM @ turn)) <= 1


def test_the_limits() -> None:
    table = np.array([[0.4, 0.1], [0.1, 0.0]])
    assert clean_latents(table) == [0, None]
    assert clean_latents(table + [[0, 0.001], [0, 0]]) == [None, None]
    assert clean_latents(table + [[0, 0], [0.001, 0]]) == [None, None]
    assert clean_latents(np.array([[LEAST]])) == [0], "with one latent and one factor"
    assert clean_latents(np.array([[LEAST - 1e-9]])) == [None]
    assert LEAK < 1, "else one latent could be clean for two factors"


def test_the_count_of_a_run() -> None:
    assert clean_factors(measured_run({"all": 0.9})) is None
    assert clean_factors(measured_run(gaps=[0.7, 0.1, 0.7])) == (2, 3)
