"""All scores of one run beside those of simple baselines."""

import pandas as pd

from betavae_core import plots
from betavae_core.pictures.colours import ACCENT
from betavae_core.store import Run
from betavae_core.tables.scores import SHOWN_SCORES
from pages._ui.charts import chart


def profile(run: Run, rows: pd.DataFrame) -> None:
    """All scores of the run beside those of an untrained encoder and PCA."""
    here = rows[rows["run"] == run.name]
    values: dict[str, float | None] = {}
    marks: dict[str, dict[str, float]] = {"untrained": {}, "PCA": {}}
    lines = [("higgins", subset) for subset in ("all", "no-shape")]
    lines += [(score, "all") for score in SHOWN_SCORES if score not in ("higgins", "mig_exact")]
    for score, subset in lines:
        at = rows[(rows["score"] == score) & (rows["subset"] == subset)]
        if score == "higgins":
            at = at[(at["classifier"] == "linear") & (at["L"] == 64)]
            if at.empty and subset == "no-shape":
                continue
        label = SHOWN_SCORES[score][0]
        if score == "higgins":
            count = int(at["factors"].iloc[0]) if len(at) else 0
            label += f", {count} factors" if count else ""
        mine = at[at["run"] == run.name]
        values[label] = float(mine["value"].iloc[0]) if len(mine) else None
        for name, kind in (("untrained", "untrained"), ("PCA", "pca")):
            other = at[at["baseline"] == kind]["value"]
            if len(other):
                marks[name][label] = float(other.median())
    chart(
        plots.score_profile(values, marks, ACCENT),
        "profile",
        "All scores lie in [0, 1]; higher is better. Marks: an untrained encoder and PCA on the "
        "same images." + ("" if len(here) else " No score is computed yet for this model."),
    )
