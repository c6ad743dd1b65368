"""What chance does to the scores, as tables: sources of spread, power, error rates, lengths."""

from collections.abc import Callable, Sequence

import numpy as np

from ..beta import beta_text
from ..datasets.titles import dataset_title
from .numbers import Number
from .paper_tables import values
from .picked import betas_of, picked, recipes
from .power import MOST, PLAIN, WANTED, Contrast, contrasts, seeds_needed
from .recipe import Recipe
from .simulated import called_different, rule_error
from .spread import Spread, spreads
from .table import UNKNOWN, Table, percent

SEEDS_SIMULATED = (4, 6, 10, 20)
RULE_SEEDS = (2, 3, 4, 5, 10)
EFFECTS = (0.0, 1.0, 2.0)
SCORES_OVER_LENGTH = ("higgins", "mig", "dci")


def chance_tables() -> dict[str, tuple[str, Callable[[Sequence[Number]], Table]]]:
    """Every table of this module but those of lengths: name → title and maker. Some take half a
    second to simulate."""
    return {
        "spread": ("Sources of spread", spread_table),
        "power": ("Seeds that would tell two β apart", power_table),
        "worst-half": ("Dropping the worse half of the seeds", dropping_table),
        "rule": ("Error rate of the rule for verdicts", rule_table),
    }


def spread_table(numbers: Sequence[Number]) -> Table:
    """Standard deviations over seeds, draws of points and classifier seeds."""
    return Table(
        "spread",
        "Sources of spread",
        [
            *("trained", "dataset", "score", "runs", "over seeds", "of one draw"),
            *("seeds' share of the variance", "classifier seeds"),
        ],
        [_spread(each) for each in spreads(numbers)],
        "Standard deviations in points (1 point is 0.01 of a score), pooled over the values of β "
        "with two or more seeds. A value of Higgins' metric is a mean of five draws; each draw has "
        "new points and a new classifier seed, so that the two are apart only for logistic "
        "regression, whose fit has no seed. All runs are scored with the same draws. Of the other "
        "scores one draw is stored: their spread over seeds contains that of the draw.",
    )


def _spread(each: Spread) -> list[str]:
    share = each.share_of_seeds
    return [
        *(each.recipe.title, dataset_title(each.recipe.dataset), each.setting.title),
        *(str(each.runs), percent(each.seeds)),
        UNKNOWN if each.draws is None else percent(each.draws),
        UNKNOWN if share is None else f"{share:.1%}",
        each.classifier,
    ]


def power_table(numbers: Sequence[Number]) -> Table:
    """The number of seeds that tells two β apart."""
    found = contrasts(numbers)
    low, high = (found[0].low, found[0].high) if found else (1.0, 4.0)
    return Table(
        "power",
        f"Seeds that would tell β = {high:g} from β = {low:g}",
        [
            *("trained", "dataset", "score", "difference", "spread over seeds", "seeds now"),
            *("seeds needed", "its interval", f"seeds needed for {100 * PLAIN:g} points"),
        ],
        [_contrast(each) for each in found],
        f"Student's t-test, two-sided at 5 %, power {WANTED:.0%}, with as many seeds for each β; "
        "difference of the means (higher β less lower β) and standard deviation over seeds in "
        "points, as measured. The interval is that of the standard deviation alone (χ², 95 %): "
        "the difference itself is as uncertain, so that a number of seeds is a plan, not a "
        "finding.",
    )


def _contrast(each: Contrast) -> list[str]:
    def spelled(count: int | None) -> str:
        return f"more than {MOST:,}" if count is None else str(count)

    low, high = each.needed_reach
    return [
        *(each.recipe.title, dataset_title(each.recipe.dataset), each.setting.title),
        *(f"{100 * each.difference:+.2f}", percent(each.spread), " + ".join(map(str, each.counts))),
        *(spelled(each.needed), f"{spelled(low)} … {spelled(high)}"),
        spelled(seeds_needed(PLAIN, each.spread)),
    ]


def dropping_table(_: Sequence[Number] = ()) -> Table:
    """What dropping the worse half of the seeds does to a test."""
    rows = [
        [
            str(seeds),
            f"{effect:g}",
            *(f"{called_different(seeds, effect, half):.1%}" for half in (False, True)),
        ]
        for seeds in SEEDS_SIMULATED
        for effect in EFFECTS
    ]
    return Table(
        "worst-half",
        "Dropping the worse half of the seeds",
        ["seeds of each β", "true difference, in standard deviations", "all seeds", "better half"],
        rows,
        "How often Welch's t-test, two-sided at 5 %, calls two β different: 20,000 simulated "
        "experiments with normal values. At a difference of 0 this is the error rate, otherwise "
        "the power. Higgins et al. (2017) report the better half of their seeds.",
    )


def rule_table(_: Sequence[Number] = ()) -> Table:
    """How often the rule for verdicts errs."""
    rows = [[str(seeds), f"{rule_error(seeds):.1%}"] for seeds in RULE_SEEDS]
    return Table(
        "rule",
        "Error rate of the rule for verdicts",
        ["seeds in each group", "equal groups called reproduced"],
        rows,
        "1,000 simulated experiments with two groups of normal values of equal mean, 400 "
        "resamples each; an exact rule would err in 5 % of them. The rate holds for one claim "
        "with one comparison: among twenty such claims about equal groups, one is expected to be "
        "called reproduced.",
    )


def length_tables(numbers: Sequence[Number]) -> list[Table]:
    """Scores and ranks of β by the length of training."""
    usual = [
        n
        for n in numbers
        if n.recipe
        and n.score in SCORES_OVER_LENGTH
        and (n.L, n.classifier, n.factors) in ((None,) * 3, (64, "linear", "all"))
        and n.mode in (None, "corrected")
    ]
    tables = []
    for dataset in sorted({n.dataset for n in usual}):
        for model in sorted({r.model for r in recipes(usual, dataset)}):
            found = sorted(recipes(usual, dataset, model), key=lambda r: (r.images, r))
            if len({recipe.images for recipe in found}) > 1:
                tables.append(_lengths(usual, found))
    return tables


def _lengths(usual: Sequence[Number], found: Sequence[Recipe]) -> Table:
    names = {"higgins": "Higgins' metric", "mig": "MIG", "dci": "DCI disentanglement"}
    rows = []
    for score, title in names.items():
        cells = [_ranked(picked(usual, score=score, recipe=recipe)) for recipe in found]
        betas = sorted({beta for column in cells for beta in column})
        rows += [
            [title, beta_text(beta), *(column.get(beta, UNKNOWN) for column in cells)]
            for beta in betas
        ]
    first = found[0]
    return Table(
        f"length-{first.dataset}-{first.model}",
        f"Score and rank of β by training length: {first.architecture}, "
        f"{dataset_title(first.dataset)}",
        ["score", "model", *(recipe.title for recipe in found)],
        rows,
        "Median over seeds in % (number of seeds), and the rank of the β among those of the same "
        "training, 1 the highest. Higgins' metric: five factors, linear classifier, L = 64. With "
        "one seed a rank can be chance.",
    )


def _ranked(numbers: Sequence[Number]) -> dict[float, str]:
    medians = {
        beta: float(np.median(values(picked(numbers, beta=beta)))) for beta in betas_of(numbers)
    }
    order = sorted(medians, key=lambda beta: -medians[beta])

    def rank(beta: float) -> str:
        return f", rank {order.index(beta) + 1} of {len(order)}" if len(order) > 1 else ""

    return {
        beta: f"{percent(value)} ({len(picked(numbers, beta=beta))}){rank(beta)}"
        for beta, value in medians.items()
    }
