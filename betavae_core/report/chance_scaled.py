"""Scores on the scale from chance to perfect, beside the accuracies that they are made from."""

from collections.abc import Sequence

from ..beta import beta_text
from ..datasets.titles import dataset_title
from ..metrics.metric import beyond_chance
from ..tables.scores import BASELINE_TITLES
from .numbers import Number
from .picked import betas_of, picked, recipes, with_several_betas
from .recipe import Recipe, baselines_on
from .table import UNKNOWN, Table, mean_text, percent

COLUMNS = {  # title → the numbers
    "Higgins' metric, all factors": {"score": "higgins", "factors": "all"},
    "Higgins' metric, without shape": {"score": "higgins", "factors": "no-shape"},
    "FactorVAE score": {"score": "factor_vae"},
}


def chance_scaled_table(numbers: Sequence[Number]) -> Table:
    """Means over seeds of both scores of guesses, as accuracies and scaled; a row for each β of a
    recipe with several β, and for each baseline."""
    usual = [
        n
        for n in numbers
        if n.chance is not None
        and n.classifier in (None, "linear")
        and n.L in (None, 64)
        and n.mode in (None, "corrected")
    ]
    rows = []
    for dataset in sorted({n.dataset for n in usual}):
        models = {recipe.model for recipe in recipes(usual, dataset)}
        several = [r for model in sorted(models) for r in with_several_betas(usual, dataset, model)]
        for recipe in several:
            mine = picked(usual, recipe=recipe)
            rows += [_row(picked(mine, beta=b), recipe, beta_text(b)) for b in betas_of(mine)]
        for source in sorted({recipe.source for recipe in several}):
            beside = picked(usual, dataset=dataset, source=source, recipe=None)
            kinds = [kind for kind in BASELINE_TITLES if picked(beside, baseline=kind)]
            recipe = baselines_on(dataset, source)
            rows += [_row(picked(beside, baseline=k), recipe, BASELINE_TITLES[k]) for k in kinds]
    return Table(
        "chance-scaled",
        "Scores scaled from chance to perfect",
        ["dataset", "trained", "model", *COLUMNS],
        rows,
        "Means over seeds in %: the accuracy → the same as a share of what lies between chance, "
        "1 / (number of factors), and 100 %. With fewer factors guessing is right more often, so "
        "that accuracies over different numbers of factors cannot be compared. Linear classifier, "
        "L = 64, mode corrected; codes of all images.",
    )


def _row(mine: Sequence[Number], recipe: Recipe, name: str) -> list[str]:
    cells = [_cell(picked(mine, **wanted)) for wanted in COLUMNS.values()]
    return [dataset_title(recipe.dataset), recipe.title, name, *cells]


def _cell(mine: Sequence[Number]) -> str:
    """ "65.13 → 53.51": the mean as stored, and scaled."""
    if not mine:
        return UNKNOWN
    scaled = [beyond_chance(n.value, n.chance) for n in mine if n.chance is not None]
    mean = mean_text([n.value for n in mine])
    return f"{mean} → {percent(sum(scaled) / len(scaled))}"
