"""UDR of codes whose agreement is known, and against a Lasso of its own."""

import numpy as np
import pytest

from betavae_core.metrics.udr import PENALTY, agreement, relation, standardised, udr
from tests.oracles import one_sentence

RANDOM = np.random.default_rng(5)
PLAIN = RANDOM.normal(size=(1_000, 4))
ALIVE = np.ones(4)


def turned(seed: int) -> np.ndarray:
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(4, 4)))
    return PLAIN @ rotation


def test_order_sign_and_scale_do_not_matter() -> None:
    other = PLAIN[:, [2, 0, 3, 1]] * [1, -3, 0.1, 20]
    found = udr([PLAIN, other], [ALIVE, ALIVE])
    assert found.scores == pytest.approx(1 - PENALTY, abs=0.02)
    assert np.isnan(np.diag(found.pairs)).all()


def test_entangled_models_agree_less() -> None:
    models = [PLAIN, -PLAIN, turned(1), turned(2), PLAIN[:, ::-1]]
    scores = udr(models, [ALIVE] * 5).scores
    assert min(scores[[0, 1, 4]]) > max(scores[[2, 3]]) + 0.1


def test_independent_codes_and_collapsed_models_score_nothing() -> None:
    noise = np.random.default_rng(9).normal(size=(1_000, 4))
    assert udr([PLAIN, noise], [ALIVE, ALIVE]).scores == pytest.approx(0, abs=0.02)
    assert udr([PLAIN, PLAIN], [ALIVE, 0 * ALIVE]).scores.tolist() == [0, 0]
    assert udr([PLAIN, np.ones((1_000, 4))], [ALIVE, ALIVE]).scores.tolist() == [0, 0]


def test_latents_that_tell_nothing_are_left_out() -> None:
    more = np.concatenate([PLAIN, RANDOM.normal(size=(1_000, 2))], 1)
    kl = np.array([1, 1, 1, 1, 0.009, 0])
    assert udr([more, PLAIN], [kl, ALIVE]).scores == pytest.approx(1 - PENALTY, abs=0.02)


def test_duplicated_latents_share_their_weight() -> None:
    """One latent of two stands for both: each column of R has one entry, one row has two."""
    relations = np.array([[0.9, 0.9], [0.0, 0.0]])
    assert agreement(relations) == pytest.approx((0.9 + 0.9**2 / 1.8 / 2) / 2)


def test_the_weights_are_those_of_another_lasso() -> None:
    """Proximal gradient steps on ½/N |y − Xw|² + 0.1 |w|₁."""
    one, two = standardised(turned(1), ALIVE), standardised(turned(2), ALIVE)
    step = 1 / np.linalg.eigvalsh(one.T @ one / len(one)).max()
    w = np.zeros((4, 4))
    for _ in range(5_000):
        w -= step * one.T @ (one @ w - two) / len(one)
        w = np.sign(w) * np.maximum(np.abs(w) - step * 0.1, 0)
    assert relation(one, two) == pytest.approx(np.abs(w), abs=1e-3)


def test_bad_input() -> None:
    with one_sentence("two or more models"):
        udr([PLAIN], [ALIVE])
    with one_sentence("1000 and 10"):
        udr([PLAIN, PLAIN[:10]], [ALIVE, ALIVE])
