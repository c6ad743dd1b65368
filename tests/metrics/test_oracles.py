"""Every metric on codes whose score is known: perfect, duplicated, permuted, scaled, rotated,
constant, noise; and what all of them refuse."""

from typing import Any

import numpy as np
import pytest

from betavae_core.factors import FactorSpace
from betavae_core.metrics import METRICS, Record
from tests.metrics.codes import SPACE, noise, perfect, rotated
from tests.oracles import one_sentence

FAST: dict[str, dict[str, Any]] = {
    "higgins": {"points": 2000, "test_points": 1000, "L": 32},
    "dci": {"points": 1500, "test_points": 500, "trees": 20, "jobs": 1},
    "sap": {"jobs": 1},
    "nk": {"points": 1000, "test_points": 500},
    "explicitness": {"jobs": 1},
}


def score(name: str, codes: np.ndarray, space: FactorSpace = SPACE, **changes: Any) -> Record:
    record = METRICS[name](codes, space, **(FAST.get(name, {}) | changes))
    assert 0 <= record.score <= 1
    assert record.metric == name
    return record


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("higgins", 0.99),
        ("factor_vae", 0.99),
        ("mig", 0.99),
        ("sap", 0.3),  # a line through ten values separates few; the second-best guesses by chance
        ("dci", 0.98),
        ("modularity", 0.99),
        ("infomec", 0.99),
        ("snc", 0.99),
        ("nk", 0.97),
        ("axis_ratio", 0.99),
        ("explicitness", 0.75),  # a middle value is not linearly separable from both sides
        ("irs", 0.99),
    ],
)
def test_perfect_codes(name: str, least: float) -> None:
    assert score(name, perfect()).score >= least


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("mig", 0.01),
        ("infomec", 0.1),
        ("snc", 0.05),
        ("nk", 0.1),
        ("axis_ratio", 0.25),  # few points in few latents have a longest direction
        ("sap", 0.05),
        ("dci", 0.15),
        ("irs", 0.35),
        ("factor_vae", 0.35),
    ],
)
def test_noise(name: str, most: float) -> None:
    assert score(name, noise(), **({"points": None} if name == "mig" else {})).score <= most


def test_explicitness_of_noise_is_one_half() -> None:
    assert score("explicitness", noise()).score == pytest.approx(0.5, abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("classifier", ["linear", "mlp", "logistic", "forest"])
@pytest.mark.parametrize("codes", [perfect(), rotated()], ids=["perfect", "rotated"])
def test_higgins_does_not_see_a_rotation(codes: np.ndarray, classifier: str) -> None:
    """The lesson: codes that mix all factors in every latent still score at the top."""
    settings = {"L": 64, "points": 600, "test_points": 500} if classifier == "mlp" else {"L": 64}
    assert score("higgins", codes, classifier=classifier, **settings).score >= 0.98


def test_mig_sees_a_rotation() -> None:
    assert score("mig", rotated()).score < 0.3


@pytest.mark.parametrize("classifier", ["linear", "mlp", "logistic", "forest"])
def test_higgins_of_noise_is_chance(classifier: str) -> None:
    record = score("higgins", noise(), classifier=classifier, points=600, test_points=1000, draws=4)
    error = (0.25 * 0.75 / 4000) ** 0.5
    assert record.details["chance"] == 0.25
    assert abs(record.score - 0.25) <= 3 * error


@pytest.mark.parametrize("name", ["mig", "sap"])
def test_duplicated_latents_leave_no_gap(name: str) -> None:
    assert score(name, np.concatenate([perfect(), perfect()], 1)).score <= 0.01


def test_duplicated_latents_and_the_parts_of_dci() -> None:
    """Each latent still serves one factor; no factor is served by one latent."""
    record = score("dci", np.concatenate([perfect(), perfect() + 0.01 * noise()], 1))
    assert record.score >= 0.95
    whole = score("dci", perfect())
    assert whole.details["completeness"] >= 0.98
    assert whole.details["informativeness"] >= 0.98


@pytest.mark.parametrize("name", METRICS)
def test_order_of_latents_does_not_matter(name: str) -> None:
    record = score(name, perfect()[:, [2, 0, 3, 1]])
    assert record.score == pytest.approx(score(name, perfect()).score, abs=0.02)


@pytest.mark.parametrize("name", [name for name in METRICS if name != "sap"])
@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_scale_of_latents_does_not_matter(name: str, scale: float) -> None:
    """(SAP's machine is regularised, so there it does, as in disentanglement_lib.)"""
    record = score(name, rotated() * scale)
    assert record.score == pytest.approx(score(name, rotated()).score, abs=0.02)


@pytest.mark.parametrize("name", METRICS)
def test_constant_latents_tell_nothing(name: str) -> None:
    """All constant: the lowest score there is, by definition or by chance. One constant latent
    beside perfect ones: no NaN, nothing lost where the metric does not average over latents."""
    lowest = {"higgins": 0.31, "factor_vae": 0.31, "explicitness": 0.5}.get(name, 0.02)
    assert score(name, np.ones((SPACE.size, 3))).score <= lowest
    mixed = score(name, np.concatenate([perfect(), np.zeros((SPACE.size, 1))], 1)).score
    whole = score(name, perfect()).score
    assert mixed == pytest.approx(whole * (0.8 if name == "modularity" else 1), abs=0.03)


@pytest.mark.parametrize("name", METRICS)
def test_the_seed_decides(name: str) -> None:
    codes = rotated() + 0.5 * noise()
    first, again, other = (score(name, codes, seed=seed) for seed in (0, 0, 1))
    assert first.score == again.score
    assert first.settings["seed"] == 0
    assert other.score == pytest.approx(first.score, abs=0.15)
    assert (other.score, other.details) != (first.score, first.details)


@pytest.mark.parametrize("name", METRICS)
def test_a_factor_with_one_value_is_left_out(name: str) -> None:
    space = FactorSpace(("a", "fixed", "b"), (8, 1, 8))
    codes = space.factors(np.arange(64))[:, [0, 2]].astype(np.float32)
    record = score(name, codes, space)
    assert record.score > (0.2 if name == "sap" else 0.6)
    assert "fixed" not in str(record.details.get("factors", record.settings.get("factors")))


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize(
    ("codes", "named"),
    [
        (np.zeros((10, 3)), "2400"),
        (np.zeros(2400), "2400"),
        (np.zeros((2400, 0)), "2400"),
        (np.full((2400, 2), np.nan), "NaN"),
        (np.full((2400, 2), np.inf), "infinite"),
        (np.zeros((2400, 2), np.int64), "int64"),
    ],
)
def test_wrong_codes_are_one_sentence(name: str, codes: np.ndarray, named: str) -> None:
    with one_sentence(named):
        METRICS[name](codes, SPACE)


@pytest.mark.parametrize("name", METRICS)
def test_no_factor_that_varies_is_one_sentence(name: str) -> None:
    with one_sentence("two or more"):
        METRICS[name](np.zeros((1, 2)), FactorSpace(("a",), (1,)))


@pytest.mark.parametrize("points", [0, -3, 1.5, True])
@pytest.mark.parametrize("name", METRICS)
def test_wrong_counts_are_one_sentence(name: str, points: Any) -> None:
    with one_sentence("points"):
        METRICS[name](perfect(), SPACE, points=points)
