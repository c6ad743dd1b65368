"""Visible against measured: the number of factors with one clean latent beside Higgins' metric, for
each run on 2Dshapes; the paper's third finding."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import plotly.graph_objects as go

from ..datasets.titles import dataset_title
from ..plots.clean_over_score import Mark, clean_over_score
from ..tables import paper
from ..tables.clean_factors import RULE
from ..tables.distances import correlation
from ..tables.scores import BASELINE_TITLES
from .numbers import Number
from .picked import picked
from .recipe import Recipe
from .table import Table

DATASET = "2dshapes"
HIGH = 0.95  # of Higgins' metric: a nearly perfect score
STEPS = (0.0, 0.8, 0.9, HIGH, 0.99)  # of the score: where the rows of the table begin
BESIDE = ("pca", "ica", "oracle", "rotated")  # the baselines in the chart
SEEN, FACTORS = paper.CLEAN_FACTORS


@dataclass(frozen=True)
class Point:
    """A run with both numbers."""

    run: str
    recipe: Recipe | None  # None: a baseline
    baseline: str
    beta: float | None
    score: float  # Higgins' metric, four factors, in [0, 1]
    clean: int  # factors with one clean latent, of `FACTORS`


def visible_points(numbers: Sequence[Number]) -> list[Point]:
    """The runs on 2Dshapes that have both numbers, the lowest score first: Higgins' metric without
    shape (linear classifier, L = 64, mode corrected), as in the paper's Figure 4."""
    here = picked(numbers, dataset=DATASET)
    setting = {"classifier": "linear", "L": 64, "factors": "no-shape", "mode": "corrected"}
    scores = {n.run: n.value for n in picked(here, score="higgins", **setting)}
    points = [
        Point(n.run, n.recipe, n.baseline, n.beta, scores[n.run], round(n.value * FACTORS))
        for n in picked(here, score="clean")
        if n.run in scores
    ]
    return sorted(points, key=lambda point: (point.score, point.run))


def trained(points: Sequence[Point]) -> list[Point]:
    """Those of trained VAEs."""
    return [point for point in points if not point.baseline]


def visible_says(points: Sequence[Point]) -> str:
    """What the points show, in one sentence."""
    known = trained(points)
    high = [point.clean for point in known if point.score >= HIGH]
    if not high:
        return (
            f"No model on {dataset_title(DATASET)} scores {HIGH:.0%} or more: nothing to compare."
        )
    most = max(high)
    nearly = f"Of {_models(len(high))} with {HIGH:.0%} or more by Higgins' metric"
    if most == FACTORS:
        every = sum(count == FACTORS for count in high)
        said = f"{nearly}, {every} {'has' if every == 1 else 'have'} all {FACTORS} factors clean"
    else:
        none = sum(count == 0 for count in high)
        said = (
            f"{nearly}, none has more than {most} of {FACTORS} factors with one clean latent, "
            f"and {none} {'has' if none == 1 else 'have'} none"
        )
    ranked = correlation([p.score for p in known], [float(p.clean) for p in known])
    if ranked is None:
        return f"{said}."
    return (
        f"{said}; over all {len(known)} models the two have a rank correlation of {ranked[1]:.2f}."
    )


def visible_how(points: Sequence[Point]) -> str:
    """How both numbers were measured."""
    sources = sorted({point.recipe.source for point in points if point.recipe})
    return (
        f"A point for each run on {dataset_title(DATASET)} ({', '.join(sources)} images), moved "
        "up or down a little where several would cover one another; diamonds are baselines: PCA, "
        "ICA, the true factors as codes, and these after a random rotation. "
        "Higgins' metric: four factors (all but shape), linear classifier, L = 64, 1,000 training "
        f"and 5,000 test points, five draws. {RULE}. The rule finds the right number for true "
        "factors, with noise or without, missing, duplicated, mixed in pairs, and turned into one "
        "another by up to 20° or by 30° and more. Rank correlation: Spearman's, trained VAEs alone."
    )


def visible_table(numbers: Sequence[Number]) -> Table:
    """How many trained VAEs have how many clean factors, by steps of the score."""
    points = trained(visible_points(numbers))
    rows = []
    for low, high in pairwise([*STEPS, float("inf")]):
        counts = [p.clean for p in points if low <= p.score < high]
        name = f"{low:.0%} or more" if high > 1 else f"{low:.0%} to below {high:.0%}"
        cells = [str(counts.count(clean)) for clean in range(FACTORS + 1)]
        rows.append([name, *cells, str(len(counts))])
    return Table(
        "visible",
        "Visible against measured: clean factors beside the score, 2Dshapes",
        ["Higgins' metric", *(f"{clean} clean" for clean in range(FACTORS + 1)), "runs"],
        rows if points else [],
        f"**{visible_says(points)}** Numbers of runs, trained VAEs. {visible_how(points)} The "
        f"paper sees about {SEEN} of {FACTORS} in its pictures. The page Findings draws it.",
    )


def visible_chart(points: Sequence[Point]) -> go.Figure:
    """Both numbers of every trained VAE, and of the baselines of the paper and the true factors."""
    marks = [
        Mark(
            point.run,
            point.score,
            point.clean,
            point.beta,
            BASELINE_TITLES[point.baseline] if point.baseline else _kind(point),
        )
        for point in points
        if point.baseline in ("", *BESIDE)
    ]
    return clean_over_score(marks, FACTORS, HIGH)


def _kind(point: Point) -> str:
    """The architecture and the length of training."""
    assert point.recipe is not None, "a trained VAE has a recipe"
    return f"{point.recipe.architecture}, {point.recipe.length}"


def _models(count: int) -> str:
    return f"{count} model" + "s" * (count != 1)
