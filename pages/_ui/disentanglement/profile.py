"""All scores of one run beside those of simple baselines."""

from itertools import product

import pandas as pd

from betavae_core import plots
from betavae_core.pictures.colours import ACCENT
from betavae_core.store import Run
from betavae_core.tables.scores import SHOWN_SCORES
from pages._ui.charts import chart, drawn
from pages._ui.kept import kept

PROFILE = [score for score in SHOWN_SCORES if score != "mig_exact"]  # close to MIG


def beside_baselines(
    run: str, rows: pd.DataFrame
) -> tuple[dict[str, float | None], dict[str, dict[str, float]]]:
    """By title of a score: the value of the run of this name (None: not computed), and for each
    baseline the medians over its random seeds."""
    values: dict[str, float | None] = {}
    marks: dict[str, dict[str, float]] = {"untrained": {}, "PCA": {}}
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
        for name, kind in (("untrained", "untrained"), ("PCA", "pca")):
            other = at[at["baseline"] == kind]["value"]
            if len(other):
                marks[name][label] = float(other.median())
    return values, marks


def profile(run: Run, rows: pd.DataFrame) -> None:
    """All scores of the run beside those of an untrained encoder and PCA."""
    values, marks = kept(beside_baselines, run.name, rows)
    scored = any(value is not None for value in values.values())
    chart(
        drawn(plots.score_profile, values, marks, ACCENT),
        "profile",
        "All scores lie in [0, 1]; higher is better. Marks: an untrained encoder and PCA on the "
        "same images." + ("" if scored else " No score is computed yet for this model."),
    )
