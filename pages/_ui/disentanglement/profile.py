"""All scores of one run beside those of simple baselines."""

from itertools import product

import pandas as pd

from betavae_core import plots, sentences
from betavae_core.datasets import dataset_title
from betavae_core.pictures.colours import ACCENT
from betavae_core.store import Run
from betavae_core.store.labels import run_words
from betavae_core.tables.scores import SCALED, SHOWN_SCORES
from pages._ui.charts import chart, drawn
from pages._ui.kept import kept

# one bar for each score: the others say the same on another scale, or on all images
PROFILE = [score for score in SHOWN_SCORES if score not in ("mig_exact", *SCALED)]


BESIDE = {"untrained": "an untrained encoder", "pca": "PCA"}  # baseline → name in sentences
MARKS = {"untrained": "untrained", "pca": "PCA"}  # and in the legend

Reaches = dict[str, dict[str, tuple[float, float]]]


def beside_baselines(
    run: str, rows: pd.DataFrame
) -> tuple[dict[str, float | None], dict[str, dict[str, float]], Reaches]:
    """By title of a score: the value of the run of this name (None: not computed), and for each
    baseline the medians over its random seeds, and its lowest and highest seed."""
    values: dict[str, float | None] = {}
    marks: dict[str, dict[str, float]] = {name: {} for name in MARKS.values()}
    reaches: Reaches = {name: {} for name in BESIDE.values()}
    usual = rows[rows["usual"].astype(bool)]
    for score, subset in product(PROFILE, ("all", "no-shape")):
        every = usual[usual["score"] == score]
        at = every[every["subset"] == subset]
        if at.empty and subset != "all":
            continue
        label = SHOWN_SCORES[score][0]
        if every["subset"].nunique() > 1:
            label += f", {int(at['factors'].iloc[0])} factors"
        mine = at[at["run"] == run]
        values[label] = float(mine["value"].iloc[0]) if len(mine) else None
        for kind in BESIDE:
            other = at[(at["baseline"] == kind) & (at["run"] != run)]["value"]
            if len(other):
                marks[MARKS[kind]][label] = float(other.median())
                reaches[BESIDE[kind]][label] = float(other.min()), float(other.max())
    return values, marks, reaches


def lacking(values: dict[str, float | None]) -> str:
    """Why there is nothing to compare."""
    if any(value is not None for value in values.values()):
        return "No baseline is scored on these images, so there is nothing to compare with."
    return "No score is computed yet for this model."


def profile(run: Run, rows: pd.DataFrame) -> None:
    """All scores of the run beside those of an untrained encoder and PCA."""
    values, marks, reaches = kept(beside_baselines, run.name, rows)
    about = rows[rows["run"] == run.name]
    on = (
        f"{about['images'].iloc[0]:,} images of {dataset_title(run.config.dataset)} "
        f"({about['source'].iloc[0]})"
        if len(about)
        else "no score is computed yet for this model"
    )
    chart(
        drawn(plots.score_profile, values, marks, ACCENT),
        "profile",
        f"{run_words(run)}: {on}. All scores lie in [0, 1]; higher is better. Marks: an untrained "
        "encoder and PCA on the same images, medians over their seeds. Two scores count as "
        "different if the model's lies outside of what the baseline's seeds reach.",
        says=sentences.profile_beside(values, reaches) or lacking(values),
    )
