"""The numbers that a group of a claim means, within one recipe."""

import operator
from collections.abc import Sequence

from ..beta import beta_number
from .claims import USUAL, Claim, Group
from .numbers import Number
from .recipe import Recipe, baselines_on

COMPARE = {">=": operator.ge, "<=": operator.le}


def numbers_of(numbers: Sequence[Number], score: str, group: Group, recipe: Recipe) -> list[Number]:
    """One number per run: of trained VAEs of this recipe, or of baselines on the same images."""
    mine = [each for each in numbers if _belongs(each, group, recipe)]
    found = [each for each in mine if each.score == score]
    for limit in group.limits:
        inside = {
            each.run
            for each in mine
            if each.score == limit.score and COMPARE[limit.sign](each.value, limit.value)
        }
        found = [each for each in found if each.run in inside]
    return found


def _belongs(number: Number, group: Group, recipe: Recipe) -> bool:
    """Whether a number has the runs and the setting of a group; a number without such a setting has
    any."""
    if group.baseline:
        if (number.dataset, number.source) != (recipe.dataset, recipe.source):
            return False
    elif number.recipe != recipe or group.value("model") not in (None, recipe.model):
        return False
    beta = group.value("beta")
    return (
        number.baseline == group.baseline
        and beta in (None, beta_number(number.beta))
        and number.L in (None, int(group.value("L") or USUAL["L"]))
        and number.classifier in (None, group.value("classifier") or USUAL["classifier"])
        and number.factors in (None, group.value("factors") or USUAL["factors"])
        and number.mode in (None, group.value("mode") or USUAL["mode"])
        and group.value("features") in (None, number.features)
    )


def recipes_of(numbers: Sequence[Number], claim: Claim) -> list[Recipe]:
    """The recipes on the claim's dataset; for a claim about baselines alone, one for each source
    of the images."""
    here = [each for each in numbers if each.dataset == claim.dataset]
    if all(group.baseline for group in claim.groups):
        return [baselines_on(claim.dataset, source) for source in sorted({e.source for e in here})]
    return sorted({each.recipe for each in here if each.recipe is not None})
