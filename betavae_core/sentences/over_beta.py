"""How a number depends on β, beyond what the seeds make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..beta import beta_text
from .clear import clear_pairs
from .words import listed, spelled

HOW_JUDGED = (
    "A difference between two β counts if it is larger than the differences between seeds let "
    "expect (Tukey and Kramer's test at 95 %)."
)


@dataclass(frozen=True)
class OverBeta:
    """A number over β: its values over the seeds by β, and how it is summarised and spelled.
    neutral: neither high nor low is better."""

    values: Mapping[float, Sequence[float]]
    middle: str = "median"  # or "mean"
    low_is_better: bool = False
    neutral: bool = False
    decimals: int | None = None

    def clause(self, subject: str) -> str:
        """What the number does over β, without a full stop; "" without values. subject: "MIG", "the
        loss of the MLP VAEs"."""
        betas = sorted(beta for beta, values in self.values.items() if len(values))
        if not betas:
            return ""
        groups = [[float(value) for value in self.values[beta]] for beta in betas]
        middles = [float(getattr(np, self.middle)(group)) for group in groups]
        if len(betas) == 1:
            return self._at_one(subject, betas[0], groups[0], middles[0])
        clear = clear_pairs(groups)
        if clear is None:
            few = "with one seed for each β: too few to compare"
            return f"{subject} {self._reach(betas, middles)}, {few}"
        means = np.array([np.mean(group) for group in groups])
        # a test of means says nothing about medians that are in another order
        clear &= np.sign(np.subtract.outer(means, means)) == np.sign(
            np.subtract.outer(middles, middles)
        )
        if not clear.any():
            widest = self._spell(max(max(group) - min(group) for group in groups))[0]
            reach = f"{self.middle}s {' to '.join(self._spell(min(middles), max(middles)))}"
            return f"{subject} does not clearly depend on β ({reach}, seeds up to {widest} apart)"
        order = sorted(range(len(betas)), key=middles.__getitem__, reverse=not self.low_is_better)
        best, worst = order[0], order[-1]
        steps = np.sign(np.diff(middles))
        if abs(steps.sum()) == len(steps) and clear[0, -1]:
            verb = "rises" if steps[0] > 0 else "falls"
            first, last = self._spell(middles[0], middles[-1])
            return (
                f"{subject} {verb} with β, from a {self.middle} of {first} at "
                f"{beta_text(betas[0])} to {last} at {beta_text(betas[-1])}"
            )
        if clear[best, worst]:
            near = [beta_text(betas[n]) for n in order[1:] if not clear[best, n]]
            verb = "is" if len(near) == 1 else "are"
            first, last, less = (
                ("highest", "lowest", "lower") if self.neutral else ("best", "worst", "worse")
            )
            not_worse = f"; {listed(near)} {verb} not clearly {less}" * bool(near)
            one, other = self._at(betas, middles, best, worst)
            return f"{subject} is {first} at {one} and {last} at {other}{not_worse}"
        return self._one_pair(subject, clear, middles, betas)

    def _spell(self, *values: float) -> list[str]:
        return spelled(values, self.decimals)

    def _at(self, betas: list[float], middles: list[float], *places: int) -> list[str]:
        """ "β = 4 (0.80)" for each of these places."""
        texts = self._spell(*(middles[place] for place in places))
        return [f"{beta_text(betas[n])} ({text})" for n, text in zip(places, texts, strict=True)]

    def _reach(self, betas: list[float], middles: list[float]) -> str:
        low, high = int(np.argmin(middles)), int(np.argmax(middles))
        if middles[low] == middles[high]:
            return f"is {self._spell(middles[low])[0]} at every β"
        one, other = self._spell(middles[low], middles[high])
        return (
            f"lies between {one} ({beta_text(betas[low])}) and {other} ({beta_text(betas[high])})"
        )

    def _at_one(self, subject: str, beta: float, group: Sequence[float], middle: float) -> str:
        if len(group) == 1:
            return f"{subject} is {self._spell(middle)[0]} for one model at {beta_text(beta)}"
        low, text, high = self._spell(min(group), middle, max(group))
        return (
            f"{subject} has a {self.middle} of {text} over {len(group)} seeds at "
            f"{beta_text(beta)} ({low} to {high})"
        )

    def _one_pair(
        self, subject: str, clear: np.ndarray, middles: list[float], betas: list[float]
    ) -> str:
        """For extremes that are not clear, such as those of single seeds: the pair that is."""
        pairs = [(int(a), int(b)) for a, b in zip(*np.nonzero(clear), strict=True)]
        high, low = max(pairs, key=lambda pair: middles[pair[0]] - middles[pair[1]])
        best, worst = (low, high) if self.low_is_better else (high, low)
        one, other = self._at(betas, middles, best, worst)
        more = "higher" if self.neutral else "better"
        return (
            f"{subject} is clearly {more} at {one} than at {other}; other differences are not "
            "larger than those between seeds"
        )
