"""The paper's Figures 4 to 10, as far as stored records have their numbers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..beta import beta_text
from ..datasets.titles import dataset_title
from ..store import Run
from ..tables import paper
from ..tables.clean_factors import RULE
from ..tables.scores import BASELINE_TITLES
from ..tables.training import training_rows
from .numbers import Number
from .paper_tables import values
from .picked import beside, betas_of, picked, recipes, with_several_betas
from .recipe import Recipe, recipe_of
from .table import UNKNOWN, Table, middle_text, percent, seeds_text

STEPS = (16, 64, 128, 256)


def figure_4(numbers: Sequence[Number]) -> Table:
    """How many factors have one clean latent, beside the score."""
    clean = picked(numbers, score="clean", baseline="", dataset="2dshapes")
    scores = picked(
        numbers, score="higgins", classifier="linear", L=64, factors="no-shape", mode="corrected"
    )
    rows = []
    for recipe in recipes(clean, "2dshapes"):
        for beta in betas_of(picked(clean, recipe=recipe)):
            mine = picked(clean, recipe=recipe, beta=beta)
            score = picked(scores, recipe=recipe, beta=beta)
            shares = sorted(percent(value) for value in values(mine))
            rows.append(
                [
                    *(beta_text(beta), middle_text(values(score)), middle_text(values(mine))),
                    *(", ".join(shares), seeds_text(mine), recipe.title),
                ]
            )
    few, all_of = paper.CLEAN_FACTORS
    return Table(
        "figure-4",
        "Figure 4: a high score beside clean latents, 2Dshapes",
        ["model", "Higgins' metric", "clean factors", "each run", "seeds", "trained"],
        rows,
        f"In %, medians over seeds. The paper sees about {few} of {all_of} factors cleanly in the "
        "traversals of models with nearly perfect scores. Ours: Higgins' metric on four factors, "
        f"and the share of the five factors with one clean latent. {RULE}. The traversals "
        "themselves are on the page Traversals.",
    )


def figure_6(numbers: Sequence[Number]) -> list[Table]:
    """The score over L, MLP VAE on 2Dshapes; one table for each recipe with several β."""
    scores = picked(numbers, score="higgins", classifier="linear", factors="all", mode="corrected")
    return [_figure_6(scores, recipe) for recipe in with_several_betas(scores, "2dshapes", "mlp")]


def _figure_6(scores: Sequence[Number], recipe: Recipe) -> Table:
    groups = {
        beta_text(beta): picked(scores, recipe=recipe, beta=beta)
        for beta in betas_of(picked(scores, recipe=recipe))
    }
    groups |= {BASELINE_TITLES[kind]: beside(scores, recipe, kind) for kind in ("pca", "ica")}
    rows = []
    for name, mine in groups.items():
        medians = [values(picked(mine, L=step)) for step in STEPS]
        rise = (
            percent(float(np.median(medians[-1]) - np.median(medians[0])))
            if medians[0] and medians[-1]
            else UNKNOWN
        )
        rows.append([name, *map(middle_text, medians), rise, seeds_text(mine)])
    return Table(
        f"figure-6-{recipe.images}-{recipe.batch_size}",
        f"Figure 6: the score over L, {recipe.title}",
        ["model", *(f"L = {step}" for step in STEPS), "rise", "seeds"],
        rows,
        f"Higgins' metric, accuracy in %, 2Dshapes ({recipe.source}), five factors, linear "
        "classifier, mode corrected: medians over seeds. The paper in words: scores rise with L, "
        "most for PCA and ICA, and models become hard to tell apart.",
    )


def figures_7_and_8(runs: Sequence[Run]) -> list[Table]:
    """The distance and the loss of reconstructions during the training on CIFAR."""
    tables = []
    for dataset in paper.TABLE_3:
        mine = [run for run in runs if run.config.dataset == dataset and recipe_of(run)]
        for recipe in sorted({recipe_of(run) for run in mine} - {None}, key=repr):
            inside = [run for run in mine if recipe_of(run) == recipe]
            table = training_rows(inside)
            table = pd.merge_asof(
                table[table["frechet"].notna()].drop(columns="nll").sort_values("images"),
                table[table["nll"].notna()][["run", "images", "nll"]].sort_values("images"),
                on="images",
                by="run",
            )
            if len(table) and recipe is not None:
                tables.append(_during(table, recipe))
    return tables


def _during(table: pd.DataFrame, recipe: Recipe) -> Table:
    steps = sorted(set(table["images"]))
    rows = []
    for name, column in (("FD", "frechet"), ("loss", "nll")):
        for beta in sorted(set(table["beta"])):
            here = table[table["beta"] == beta]
            medians = here.groupby("images")[column].median()
            cells = [f"{medians[step]:,.1f}" if step in medians else UNKNOWN for step in steps]
            rows.append([name, beta_text(beta), *cells, str(here["run"].nunique())])
    first = table.iloc[0]
    return Table(
        f"figures-7-and-8-{recipe.dataset}",
        f"Figures 7 and 8: distance and loss during training, {dataset_title(recipe.dataset)}",
        ["number", "model", *(f"{step:,} images" for step in steps), "seeds"],
        rows,
        f"{recipe.title}; medians over seeds. FD: of {first['made_images']:,.0f} reconstructions "
        f"to {first['reference_images']:,.0f} images, features {first['features']}; lower is "
        "better. Loss: nats per image, mean over the last logged interval. The paper's FID is on "
        "another scale; it finds that both move together.",
    )


def figures_9_and_10(runs: Sequence[Run]) -> list[tuple[str, Run]]:
    """Runs with stored pictures of reconstructions at β = 0.1 and β = 10, each with its title; one
    for each dataset of Table 3 and β, if there is one."""
    found = []
    for number, beta in ((9, 0.1), (10, 10.0)):
        for dataset in paper.TABLE_3:
            strips = [
                run
                for run in runs
                if (run.config.dataset, run.config.beta) == (dataset, beta)
                and recipe_of(run)
                and (run.path / "strip.png").exists()
            ]
            title = f"Figure {number}: {dataset_title(dataset)}, {beta_text(beta)}"
            found += [(title, run) for run in strips[:1]]
    return found
