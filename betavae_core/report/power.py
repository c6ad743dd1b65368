"""How many seeds would tell two β apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .numbers import Number
from .recipe import Recipe
from .spread import Setting, grouped, pooled

ERROR, WANTED = 0.05, 0.80  # two-sided error rate; power that is asked for
MOST = 1_000  # seeds; beyond this the answer is "more"
QUANTILES = 400
PLAIN = 0.05  # a difference of five points, which need not be estimated


@dataclass(frozen=True)
class Contrast:
    """Two β of one recipe by one score."""

    recipe: Recipe
    setting: Setting
    low: float  # the lower β
    high: float
    counts: tuple[int, int]
    difference: float  # of the means, higher β less lower β
    spread: float  # standard deviation over seeds, pooled over both
    reach: tuple[float, float]  # its 95 % interval, from χ²

    @property
    def needed(self) -> int | None:
        """Seeds for each β that tell the measured difference apart; None: more than `MOST`."""
        return seeds_needed(self.difference, self.spread)

    @property
    def needed_reach(self) -> tuple[int | None, int | None]:
        """The same at both ends of the spread's interval."""
        low, high = self.reach
        return seeds_needed(self.difference, low), seeds_needed(self.difference, high)


def contrasts(numbers: Sequence[Number], low: float = 1.0, high: float = 4.0) -> list[Contrast]:
    """For every recipe and main score with two or more seeds of both β."""
    from scipy.stats import chi2

    found = []
    for (recipe, setting), group in grouped(numbers).items():
        sides = [[n.value for n in group if n.beta == beta] for beta in (low, high)]
        if min(map(len, sides)) < 2 or not setting.usual:
            continue
        spread, freedom = pooled(sides), sum(map(len, sides)) - 2
        ends = chi2.ppf([0.975, 0.025], freedom)
        reach = tuple(float(spread * (freedom / end) ** 0.5) for end in ends)
        difference = float(np.mean(sides[1]) - np.mean(sides[0]))
        counts = (len(sides[0]), len(sides[1]))
        found.append(
            Contrast(recipe, setting, low, high, counts, difference, spread, (reach[0], reach[1]))
        )
    return found


def power(difference: float, spread: float, seeds: int) -> float:
    """The probability that Student's t-test of two groups of `seeds` ≥ 2 normal values each finds a
    difference of their means, two-sided at 5 %; spread: the standard deviation within both.

    E[Φ(δ − l s) + Φ(−δ − l s)]: δ = |difference| / (spread √(2/n)), l the test's limit, s² the
    sample variance over the true one, χ² with f = 2n − 2 degrees of freedom over f; the mean over s
    is taken at `QUANTILES` equally likely values.
    """
    from scipy.special import gammaincinv, ndtr, stdtrit

    if spread == 0:
        return float(difference != 0)
    freedom, shift = 2 * seeds - 2, abs(difference) / spread * (seeds / 2) ** 0.5
    limit = -stdtrit(freedom, ERROR / 2)
    chances = (np.arange(QUANTILES) + 0.5) / QUANTILES
    s = np.sqrt(gammaincinv(freedom / 2, chances) / (freedom / 2))
    return float(np.mean(ndtr(shift - limit * s) + ndtr(-shift - limit * s)))


def seeds_needed(difference: float, spread: float, wanted: float = WANTED) -> int | None:
    """The least number of seeds for each of two β with this power; None if it is above `MOST`."""
    if power(difference, spread, MOST) < wanted:
        return None
    low, high = 1, MOST  # not enough, enough
    while high - low > 1:
        middle = (low + high) // 2
        if middle >= 2 and power(difference, spread, middle) >= wanted:
            high = middle
        else:
            low = middle
    return high
