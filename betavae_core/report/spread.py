"""How much each source of chance contributes to a score: seeds, draws of points, classifiers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .numbers import OTHER_NUMBERS, TITLES, Number
from .recipe import Recipe

DETERMINISTIC = ("logistic",)  # classifiers whose fit does not depend on a seed


@dataclass(frozen=True)
class Setting:
    """A number with its settings, without the run."""

    score: str
    classifier: str | None
    factors: str | None
    L: int | None
    mode: str | None

    @property
    def title(self) -> str:
        """ "Higgins' metric, linear, no-shape, L = 64"."""
        parts = [TITLES[self.score]]
        parts += [part for part in (self.classifier, self.factors) if part]
        parts += [f"L = {self.L}"] if self.L else []
        return ", ".join(parts) + ", paper mode" * (self.mode == "paper")

    @property
    def usual(self) -> bool:
        """Whether it is a disentanglement score at one of its main settings: for Higgins' metric
        L = 64, with four classifiers on all factors and the linear one without shape."""
        if self.score in OTHER_NUMBERS or self.mode == "paper":
            return False
        return self.L in (None, 64) and (
            self.factors in (None, "all") or self.classifier == "linear"
        )


def setting_of(number: Number) -> Setting:
    """The number's name and settings."""
    return Setting(number.score, number.classifier, number.factors, number.L, number.mode)


@dataclass(frozen=True)
class Spread:
    """The standard deviations of one number that one recipe's runs show."""

    recipe: Recipe
    setting: Setting
    runs: int
    betas: int
    seeds: float  # over seeds, without what the draws add to it
    draws: float | None  # of a single draw; None: no draws are stored
    draws_each: int  # draws that are averaged in a run's value

    @property
    def share_of_seeds(self) -> float | None:
        """The seeds' share of the variance of a run's value; None if the draws are unknown."""
        if self.draws is None:
            return None
        whole = self.seeds**2 + self.draws**2 / self.draws_each
        return self.seeds**2 / whole if whole else None

    @property
    def classifier(self) -> str:
        """What is known of the classifier's seed."""
        if self.setting.classifier is None:
            return "not computed"
        if self.setting.classifier in DETERMINISTIC:
            return "0 (deterministic)"
        return "not separated from the points"


def spreads(numbers: Sequence[Number]) -> list[Spread]:
    """For every recipe and disentanglement score with two or more seeds of a β.

    The variance over seeds is pooled within the values of β; that of the draws within the runs. A
    run's value is a mean of k draws, so that σ²(seeds) = σ²(values) − σ²(draws) / k, at least 0. A
    stored draw has new points and a new classifier seed, so that these two are only apart where the
    classifier has no seed.
    """
    found = []
    for (recipe, setting), group in grouped(numbers).items():
        by_beta: dict[float, list[Number]] = {}
        for number in group:
            by_beta.setdefault(number.beta or 0.0, []).append(number)
        several = [each for each in by_beta.values() if len(each) > 1]
        if not several or not setting.usual:
            continue
        values = pooled([[number.value for number in each] for each in several])
        every = [list(number.draws) for number in group if len(number.draws) > 1]
        draws = pooled(every) if every else None
        count = min(map(len, every)) if every else 1
        seeds = max(values**2 - (draws or 0.0) ** 2 / count, 0.0) ** 0.5
        runs = sum(map(len, several))
        found.append(Spread(recipe, setting, runs, len(several), seeds, draws, count))
    return found


def grouped(numbers: Sequence[Number]) -> dict[tuple[Recipe, Setting], list[Number]]:
    """The numbers of trained VAEs by recipe and setting, the recipes in order."""
    trained = [each for each in numbers if each.recipe is not None]
    groups: dict[tuple[Recipe, Setting], list[Number]] = {}
    for number in sorted(trained, key=lambda each: each.recipe):  # type: ignore[arg-type,return-value]
        assert number.recipe is not None, "left out above"
        groups.setdefault((number.recipe, setting_of(number)), []).append(number)
    return groups


def pooled(groups: Sequence[Sequence[float]]) -> float:
    """The standard deviation within groups of two or more values, pooled."""
    squares = sum(float(np.square(np.subtract(g, np.mean(g))).sum()) for g in groups)
    freedom = sum(len(group) - 1 for group in groups)
    return float((squares / freedom) ** 0.5)
