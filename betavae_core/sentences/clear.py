"""Which differences are larger than what other seeds or draws could make."""

from collections.abc import Sequence
from functools import cache

import numpy as np

LEVEL = 0.05  # of error: the share of claims that equal groups would give


def clear_pairs(groups: Sequence[Sequence[float]]) -> np.ndarray | None:
    """(G, G) of bool: whether the means of two groups differ clearly, by Tukey and Kramer's test
    at 95 %: it compares all pairs at once, with the spread within all groups together, so that it
    can also judge a group of one value.

    groups: G ≥ 1 groups, the values of each over its seeds. None if no group has two values:
    nothing is known about the seeds.
    """
    sizes = np.array([len(group) for group in groups])
    freedom = int((sizes - 1).sum())
    if freedom < 1:
        return None
    means = np.array([np.mean(group) for group in groups])
    within = sum(float(np.square(np.subtract(g, np.mean(g))).sum()) for g in groups)
    error = np.sqrt(within / freedom / 2 * (1 / sizes[:, None] + 1 / sizes[None]))
    apart = np.abs(means[:, None] - means[None])
    limit = _tukey(len(groups), freedom) if len(groups) > 1 else 0.0
    found: np.ndarray = apart > limit * error
    return found


def clear_change(before: Sequence[float], after: Sequence[float]) -> int | None:
    """1 if the mean over draws is clearly higher after than before, −1 if it is clearly lower, 0 if
    other draws could reverse the difference (Welch's t-test at 95 %, with the fewer degrees of
    freedom of the two); None if one side has a single draw."""
    fewest = min(len(before), len(after))
    if fewest < 2:
        return None
    change = float(np.mean(after) - np.mean(before))
    error = float(
        np.sqrt(np.var(before, ddof=1) / len(before) + np.var(after, ddof=1) / len(after))
    )
    return 0 if abs(change) <= _student(fewest - 1) * error else int(np.sign(change))


def clear_difference(pairs: Sequence[float], comparisons: int = 1) -> bool | None:
    """Whether the mean of paired differences is clearly not 0 (Student's t-test at 95 %, Bonferroni
    for several comparisons); None for a single pair."""
    if len(pairs) < 2:
        return None
    error = float(np.std(pairs, ddof=1)) / len(pairs) ** 0.5
    return bool(abs(np.mean(pairs)) > _student(len(pairs) - 1, comparisons) * error)


@cache
def _tukey(groups: int, freedom: int) -> float:
    """The quantile of the studentized range; 0.2 seconds of integration, so each once."""
    from scipy.stats import studentized_range

    return float(studentized_range.isf(LEVEL, groups, freedom))


def _student(freedom: int, comparisons: int = 1) -> float:
    """The two-sided quantile of Student's t."""
    from scipy.stats import t

    return float(t.ppf(1 - LEVEL / comparisons / 2, freedom))
