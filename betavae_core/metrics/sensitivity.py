"""The sensitivity of Higgins' metric: the same tables under many settings (Fig 6, Table 2)."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd

from ..factors import FactorSpace
from .base import Record, check_codes
from .higgins import Setting, higgins_batch

Progress = Callable[[str, int, int], None]
COLUMNS = [
    "table", "L", "classifier", "factors", "draw", "score", "chance",
    "points", "test_points", "mode", "seed",
]  # fmt: skip


def sensitivity(
    tables: Mapping[str, tuple[np.ndarray, FactorSpace]],
    *,
    L: Sequence[int] = (16, 64, 128, 256),
    classifiers: Sequence[str] = ("linear",),
    factors: Sequence[str] = ("all",),
    points: int | None = None,
    test_points: int | None = None,
    draws: int = 1,
    seed: int = 0,
    mode: str = "corrected",
    progress: Progress = lambda what, done, total: None,
) -> pd.DataFrame:
    """Higgins' metric of every table at every combination of settings, one row per draw.

    tables: name → codes (space.size, D) and their space. Columns: table, L, classifier, factors,
    draw, score (accuracy in [0, 1], higher is better), chance, points, test_points, mode, seed.
    Each score equals that of `higgins` with the same settings, fitted in batches. progress receives
    the number of finished fits. Raises `InputError` as `higgins` does.
    """
    for name, (codes, space) in tables.items():
        check_codes(codes, space, f"Higgins' metric of {name}")
    work = [
        (name, Setting(pairs, points, test_points, classifier, subset, draws, mode, seed))
        for name, pairs, classifier, subset in product(tables, L, classifiers, factors)
    ]
    records = dict(
        higgins_batch([tables[name] for name, _ in work], [asked for _, asked in work], progress)
    )
    return tidy([(name, asked.factors, records[i]) for i, (name, asked) in enumerate(work)])


def tidy(found: Sequence[tuple[str, Any, Record]]) -> pd.DataFrame:
    """Records of `higgins`, each with the table's name and the chosen factors, as one row per draw;
    the columns are those of `sensitivity`."""
    rows = [
        {
            "table": name,
            "L": record.settings["L"],
            "classifier": record.settings["classifier"],
            "factors": factors,
            "draw": draw,
            "score": score,
            "chance": record.details["chance"],
            **{key: record.settings[key] for key in ("points", "test_points", "mode", "seed")},
        }
        for name, factors, record in found
        for draw, score in enumerate(record.details["per_draw"])
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def rank_agreement(scores: pd.DataFrame) -> pd.DataFrame:
    """Do the settings agree on which table is better? One row per pair of settings.

    scores: from `sensitivity`. Columns: first and second (settings as text), kendall (Kendall's τ
    of the tables' scores, averaged over draws; 1: the same order, −1: the reverse; NaN for fewer
    than two tables or if all tie) and same_best (whether the best table is the same).
    """
    from scipy.stats import kendalltau  # half a second that the first page saves

    keys = ["L", "classifier", "factors"]
    means = scores.groupby([*keys, "table"], sort=False)["score"].mean().unstack("table")
    texts = [f"L {pairs}, {classifier}, {subset}" for pairs, classifier, subset in means.index]
    values = means.to_numpy()
    found = [
        {
            "first": texts[a],
            "second": texts[b],
            "kendall": float(kendalltau(values[a], values[b]).statistic),
            "same_best": bool(values[a].argmax() == values[b].argmax()),
        }
        for a, b in combinations(range(len(values)), 2)
    ]
    return pd.DataFrame(found, columns=["first", "second", "kendall", "same_best"])
