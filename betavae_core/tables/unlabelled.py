"""UDR, which needs no labels, beside a score that needs them."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from ..store import Run
from .distances import correlation

COLUMNS = ["run", "objective", "label", "beta", "seed", "udr", "value", "images", "models"]


def udr_rows(rows: pd.DataFrame, runs: Sequence[Run]) -> pd.DataFrame:
    """The largest set of runs whose UDR was measured among each other, one row per run.

    rows: of one score and setting (`scores.score_rows`). Columns: run, objective, label (for
    people), beta, seed, udr (in 0 … 0.9, higher is better), value (of the score; NaN if not
    computed), images (that UDR encoded), models (their number). Empty without records of UDR.
    """
    latest = {}
    for run in runs:
        for record in run.valid_scores:
            if record["score"] == "udr":
                latest[run.name] = record
    sets = Counter(
        frozenset([name, *record["settings"]["others"]]) for name, record in latest.items()
    )
    whole = [(len(names), sorted(names)) for names, count in sets.items() if count == len(names)]
    chosen = max(whole, default=(0, []))[1]
    scored = dict(zip(rows["run"], rows["value"], strict=True))
    found = [
        {
            "run": run.name,
            "objective": run.config.objective,
            "label": run.config.beta_words,
            "beta": run.config.beta,
            "seed": run.config.seed,
            "udr": latest[run.name]["value"],
            "value": scored.get(run.name),
            "images": latest[run.name]["settings"]["images"],
            "models": len(chosen),
        }
        for run in runs
        if run.name in chosen
    ]
    table = pd.DataFrame(found, columns=COLUMNS)
    table = table.astype(dict.fromkeys(("beta", "udr", "value"), float))
    return table.sort_values(["objective", "beta", "seed"], ignore_index=True)


def rank_correlation(rows: pd.DataFrame) -> float | None:
    """Spearman's correlation of UDR and the score, in −1 … 1; None for fewer than three models or
    if one of them does not vary."""
    both = correlation(rows["udr"].tolist(), rows["value"].tolist())
    return None if both is None else both[1]
