"""How far can Higgins' metric be trusted? The same tables under many settings (Fig 6, Table 2)."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from ..errors import InputError
from ..factors import FactorSpace
from .base import check_codes, check_count
from .classifiers import CLASSIFIERS, fit_predict
from .higgins import choose_factors, classifier_seed, difference_points, point_counts

Progress = Callable[[str, int, int], None]


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
    Each score is that of `higgins` with the same settings; here all classifiers of one kind whose
    points have one shape are fitted in one batch. progress is told of fits done. Raises
    `InputError` as `higgins` does.
    """
    points, test_points = point_counts(points, test_points, mode)
    check_count("draws", draws)
    for value in L:
        check_count("L", value)
    if unknown := [name for name in classifiers if name not in CLASSIFIERS]:
        raise InputError(
            f'There is no classifier "{unknown[0]}"; there are: {", ".join(CLASSIFIERS)}.'
        )
    rows, problems = [], []
    for (name, (codes, space)), pairs, subset, draw in product(
        tables.items(), L, factors, range(draws)
    ):
        table = check_codes(codes, space, f"Higgins' metric of {name}")
        chosen = choose_factors(space, subset)
        check_count("points", points, len(chosen))
        problems.append(
            difference_points(
                table, space, points + test_points, pairs, chosen, seed, f"higgins/{draw}"
            )
        )
        rows.append(
            {
                "table": name,
                "L": pairs,
                "factors": subset,
                "draw": draw,
                "chance": 1 / len(chosen),
                "points": points,
                "test_points": test_points,
                "mode": mode,
                "seed": seed,
            }
        )
    found: list[dict[str, Any]] = []
    total = len(rows) * len(classifiers)
    for classifier in classifiers:
        for batch in _alike(rows, problems):
            progress(classifier, len(found), total)
            z = np.stack([problems[i][0] for i in batch])
            y = np.stack([problems[i][1] for i in batch])
            guess = fit_predict(
                classifier,
                z[:, :points],
                y[:, :points],
                z[:, points:],
                round(1 / rows[batch[0]]["chance"]),
                paper=mode == "paper",
                seeds=[classifier_seed(seed, rows[i]["draw"]) for i in batch],
            )
            scores = (guess == y[:, points:]).mean(1)
            found += [
                rows[i] | {"classifier": classifier, "score": float(score)}
                for i, score in zip(batch, scores, strict=True)
            ]
    progress("done", total, total)
    return pd.DataFrame(found)


def _alike(rows: list[dict[str, Any]], problems: list[Any]) -> list[list[int]]:
    """The numbers of the problems that can be fitted together: as many latents and classes."""
    groups: dict[tuple[int, float], list[int]] = {}
    for number, (row, (z, _)) in enumerate(zip(rows, problems, strict=True)):
        groups.setdefault((z.shape[1], row["chance"]), []).append(number)
    return list(groups.values())


def rank_agreement(scores: pd.DataFrame) -> pd.DataFrame:
    """Do the settings agree on which table is better? One row per pair of settings.

    scores: from `sensitivity`. Columns: first and second (settings as text), kendall (Kendall's τ
    of the tables' scores, averaged over draws; 1: the same order, −1: the reverse; NaN for fewer
    than two tables or where all tie) and same_best (whether the best table is the same).
    """
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
