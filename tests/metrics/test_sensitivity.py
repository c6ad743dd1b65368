"""The sweep over settings: each score is that of `higgins`; ranks are compared as by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from betavae_core.metrics.higgins import higgins
from betavae_core.metrics.sensitivity import rank_agreement, sensitivity
from tests.metrics.codes import SPACE, noise, perfect
from tests.oracles import one_sentence

FEW: dict[str, Any] = {"points": 300, "test_points": 200, "draws": 2, "seed": 3}


@pytest.mark.slow
def test_every_score_is_that_of_higgins_with_the_same_settings() -> None:
    """Though fitted in batches with others: tables of three and of four latents."""
    tables = {
        "good": (perfect() + noise(), SPACE),
        "bad": (perfect() + 3 * noise(), SPACE),
        "narrow": (perfect()[:, :3] + noise(3), SPACE),
    }
    found = sensitivity(
        tables,
        L=(4, 16),
        classifiers=("linear", "logistic", "forest"),
        factors=("all", "no-shape"),
        **FEW,
    )
    assert len(found) == 3 * 2 * 3 * 2 * 2
    for (name, pairs, classifier), group in found.groupby(["table", "L", "classifier"]):
        alone = higgins(
            tables[name][0], SPACE, L=pairs, classifier=classifier, factors="all", **FEW
        )
        ours = group[group.factors == "all"].sort_values("draw").score.tolist()
        tolerance = 0.011 if classifier == "linear" else 0  # batched sums round differently
        assert ours == pytest.approx(alone.details["per_draw"], abs=tolerance)


def test_progress_counts_to_the_end() -> None:
    seen: list[tuple[str, int, int]] = []
    sensitivity(
        {"a": (perfect(), SPACE)},
        L=(4, 8),
        classifiers=("logistic", "forest"),
        progress=lambda *news: seen.append(news),
        **FEW,
    )
    assert seen[0] == ("drawing points for logistic", 0, 8)
    assert seen[-1] == ("done", 8, 8)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"L": (4, 0)}, "L"),
        ({"classifiers": ("svm",)}, "svm"),
        ({"factors": ("colour",)}, "colour"),
        ({"mode": "fast"}, "corrected"),
        ({"draws": 0}, "draws"),
    ],
)
def test_wrong_settings_are_one_sentence(wrong: dict[str, Any], named: str) -> None:
    with one_sentence(named):
        sensitivity({"a": (perfect(), SPACE)}, **FEW | wrong)
    with one_sentence("broken"):
        sensitivity({"broken": (np.full((SPACE.size, 2), np.nan), SPACE)}, **FEW)


def test_rank_agreement() -> None:
    """L 4 orders a < b < c, L 8 the same, L 16 the reverse; draws are averaged."""
    scores = {4: (0.1, 0.2, 0.3), 8: (0.5, 0.6, 0.9), 16: (0.9, 0.8, 0.7)}
    rows = [
        {"table": name, "L": L, "classifier": "linear", "factors": "all", "score": score + shift}
        for L, values in scores.items()
        for name, score in zip("abc", values, strict=True)
        for shift in (-0.01, 0.01)
    ]
    found = rank_agreement(pd.DataFrame(rows))
    assert found.kendall.tolist() == pytest.approx([1, -1, -1])
    assert found.same_best.tolist() == [True, False, False]
    assert found["first"][0] == "L 4, linear, all"
