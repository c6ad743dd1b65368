"""Factor spaces: index and factors are inverse, the last factor varies fastest."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from betavae_core.factors import FactorSpace
from betavae_core.rng import generator
from tests.oracles import one_sentence

SPACES = [
    FactorSpace(("only",), (5,)),
    FactorSpace(("a", "b", "c"), (2, 3, 4)),
    FactorSpace(("a", "b", "c", "d"), (4, 1, 3, 2)),
]


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_index_order_is_that_of_nested_loops(space: FactorSpace) -> None:
    rows = np.array(list(itertools.product(*(range(size) for size in space.sizes))))
    assert space.size == len(rows)
    np.testing.assert_array_equal(space.index(rows), np.arange(space.size))
    np.testing.assert_array_equal(space.factors(np.arange(space.size)), rows)


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_tensors_give_the_same_as_arrays(space: FactorSpace) -> None:
    index = torch.arange(space.size, dtype=torch.int32)
    factors = space.factors(index)
    assert factors.dtype == space.index(factors).dtype == torch.int64
    np.testing.assert_array_equal(factors.numpy(), space.factors(index.numpy()))
    assert torch.equal(space.index(factors), index.long())


def test_numpy_gives_int64() -> None:
    factors = SPACES[1].factors(np.arange(24, dtype=np.uint8))
    assert isinstance(factors, np.ndarray)
    assert factors.dtype == SPACES[1].index(factors).dtype == np.int64


def test_empty_lists_of_indices() -> None:
    assert SPACES[1].factors(torch.empty(0, dtype=torch.int64)).shape == (0, 3)
    assert SPACES[1].index(np.empty((0, 3), dtype=np.int64)).shape == (0,)


@pytest.mark.parametrize(
    ("factors", "named"),
    [
        (np.array([[0, 0]]), "3 columns"),
        (np.array([[0, 3, 0]]), "range"),
        (np.array([[0, -1, 0]]), "range"),
        (np.array([[0.0, 0.0, 0.0]]), "whole numbers"),
        (torch.tensor([[0.0, 0.0, 0.0]]), "whole numbers"),
        (torch.tensor([[0, 0, 4]]), "range"),
    ],
)
def test_wrong_factors_are_refused(factors: Any, named: str) -> None:
    with one_sentence(named):
        SPACES[1].index(factors)


@pytest.mark.parametrize("index", [np.array([24]), torch.tensor([-1]), np.array([1.0])])
def test_wrong_indices_are_refused(index: Any) -> None:
    with one_sentence():
        SPACES[1].factors(index)


@pytest.mark.parametrize(
    "arguments",
    [
        ((), ()),
        (("a", "b"), (2,)),
        (("a", "a"), (2, 2)),
        (("a",), (0,)),
        (("a",), (2,), ((1, 2, 3),)),
    ],
)
def test_spaces_that_are_none(arguments: Any) -> None:
    with one_sentence():
        FactorSpace(*arguments)


def test_equality_is_of_names_and_sizes() -> None:
    same = FactorSpace(("a", "b", "c"), (2, 3, 4))
    assert same == SPACES[1]
    assert hash(same) == hash(SPACES[1])
    assert same != FactorSpace(("a", "b", "x"), (2, 3, 4))
    assert same != FactorSpace(("a", "b", "c"), (2, 4, 3))


def test_samples_are_uniform_and_follow_the_generator() -> None:
    space = SPACES[1]
    drawn = space.sample(24_000, generator(1, "test"))
    assert torch.equal(drawn, space.sample(24_000, generator(1, "test")))
    assert not torch.equal(drawn, space.sample(24_000, generator(2, "test")))
    counts = torch.bincount(drawn, minlength=24)
    assert len(counts) == 24
    assert (counts - 1000).abs().max() < 5 * 1000**0.5


def test_sweep_changes_one_factor() -> None:
    space = SPACES[1]
    base = space.median()
    for factor, size in enumerate(space.sizes):
        rows = space.factors(space.sweep(base, factor))
        np.testing.assert_array_equal(rows[:, factor], np.arange(size))
        others = [k for k in range(3) if k != factor]
        assert (rows[:, others] == base[others]).all()
    assert tuple(base) == (1, 1, 2)


def test_streams_of_a_seed_are_independent() -> None:
    def first(seed: int, stream: str) -> float:
        return torch.rand(1, generator=generator(seed, stream)).item()

    assert first(1, "a") == first(1, "a")
    assert len({first(seed, stream) for seed in (1, 2) for stream in ("a", "b")}) == 4
