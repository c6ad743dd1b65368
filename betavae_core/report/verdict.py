"""The verdict on a claim, by one rule."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..beta import beta_number
from ..datasets.titles import TITLES as DATASETS
from ..datasets.titles import dataset_title
from ..errors import unknown_name
from .bootstrap import RESAMPLES, Bootstrap, interval, statistic
from .claims import Claim, Group, Side
from .groups import numbers_of, recipes_of
from .numbers import Number
from .recipe import Recipe

LEVEL = 0.95
REPRODUCED, PARTLY, NOT = "reproduced", "partly reproduced", "not reproduced"
CANNOT_TELL, NOT_COMPARABLE, NOT_COMPUTED = "cannot tell", "not comparable", "not computed"
VERDICTS = (REPRODUCED, PARTLY, NOT, CANNOT_TELL, NOT_COMPARABLE, NOT_COMPUTED)

RULE = (
    "A claim compares a statistic over seeds of two groups of runs of one recipe (dataset, source "
    "of the data, architecture, training length and all other settings except β and the seed), or "
    "of a group and a number. Baselines, which have no training length, stand beside every recipe. "
    f"The claim's probability is its share among {RESAMPLES:,} resamples of a hierarchical "
    "bootstrap over seeds and draws. *Reproduced*: every comparison of the claim holds in 95 % of "
    "the resamples, all at once. *Not reproduced*: a comparison holds in 5 % or less, and none "
    "in 95 % or more. *Partly reproduced*: some comparisons hold in 95 % or more, but not all at "
    "once. *Cannot tell*: anything else, and whenever a group has no β (or kind of baseline) with "
    "two or more seeds, since it then says nothing of the spread over seeds; a β with one run in a "
    "group with others is taken to spread over seeds as these do. *Not "
    "comparable*: the runs lack what the claim needs (data, features, training length). If several "
    "recipes have the runs, the one that meets the needs is judged; among these one with two "
    "or more seeds in each group; among these the longest training; then the one with the most "
    "runs. The others are listed, never mixed in. With a few seeds the bootstrap is somewhat too "
    "sure: the table *Error rate of the rule for verdicts* says by how much."
)


@dataclass(frozen=True)
class Measured:
    """One side of a comparison."""

    name: str  # for people
    value: float
    low: float  # of the 95 % interval; the value itself for a number
    high: float
    runs: tuple[str, ...] = ()  # empty for a number
    seeds: tuple[int, ...] = ()
    repeated: bool = False  # whether a β or a kind of baseline has two or more seeds
    values: tuple[float, ...] = ()  # of the runs; of a change none
    measured: str = ""  # on what
    features: str = ""  # of a distance


@dataclass(frozen=True)
class Comparison:
    """A claim's statistic of two sides, and the probability of the claimed order."""

    left: Measured
    right: Measured
    probability: float


@dataclass(frozen=True)
class Evidence:
    """What the runs of one recipe say of a claim."""

    recipe: Recipe
    verdict: str
    why: str
    comparisons: tuple[Comparison, ...]
    probability: float | None  # of all comparisons at once; None: not judged

    @property
    def runs(self) -> int:
        """The number of different runs on both sides."""
        sides = [side for each in self.comparisons for side in (each.left, each.right)]
        return len({name for side in sides for name in side.runs})


@dataclass(frozen=True)
class Judged:
    """A claim, its verdict with the reason, the evidence that decides and that of other recipes."""

    claim: Claim
    verdict: str
    why: str
    evidence: Evidence | None
    others: tuple[Evidence, ...] = ()


def judge_all(claims: Sequence[Claim], numbers: Sequence[Number]) -> list[Judged]:
    """The verdict on each claim; numbers: of `numbers.numbers`."""
    return [judge(claim, numbers) for claim in claims]


def judge(claim: Claim, numbers: Sequence[Number]) -> Judged:
    """The verdict by this rule.

    For each recipe with runs for every group, each comparison of the claim has the probability
    p = share of resamples (`Bootstrap`) in which the left side is on the claimed side of the right
    one (½ for a tie), and the claim the share in which all are. p ≥ 0.95 for all at once:
    reproduced. Otherwise, with a comparison at p ≤ 0.05 and none at p ≥ 0.95: not reproduced; with
    one at p ≥ 0.95: partly; else: cannot tell. A group without two seeds of one β (of a baseline:
    two fits) cannot tell. A recipe that lacks what the claim needs is not comparable. `RULE` says
    which recipe decides. Raises `InputError` for a dataset that is neither known nor in the table.
    """
    known = [*DATASETS, *sorted({each.dataset for each in numbers} - set(DATASETS))]
    if claim.dataset not in known:
        raise unknown_name("dataset", claim.dataset, known)
    scores = {claim.score, *(limit.score for group in claim.groups for limit in group.limits)}
    numbers = [n for n in numbers if n.dataset == claim.dataset and n.score in scores]
    found = [each for r in recipes_of(numbers, claim) if (each := _evidence(claim, numbers, r))]
    if not found:
        why = (
            f"No runs on {dataset_title(claim.dataset)} that were trained alike have the numbers "
            "of both sides."
        )
        return Judged(claim, NOT_COMPUTED, why, None)

    def rank(each: Evidence) -> tuple[bool, bool, int, int]:
        told = each.probability is not None
        return each.verdict != NOT_COMPARABLE, told, each.recipe.images, each.runs

    found.sort(key=rank, reverse=True)
    return Judged(claim, found[0].verdict, found[0].why, found[0], tuple(found[1:]))


def _evidence(claim: Claim, numbers: Sequence[Number], recipe: Recipe) -> Evidence | None:
    """None if a group has no runs of this recipe."""
    rights = _right_sides(claim, numbers, recipe)
    bootstrap, compared, held = Bootstrap(), [], []
    for right in rights:
        sides = [_side(claim, numbers, recipe, side, bootstrap) for side in (claim.left, right)]
        if sides[0] is None or sides[1] is None:
            return None
        (one, ones), (two, twos) = sides[0], sides[1]
        ahead = np.sign(ones - twos) * (1 if claim.sign == ">" else -1)
        held.append((ahead + 1) / 2)
        compared.append(Comparison(one, two, float(held[-1].mean())))
    if not compared:
        return None
    evidence = Evidence(recipe, "", "", tuple(compared), float(np.min(held, axis=0).mean()))
    if lacking := _lacks(claim, recipe, compared):
        return replace(evidence, verdict=NOT_COMPARABLE, why=lacking)
    groups = [side for each in compared for side in (each.left, each.right) if side.runs]
    if few := [side for side in groups if not side.repeated]:
        have = "have" if few[0].name.startswith("VAEs") else "has"
        each = "" if len(set(few[0].seeds)) < 2 else " of each model"
        why = f"{few[0].name} {have} one seed{each}; two or more are needed to tell."
        return replace(evidence, verdict=CANNOT_TELL, why=why, probability=None)
    verdict, why = _decided(compared, evidence.probability or 0.0)
    return replace(evidence, verdict=verdict, why=why)


def _decided(compared: Sequence[Comparison], together: float) -> tuple[str, str]:
    several = len(compared)
    held = any(each.probability >= LEVEL for each in compared)
    failed = any(each.probability <= 1 - LEVEL for each in compared)
    said = f"probability {together:.3f}" + f" for all {several} at once" * (several > 1)
    if together >= LEVEL:
        return REPRODUCED, said
    if failed and not held:
        return NOT, said
    if held:
        missed = ", ".join(
            f"{c.right.name} ({c.probability:.3f})" for c in compared if c.probability < LEVEL
        )
        return PARTLY, f"{said}; {f'not against {missed}' if missed else 'each of them alone'}"
    return CANNOT_TELL, said


def _right_sides(claim: Claim, numbers: Sequence[Number], recipe: Recipe) -> list[Side]:
    """The right side; each other β of the recipe for "other betas"."""
    if not claim.right.others:
        return [claim.right]
    group = claim.left.group
    assert group is not None, "checked when the claim was read"
    conditions = dict(group.conditions)
    own = conditions.pop("beta")
    every = replace(group, conditions=tuple(sorted(conditions.items())))
    found = numbers_of(numbers, claim.score, every, recipe)
    betas = {beta_number(each.beta) for each in found if each.beta is not None}
    return [
        Side(group=replace(group, words=f"beta={beta}", conditions=_with_beta(conditions, beta)))
        for beta in sorted(betas - {own}, key=float)
    ]


def _with_beta(conditions: dict[str, str], beta: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({**conditions, "beta": beta}.items()))


def _side(
    claim: Claim, numbers: Sequence[Number], recipe: Recipe, side: Side, bootstrap: Bootstrap
) -> tuple[Measured, np.ndarray] | None:
    """What was measured, and the statistic in every resample; None without runs."""
    if side.number is not None:
        at = side.number
        return Measured(f"{at:g}", at, at, at), np.array([at])
    assert side.group is not None, "other betas are replaced before"
    found = _group(claim, numbers, recipe, side.group, bootstrap)
    if side.less is None or found is None:
        return found
    less = _group(claim, numbers, recipe, side.less, bootstrap)
    if less is None:
        return None
    (one, ones), (two, twos) = found, less
    change = ones - twos
    low, high = interval(change)
    runs, seeds = (*one.runs, *two.runs), (*one.seeds, *two.seeds)
    name = f"{one.name} − {two.name}"
    repeated = one.repeated and two.repeated
    value = one.value - two.value
    return Measured(
        name, value, low, high, runs, seeds, repeated, (), one.measured, one.features
    ), change


def _group(
    claim: Claim, numbers: Sequence[Number], recipe: Recipe, group: Group, bootstrap: Bootstrap
) -> tuple[Measured, np.ndarray] | None:
    found = numbers_of(numbers, claim.score, group, recipe)
    if not found:
        return None
    strata: dict[str, dict[str, Sequence[float]]] = {}
    seeds: dict[str, set[int]] = {}
    for each in found:
        kind = each.baseline or f"{each.beta:g}"
        strata.setdefault(kind, {})[each.run] = each.draws
        seeds.setdefault(kind, set()).add(each.seed)
    resampled = statistic(claim.statistic, bootstrap.values(strata))
    values = tuple(each.value for each in found)
    measured = Measured(
        group.title,
        float(statistic(claim.statistic, np.array(values))),
        *interval(resampled),
        tuple(each.run for each in found),
        tuple(each.seed for each in found),
        max(map(len, seeds.values())) > 1,
        values,
        found[0].measured,
        found[0].features or "",
    )
    return measured, resampled


def _lacks(claim: Claim, recipe: Recipe, compared: Sequence[Comparison]) -> str:
    """What the claim needs and these runs do not have, as a sentence; "" if nothing."""
    for need in claim.needs:
        if need.startswith("passes>="):
            least, have = float(need.removeprefix("passes>=")), recipe.passes
            if not recipe.images:
                return f"Baselines have no training; the claim needs {least:g} passes or more."
            if have is None or have < least:
                return f"Trained for {recipe.length}; the claim needs {least:g} passes or more."
        elif need.startswith("source="):
            wanted = need.removeprefix("source=")
            if recipe.source != wanted:
                return f"Measured on {recipe.source} images; the claim needs {wanted} ones."
        else:
            wanted = need.removeprefix("features=")
            sides = [side for each in compared for side in (each.left, each.right) if side.runs]
            if other := [side for side in sides if side.features != wanted]:
                return (
                    f"Measured with other features ({other[0].measured}); the claim needs {wanted}."
                )
    return ""
