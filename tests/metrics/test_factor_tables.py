"""Scores of images that are no full grid: factors as an array of values."""

import numpy as np
import pytest
import torch

from betavae_core.factors import FactorSpace, FactorTable
from betavae_core.metrics import METRICS, STATISTICS
from betavae_core.metrics.higgins import difference_points
from betavae_core.rng import generator
from tests.oracles import one_sentence

RNG = np.random.default_rng(0)
TABLE = np.stack([RNG.integers(0, 4, 900), RNG.integers(0, 3, 900), RNG.integers(0, 5, 900)], 1)
SMALL = {
    "higgins": {"L": 8, "points": 300, "test_points": 200},
    "factor_vae": {"points": 200, "test_points": 200, "batch": 32},
}


@pytest.mark.parametrize("name", METRICS)
def test_perfect_codes_of_any_images(name: str) -> None:
    """As on a grid: the factors themselves score high, codes that know nothing low."""
    settings = SMALL.get(name, {"points": 600})
    perfect = TABLE + 0.01 * RNG.normal(size=TABLE.shape)
    best = METRICS[name](perfect, TABLE, **settings).score
    worst = METRICS[name](RNG.permutation(perfect), TABLE, **settings).score
    assert best > (0.4 if name == "sap" else 0.9)  # SAP: above chance, which others reach
    assert worst < best - 0.2


@pytest.mark.parametrize("name", METRICS | STATISTICS)
def test_a_whole_grid_as_an_array_is_the_grid(name: str) -> None:
    space = FactorSpace(["a", "b", "c"], [4, 3, 5])
    codes = space.factors(np.arange(60)) @ RNG.normal(size=(3, 3)) + RNG.normal(size=(60, 3)) / 9
    table = FactorTable(space.factors(np.arange(60)), space.names)
    metric = (METRICS | STATISTICS)[name]
    settings = SMALL.get(name, {"points": 600})
    one, other = (metric(codes, each, **settings) for each in (space, table))
    if name in SMALL:  # its pairs are drawn otherwise
        assert one.score == pytest.approx(other.score, abs=0.12)
    else:
        assert one.score == other.score


def test_rows_that_agree() -> None:
    """In the factor, and uniform among all others that do: counted against the known shares."""
    table = FactorTable(TABLE)
    rows = torch.zeros(2, 60_000, dtype=torch.int64)
    like, factor = torch.tensor([[5], [7]]), torch.tensor([0, 2])
    found = table.agreeing(rows, like, factor, generator(0, "test"))
    for line, k, first in zip(found, (0, 2), (5, 7), strict=True):
        equal = np.flatnonzero(TABLE[:, k] == TABLE[first, k])
        equal = equal[equal != first]
        counts = np.bincount(line.numpy(), minlength=900)
        assert counts[equal].sum() == 60_000
        share = 60_000 / len(equal)
        assert np.abs(counts[equal] - share).max() < 6 * np.sqrt(share)


def test_a_value_seen_once_is_paired_with_itself() -> None:
    table = FactorTable(np.array([[0, 0], [1, 0], [1, 1]]))
    like, factor = torch.tensor([[0], [1], [2]]), torch.tensor([0, 0, 0])
    found = table.agreeing(torch.zeros(3, 50, dtype=torch.int64), like, factor, generator(0, "one"))
    assert [set(line.tolist()) for line in found] == [{0}, {2}, {1}]


def test_points_of_a_table_of_its_own_factors() -> None:
    """Codes that are the factors themselves: the labelled one never moves, the others do."""
    values = np.stack(np.unravel_index(np.arange(240), (4, 6, 10)), 1)
    table = FactorTable(values)
    points, labels = difference_points(values.astype(float), table, 300, 16, [0, 1, 2], 1, "own")
    assert set(labels) == {0, 1, 2}
    for point, label in zip(points, labels, strict=True):
        assert point[label] == 0
        assert (np.delete(point, label) > 0).all()


def test_values_are_numbered_in_order() -> None:
    table = FactorTable(np.array([["low", "3"], ["high", "1"], ["low", "1"]]), ["size", "turn"])
    assert (table.size, table.sizes) == (3, (2, 2))
    assert table.values == (("high", "low"), ("1", "3"))
    assert table.factors(np.arange(3)).tolist() == [[1, 1], [0, 0], [1, 0]]
    floats = FactorTable(np.array([[0.5], [-2.0], [0.5]]))
    assert floats.factors(torch.tensor([0, 1])).tolist() == [[1], [0]]
    assert floats.names == ("factor 0",)


@pytest.mark.parametrize(
    ("table", "named"),
    [(np.zeros(4), "(N, K)"), (np.zeros((0, 2)), "(N, K)"), (np.full((3, 2), np.nan), "NaN")],
)
def test_what_is_no_table_is_refused(table: np.ndarray, named: str) -> None:
    with one_sentence(named):
        FactorTable(table)


def test_what_only_a_grid_has_is_refused() -> None:
    table = FactorTable(TABLE)
    with one_sentence("not a full grid"):
        table.index(TABLE)
    with one_sentence("outside 0…899"):
        table.factors(np.array([900]))
    with one_sentence("one code per image"):
        METRICS["mig"](np.zeros((5, 2)), TABLE)
    with one_sentence("two or more values"):
        METRICS["mig"](np.zeros((3, 2)), np.ones((3, 2), int))
