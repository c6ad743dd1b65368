"""Numbers of one setting, and the recipes that have them."""

from collections.abc import Iterable, Sequence

from .numbers import Number
from .recipe import Recipe


def picked(numbers: Iterable[Number], **wanted: object) -> list[Number]:
    """The numbers whose fields have these values."""
    return [n for n in numbers if all(getattr(n, key) == value for key, value in wanted.items())]


def recipes(numbers: Sequence[Number], dataset: str, model: str = "") -> list[Recipe]:
    """The recipes on a dataset, the ones with the most runs first; model: its architecture."""
    found: dict[Recipe, set[str]] = {}
    for number in numbers:
        recipe = number.recipe
        if recipe and recipe.dataset == dataset and model in ("", recipe.model):
            found.setdefault(recipe, set()).add(number.run)
    return sorted(found, key=lambda recipe: (-len(found[recipe]), recipe))


def with_several_betas(numbers: Sequence[Number], dataset: str, model: str) -> list[Recipe]:
    """Those of `recipes` with two or more values of β."""
    found = recipes(numbers, dataset, model)
    return [recipe for recipe in found if len(betas_of(picked(numbers, recipe=recipe))) > 1]


def betas_of(numbers: Sequence[Number]) -> list[float]:
    """The values of β, ascending."""
    return sorted({number.beta for number in numbers if number.beta is not None})


def beside(numbers: Sequence[Number], recipe: Recipe, baseline: str) -> list[Number]:
    """The numbers of a baseline on the recipe's images."""
    return picked(numbers, baseline=baseline, dataset=recipe.dataset, source=recipe.source)
