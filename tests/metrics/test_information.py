"""The scores from mutual information that were added to MIG: MIG-sup, which its record has, too,
and InfoM, InfoC and InfoE."""

import numpy as np
import pytest

from betavae_core.factors import FactorSpace
from betavae_core.metrics import METRICS, Record
from betavae_core.metrics.mig_sup import mig_sup
from tests.metrics.codes import SPACE, noise, perfect, rotated
from tests.oracles import one_sentence

DUPLICATED = np.concatenate([perfect(), perfect()], 1)
WITH_CONSTANT = np.concatenate([perfect(), np.zeros((SPACE.size, 1))], 1)
CONSTANT = np.ones((SPACE.size, 3))


@pytest.mark.parametrize(
    ("codes", "least", "most"),
    [
        (perfect(), 0.99, 1),
        (100 * perfect()[:, [2, 0, 3, 1]], 0.99, 1),
        (DUPLICATED, 0.99, 1),  # each latent still tells of one factor
        (WITH_CONSTANT, 0.79, 0.8),  # one latent in five tells of none
        (rotated(), 0.0, 0.3),
        (noise(), 0.0, 0.02),
        (CONSTANT, 0.0, 0.0),
    ],
    ids=["perfect", "permuted", "duplicated", "one constant", "rotated", "noise", "constant"],
)
def test_mig_sup(codes: np.ndarray, least: float, most: float) -> None:
    assert least <= mig_sup(codes, SPACE).score <= most


def test_mig_sup_of_one_factor() -> None:
    space = FactorSpace(("a", "fixed"), (8, 1))
    record = mig_sup(np.arange(8.0)[:, None], space)
    assert record.score == pytest.approx(1)
    assert record.details["factors"] == ["a"]
    with one_sentence("NaN"):
        mig_sup(np.full((8, 1), np.nan), space)


def test_a_record_of_mig_has_mig_sup() -> None:
    codes = rotated() + 0.5 * noise()
    record = METRICS["mig"](codes, SPACE)
    stored = {"value": record.score, "settings": record.settings, "details": record.details}
    parts = METRICS["mig"].parts(stored)
    assert parts == {"mig": record.score, "mig_sup": mig_sup(codes, SPACE).score}


def infomec(codes: np.ndarray) -> Record:
    return METRICS["infomec"](codes, SPACE)


@pytest.mark.parametrize(
    ("codes", "compact", "explicit"),
    [
        (perfect(), (0.99, 1), (0.9, 1)),
        (rotated(), (0.3, 0.8), (0.9, 1)),  # mixed, and as easily read
        (DUPLICATED, (0.42, 0.43), (0.9, 1)),  # (1/2 - 1/8) / (7/8) = 0.43
        (noise(), (0, 0.1), (0, 0.01)),
        (CONSTANT, (0, 0), (0, 0)),
    ],
    ids=["perfect", "rotated", "duplicated", "noise", "constant"],
)
def test_the_parts_of_infomec(
    codes: np.ndarray, compact: tuple[float, float], explicit: tuple[float, float]
) -> None:
    record = infomec(codes)
    parts = METRICS["infomec"].parts({"value": record.score, "details": record.details})
    assert list(parts) == ["infom", "infoc", "infoe"]
    assert compact[0] <= parts["infoc"] <= compact[1]
    assert explicit[0] <= parts["infoe"] <= explicit[1]


def test_infomec_leaves_narrow_latents_out() -> None:
    record = infomec(np.concatenate([perfect(), 0.01 * noise()], 1))
    assert record.details["active"] == [0, 1, 2, 3]
    assert record.score == pytest.approx(infomec(perfect()).score)


def test_noise_is_chance_by_infom_and_not_by_modularity() -> None:
    assert infomec(noise(10)).score < 0.1
    assert METRICS["modularity"](noise(10), SPACE).score > 0.5


def test_what_many_values_do_to_infomec() -> None:
    """Factors as of 2Dshapes: a penalty lowers InfoE of true factors, and the bias of the mutual
    information, larger for factors with more values, raises InfoM of noise."""
    space = FactorSpace(("shape", "scale", "x"), (3, 6, 32))
    true = space.factors(np.arange(space.size)).astype(float)
    explicit = [
        METRICS["infomec"](true, space, penalty=penalty).details["explicitness"]
        for penalty in (0.0, 1e-4, 1.0)
    ]
    assert explicit[0] > 0.999
    assert explicit[0] > explicit[1] > 0.95
    assert 0.6 < explicit[2] < 0.9
    random = np.random.default_rng(0).normal(size=(space.size, 10))
    found = METRICS["infomec"](random, space)
    assert 0.1 < found.score < METRICS["modularity"](random, space).score
    assert found.details["compactness"] < 0.1
