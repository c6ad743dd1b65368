"""Claims beyond what seeds and draws make: as scipy's tests judge, and rarely wrong."""

import numpy as np
import pytest
from scipy.stats import tukey_hsd

from betavae_core.sentences.clear import clear_change, clear_difference, clear_pairs


def test_pairs_are_those_of_tukeys_test() -> None:
    random = np.random.default_rng(0)
    for _ in range(10):
        groups = [random.normal(shift, 1, 4) for shift in (0, 0.5, 2, 4)]
        clear = clear_pairs(groups)
        assert clear is not None
        assert np.array_equal(clear, tukey_hsd(*groups).pvalue < 0.05)


def test_equal_groups_are_rarely_told_apart() -> None:
    """Of 400 charts without any difference about one in twenty claims one."""
    random = np.random.default_rng(1)
    wrong = 0
    for _ in range(400):
        clear = clear_pairs(list(random.normal(0, 1, (4, 4))))
        assert clear is not None
        wrong += bool(clear.any())
    assert 8 <= wrong <= 36


def test_single_seeds_are_judged_by_the_spread_of_the_others_or_not_at_all() -> None:
    assert clear_pairs([[0.1], [0.9]]) is None
    near = clear_pairs([[0.80, 0.81, 0.79], [0.82]])
    far = clear_pairs([[0.80, 0.81, 0.79], [0.20]])
    assert near is not None
    assert far is not None
    assert not near.any()
    assert far.tolist() == [[False, True], [True, False]]


def test_seeds_that_agree_exactly_leave_no_doubt() -> None:
    clear = clear_pairs([[0.5, 0.5], [0.6, 0.6], [0.5, 0.5]])
    assert clear is not None
    assert clear.tolist() == [[False, True, False], [True, False, True], [False, True, False]]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([0.50, 0.51, 0.49], [0.70, 0.71, 0.69], 1),
        ([0.70, 0.71, 0.69], [0.50, 0.51, 0.49], -1),
        ([0.50, 0.60, 0.40], [0.52, 0.62, 0.42], 0),
        ([0.5, 0.5], [0.5, 0.5], 0),
        ([0.5], [0.9], None),
    ],
)
def test_a_change_is_judged_by_the_draws(
    before: list[float], after: list[float], expected: int | None
) -> None:
    assert clear_change(before, after) == expected


def test_paired_differences() -> None:
    assert clear_difference([0.1, 0.11, 0.09, 0.1]) is True
    assert clear_difference([0.1, -0.1, 0.2, -0.2]) is False
    assert clear_difference([0.1]) is None
    edge = [0.05, 0.1, 0.15, 0.2]
    assert clear_difference(edge) is True
    assert clear_difference(edge, comparisons=6) is False
