"""The scores about single latents: SNC, NK and the axis ratio, on codes whose values are known."""

import math

import numpy as np
import pytest

from betavae_core.factors import FactorSpace, FactorTable
from betavae_core.metrics import METRICS
from betavae_core.metrics.alignment import FEW as FEW_IMAGES
from betavae_core.metrics.alignment import alignment, drawn_apart, equal_bins
from betavae_core.metrics.axis_ratio import axis_ratio, ratios
from betavae_core.metrics.base import draw
from betavae_core.metrics.nk import nk
from betavae_core.metrics.snc import snc
from tests.metrics.codes import GRID, SPACE, noise, perfect, rotated
from tests.oracles import one_sentence

DUPLICATED = np.concatenate([perfect(), perfect()], 1)
FEW = perfect()[:, :2]  # of four factors
FAST = {"points": 2000, "test_points": 1000}


def turned(degrees: float) -> np.ndarray:
    """The first two of the perfect latents, turned into one another."""
    codes = perfect().copy()
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    codes[:, :2] = codes[:, :2] @ np.array([[cos, sin], [-sin, cos]])
    return codes


def test_equal_bins_hold_equally_many_and_keep_equal_values_together() -> None:
    values = np.random.default_rng(0).normal(size=(1000, 1))
    assert np.bincount(equal_bins(values, values, 8)[:, 0]).tolist() == [125] * 8
    steps = np.repeat([5.0, 1.0, 3.0], [30, 34, 36])[:, None]  # about a third each
    assert equal_bins(steps, np.array([[1.0], [3.0], [5.0]]), 3)[:, 0].tolist() == [0, 1, 2]
    assert equal_bins(values, np.array([[-99.0], [99.0]]), 8)[:, 0].tolist() == [0, 7]


def test_of_few_images_those_that_are_tested_were_not_learned() -> None:
    """The number of an image is its code; 300 points of 400 images leave others to be tested."""
    few = FactorSpace(("a", "b"), (20, 20))
    codes = np.arange(few.size, dtype=float)[:, None]
    (z, y), (z_test, y_test) = drawn_apart(codes, few, 300, 200, seed=0)
    assert not set(z[:, 0]) & set(z_test[:, 0])
    assert (len(z), len(z_test)) == (300, 200)
    assert (y_test == few.factors(z_test[:, 0].astype(int))).all()
    assert (y == few.factors(z[:, 0].astype(int))).all()


def test_of_many_images_the_points_are_as_drawn() -> None:
    """So that a stored score stays what it is."""
    many = FactorSpace(("a", "b"), (100, 100))
    codes = np.arange(many.size, dtype=float)[:, None]
    assert many.size > FEW_IMAGES * (300 + 200)
    found = drawn_apart(codes, many, 300, 200, seed=0)
    for (z, y), (count, stream) in zip(found, ((300, "train"), (200, "test")), strict=True):
        wanted = draw(codes, many, count, 0, f"snc/{stream}")
        assert (z == wanted[0]).all()
        assert (y == wanted[1]).all()


def test_when_every_image_was_learned_there_is_nothing_else_to_test() -> None:
    tiny = FactorSpace(("a", "b"), (2, 2))
    _, (z_test, _) = drawn_apart(np.arange(4.0)[:, None], tiny, 500, 50, seed=0)
    assert len(z_test) == 50


def test_the_alignment_gives_each_factor_a_latent_of_its_own() -> None:
    used = [0, 1, 2, 3]
    sizes = [SPACE.sizes[k] for k in used]
    factors = GRID.astype(int)
    assert alignment(perfect()[:, [2, 0, 3, 1]], factors, sizes) == [1, 3, 0, 2]
    assert alignment(FEW, factors, sizes) == [0, 1, None, None]
    # the latent that knows both factors goes to the one that has no other
    both = np.stack([GRID[:, 0] + 100 * GRID[:, 1], GRID[:, 0]], 1)
    assert alignment(both, factors[:, :2], sizes[:2]) == [1, 0]


def test_snc_reads_any_one_to_one_function() -> None:
    order = np.random.default_rng(2).permutation(10)
    shuffled = perfect()
    shuffled[:, 0] = order[GRID[:, 0].astype(int)]
    assert snc(np.exp(3 * shuffled), SPACE).score >= 0.99


@pytest.mark.parametrize(
    ("codes", "least", "most"),
    [(DUPLICATED, 0.99, 1), (rotated(), 0.2, 0.4), (FEW, 0.49, 0.5)],
    ids=["duplicated", "rotated", "half of the factors"],
)
def test_snc(codes: np.ndarray, least: float, most: float) -> None:
    assert least <= snc(codes, SPACE).score <= most


@pytest.mark.parametrize(
    ("codes", "least", "most"),
    [(DUPLICATED, 0, 0.01), (rotated(), 0.3, 0.9), (FEW, 0.47, 0.5)],
    ids=["duplicated", "rotated", "half of the factors"],
)
def test_nk(codes: np.ndarray, least: float, most: float) -> None:
    assert least <= nk(codes, SPACE, **FAST).score <= most


def test_a_factor_in_two_latents_lowers_nk_alone() -> None:
    """A second copy of the first factor: only this factor is not lost."""
    codes = np.concatenate([perfect(), perfect()[:, :1]], 1)
    record = nk(codes, SPACE, **FAST)
    lost = np.array(record.details["accuracy"]) - record.details["accuracy_without"]
    assert lost[0] < 0.02
    assert (lost[1:] > 0.6).all()
    assert record.score == pytest.approx(0.75, abs=0.03)
    assert snc(codes, SPACE).score >= 0.99


@pytest.mark.parametrize("degrees", [0, 10, 20, 30, 45])
def test_the_axis_ratio_of_two_turned_latents(degrees: float) -> None:
    """The larger of cos² and sin² for two of four factors, scaled from 1/4; a straight line at any
    angle, which is told apart by the linear ratio."""
    record = axis_ratio(turned(degrees), SPACE)
    share = (math.cos(math.radians(degrees)) ** 2 - 1 / 4) / (3 / 4)
    assert record.details["axis_ratios"] == pytest.approx([share, share, 1, 1], abs=1e-9)
    assert record.details["linear_ratio"] == pytest.approx(1)
    assert record.details["axis_alignment"] == pytest.approx(record.score)


def test_rotated_and_tangled_are_told_apart() -> None:
    """A factor on a circle moves along no line: both ratios are ½, scaled from 1/2 … 1: 0."""
    space = FactorSpace(("angle", "size"), (16, 3))
    values = space.factors(np.arange(space.size))
    angle = 2 * np.pi * values[:, 0] / 16
    codes = np.stack([np.cos(angle), np.sin(angle)], 1) * (1 + values[:, [1]])
    record = axis_ratio(codes, space)
    assert record.details["linear_ratios"][0] == pytest.approx(0, abs=1e-9)
    assert rotated_parts()[1] == pytest.approx(1)
    assert rotated_parts()[0] < 0.8


def rotated_parts() -> tuple[float, float]:
    record = axis_ratio(rotated(), SPACE)
    return record.score, record.details["linear_ratio"]


def test_duplicated_latents_are_a_rotation_of_one() -> None:
    record = axis_ratio(DUPLICATED, SPACE)
    assert record.score == pytest.approx((1 / 2 - 1 / 8) / (7 / 8))
    assert record.details["linear_ratio"] == pytest.approx(1)


def test_a_factor_that_moves_nothing_counts_as_zero() -> None:
    record = axis_ratio(FEW, SPACE)
    assert record.details["axis_ratios"] == pytest.approx([1, 1, 0, 0])
    assert axis_ratio(perfect()[:, :1], SPACE).details["axis_ratios"] == pytest.approx([1, 0, 0, 0])


def test_ratios_are_those_of_another_computation() -> None:
    z = np.random.default_rng(4).normal(size=(3, 6, 4)) * [5, 2, 1, 0.1]
    found = ratios(z)
    for sweep, axis, linear, quotient in zip(z, *found, strict=True):
        along = sweep.var(0)
        main = np.linalg.svd(sweep - sweep.mean(0), compute_uv=False) ** 2
        assert axis == pytest.approx((along.max() / along.sum() - 1 / 4) / (3 / 4))
        assert linear == pytest.approx((main.max() / main.sum() - 1 / 4) / (3 / 4))
        assert quotient == pytest.approx(axis / linear)


def test_images_without_sweeps_are_refused() -> None:
    values = np.stack([np.arange(6), np.arange(6)], 1)  # no two images differ in one factor alone
    with one_sentence('"factor 0" alone'):
        axis_ratio(values.astype(float), values)


def test_sweeps_of_any_images_are_those_of_the_grid() -> None:
    table = FactorTable(GRID.astype(int), SPACE.names)
    starts = np.array([7, 2399, 7])
    for k in range(4):
        for one, other in zip(SPACE.sweeps(starts, k), table.sweeps(starts, k), strict=True):
            assert one.tolist() == other.tolist()
    # a row alone, and images that are repeated
    lonely = FactorTable(np.array([[0, 0], [1, 0], [0, 1], [1, 0]]))
    assert [rows.tolist() for rows in lonely.sweeps(np.array([0, 2]), 0)] == [[0, 1, 3]]


def test_the_parts_of_the_axis_ratio() -> None:
    record = axis_ratio(turned(30) + 0.1 * noise(), SPACE)
    stored = {"value": record.score, "details": record.details}
    parts = METRICS["axis_ratio"].parts(stored)
    assert list(parts) == ["axis_ratio", "linear_ratio", "axis_alignment"]
    assert parts["axis_ratio"] < parts["axis_alignment"] < parts["linear_ratio"] < 1
