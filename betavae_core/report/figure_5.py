"""The paper's Figure 5: posterior codes of ground-truth traversals, drawn and in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..beta import beta_text
from ..datasets.titles import dataset_title
from ..embedding.svg import Drawn, embedding_svg
from ..pictures.colours import FACTOR_COLOURS
from ..presets import ONE_PASS
from ..scoring.star import NUMBERS, measured_star
from ..store import Run
from .recipe import Recipe, recipe_of
from .table import UNKNOWN, Table

NAME = "figure-5"
SIDE = 300  # pixels of a panel


@dataclass(frozen=True)
class Drawing:
    """A picture as SVG; name: of its file, without the ending."""

    name: str
    title: str
    caption: str
    svg: str


Stars = dict[Recipe, dict[float, list[dict[str, Any]]]]  # recipe → β → records


def _stars(runs: Sequence[Run]) -> Stars:
    """The stored stars of trained VAEs; on each dataset the recipe with the most β first, of these
    the longest."""
    found: Stars = {}
    for run in runs:
        recipe, record = recipe_of(run), measured_star(run)
        if recipe is not None and record is not None and run.config.beta is not None:
            of_run = {**record, "seed": run.config.seed}
            found.setdefault(recipe, {}).setdefault(run.config.beta, []).append(of_run)
    order = list(ONE_PASS)

    def rank(recipe: Recipe) -> tuple[Any, ...]:
        known = recipe.dataset in order
        place = order.index(recipe.dataset) if known else len(order)
        return place, recipe.dataset, -len(found[recipe]), -recipe.images, recipe

    return {recipe: dict(sorted(found[recipe].items())) for recipe in sorted(found, key=rank)}


def figure_5(runs: Sequence[Run]) -> Table:
    """The numbers of the stars: medians over seeds."""
    rows = []
    for recipe, by_beta in _stars(runs).items():
        for beta, records in by_beta.items():
            seeds = sorted({record["seed"] for record in records})
            shown = np.median([sum(record["explained"][:2]) for record in records])
            rows.append(
                [
                    *(dataset_title(recipe.dataset), beta_text(beta)),
                    *(_median(records, name) for name in NUMBERS),
                    f"{100 * shown:.0f} %",
                    f"{len(seeds)} ({', '.join(map(str, seeds))})",
                    recipe.title,
                ]
            )
    return Table(
        NAME,
        "Figure 5: posterior codes of ground-truth traversals",
        ["dataset", "model", "spread", "posterior σ", "nearest code", "nearest code, in posterior "
         "σ", "variance shown", "seeds", "trained"],
        rows,
        "One factor at a time through all its values, from the image with the median of every "
        "factor. Medians over seeds. Spread: root mean variance of the posterior means over "
        "latents; nearest code: the median distance from a code to the nearest other one; both "
        "in standard deviations of the prior. In posterior σ: the same in units of the code's own "
        "posterior standard deviation; below 2 posteriors overlap. Variance shown: by the two "
        "principal components of the pictures. The paper in words: codes are sparse and regular "
        "at a low β, and dense near the mean at a high one.",
    )  # fmt: skip


def _median(records: Sequence[dict[str, Any]], name: str) -> str:
    values = [record["numbers"][name] for record in records]
    known = [value for value in values if value is not None]  # None: every code is the same
    return f"{np.median(known):.3g}" if known else UNKNOWN


def drawings_5(runs: Sequence[Run]) -> list[Drawing]:
    """A picture for each dataset: a panel for each β, of the first seed."""
    found: dict[str, Drawing] = {}
    for recipe, by_beta in _stars(runs).items():
        if recipe.dataset in found:
            continue
        first = {beta: min(records, key=lambda r: r["seed"]) for beta, records in by_beta.items()}
        panels = {
            beta_text(beta): [
                Drawn(name, FACTOR_COLOURS[k % len(FACTOR_COLOURS)], np.array(points))
                for k, (name, points) in enumerate(record["points"].items())
            ]
            for beta, record in first.items()
        }
        seeds = sorted({record["seed"] for record in first.values()})
        found[recipe.dataset] = Drawing(
            f"{NAME}-{recipe.dataset}",
            f"Figure 5: {dataset_title(recipe.dataset)}",
            f"Posterior means on their first two principal components, one colour for each "
            f"factor; {recipe.title}, seed {', '.join(map(str, seeds))}.",
            embedding_svg(panels, side=SIDE),
        )
    return list(found.values())
