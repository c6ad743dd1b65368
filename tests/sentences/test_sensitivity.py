"""What the charts of the metric's settings say, each claim beside its opposite."""

import numpy as np
import pandas as pd
import pytest

from betavae_core.sentences import (
    best_stays,
    classifiers_differ,
    factors_recognised,
    more_pairs,
)
from betavae_core.tables.draws import over_pairs

TITLES = {"linear": "linear", "mlp": "MLP"}


def draws(**levels: tuple[float, float]) -> pd.DataFrame:
    """Three draws of each model at L = 16 and L = 256, around these scores."""
    return pd.DataFrame(
        [
            {"table": name, "name": name, "L": L, "draw": draw, "score": score + 0.01 * (draw - 1)}
            for name, scores in levels.items()
            for L, score in zip((16, 256), scores, strict=True)
            for draw in range(3)
        ]
    )


def pairs_say(table: pd.DataFrame) -> str:
    return more_pairs(table, over_pairs(table))


def test_more_pairs_raise_lower_or_do_nothing() -> None:
    assert pairs_say(draws(a=(0.5, 0.7), b=(0.4, 0.7))) == (
        "More pairs per point raise the score of every model, by 0.20 to 0.30 from L = 16 to "
        "L = 256; the best and the worst line come closer together (0.10 apart, then 0.00)."
    )
    assert pairs_say(draws(a=(0.7, 0.5), b=(0.6, 0.3))) == (
        "More pairs per point lower the score of every model, by 0.20 to 0.30 from L = 16 to "
        "L = 256; the best and the worst line move apart (0.10 apart, then 0.20)."
    )
    assert pairs_say(draws(a=(0.7, 0.701), b=(0.6, 0.599))) == (
        "From L = 16 to L = 256 no score changes by more than other draws could change it."
    )
    assert pairs_say(draws(a=(0.5, 0.7), b=(0.7, 0.5), c=(0.6, 0.6))) == (
        "From L = 16 to L = 256 the score rises for 1, falls for 1 and does not clearly change for "
        "1 of 3 models."
    )


def test_pairs_of_a_single_model_draw_or_level() -> None:
    assert pairs_say(draws(a=(0.5, 0.7))) == (
        "More pairs per point raise the score of the model, by 0.20 from L = 16 to L = 256."
    )
    once = draws(a=(0.5, 0.7))
    assert pairs_say(once[once["draw"] == 0]) == (
        "From L = 16 to L = 256 the scores change by 0.20, but with one draw each it is unknown "
        "whether other draws would agree."
    )
    assert pairs_say(once[once["L"] == 16]) == ""


def ranked(first: list[float], second: list[float], error: float = 0.001) -> str:
    means = pd.DataFrame([first, second], index=["linear", "MLP"], columns=["a", "b", "c"])
    return best_stays(means, means * 0 + error)


def test_the_best_stays_or_changes_or_is_too_close() -> None:
    assert ranked([0.9, 0.5, 0.4], [0.8, 0.5, 0.4]) == (
        "A is the best model under both settings; no other model changes its rank."
    )
    assert ranked([0.9, 0.5, 0.4], [0.8, 0.4, 0.5]) == (
        "A is the best model under both settings; 2 of the 2 others change rank."
    )
    assert ranked([0.9, 0.5, 0.4], [0.5, 0.9, 0.4]) == (
        "The best model depends on the setting: of 2 settings, a under 1 and b under 1."
    )
    close = (
        "The first rank changes under 1 of 2 settings, but by no more than other draws could "
        "change it: a and b are too close to rank."
    )
    assert ranked([0.9, 0.5, 0.4], [0.5, 0.9, 0.4], error=0.3) == close
    assert ranked([0.9, 0.89, 0.4], [0.8, 0.81, 0.4], error=0.01) == close
    assert ranked([0.9, 0.5, 0.4], [0.5, 0.9, 0.4], error=np.nan) == close


def scored(linear: list[float], mlp: list[float]) -> str:
    both = {"linear": linear, "mlp": mlp}
    table = pd.DataFrame(
        [
            {"classifier": classifier, "table": f"run {n}", "score": score}
            for classifier, scores in both.items()
            for n, score in enumerate(scores)
        ]
    )
    return classifiers_differ(table, TITLES)


def test_a_classifier_matters_as_far_as_its_differences_do() -> None:
    assert scored([0.80, 0.70, 0.75, 0.90], [0.50, 0.40, 0.46, 0.60]) == (
        "The classifier matters as much as the model: from 49.0 % (MLP) to 78.8 % (linear), for 4 "
        "models (standard deviation 8.5 points)."
    )
    assert scored([0.85, 0.65, 0.75, 0.95], [0.80, 0.60, 0.71, 0.90]).startswith(
        "The classifier matters, but less than the model: from 75.2 % (MLP) to 80.0 % (linear)"
    )
    assert scored([0.855, 0.655, 0.755, 0.955], [0.85, 0.65, 0.751, 0.95]).startswith(
        "The classifier hardly matters: from 80.0 % (MLP) to 80.5 % (linear)"
    )
    assert scored([0.825, 0.80, 0.83, 0.81], [0.81, 0.82, 0.85, 0.80]).startswith(
        "No classifier is clearly better: the means of 4 models reach from 81.6 % (linear) to "
        "82.0 % (MLP)"
    )


def test_classifiers_that_tie_or_are_too_few() -> None:
    assert scored([0.8, 0.7], [0.7, 0.8]) == (
        "The classifier makes no difference: each gives 75.0 % on average."
    )
    assert scored([0.8], [0.7]) == (
        "The classifiers reach from 70.0 % (MLP) to 80.0 % (linear), but one model is too few to "
        "compare them."
    )
    assert scored([0.8, 0.7], []) == ""


def recognised(confusion: list[list[float]], still: float, tested: int = 3000) -> str:
    """Latent 1 moves by `still` of its usual movement when the first factor is fixed."""
    labels = np.repeat([0, 1, 2], 20)
    z = np.ones((60, 2))
    z[labels == 0, 1] = still
    return factors_recognised(np.array(confusion), ["shape", "x", "y"], tested, z, labels)


def test_factors_are_recognised_by_a_latent_by_exclusion_or_by_luck() -> None:
    good = [[0.99, 0.01, 0.0], [0.1, 0.5, 0.4], [0.0, 0.1, 0.9]]
    assert recognised(good, 0.1) == (
        "Shape is recognised best (99 %), by z1, which moves least when it is fixed; x is "
        "recognised worst (50 %) and most often taken for y."
    )
    assert recognised(good, 1.0).startswith("Shape is recognised best (99 %); x is")
    even = [[0.9, 0.1, 0.0], [0.05, 0.9, 0.05], [0.0, 0.11, 0.89]]
    assert recognised(even, 0.1) == "All factors are recognised about equally well (89 % to 90 %)."
    guessed = [[0.34, 0.33, 0.33], [0.33, 0.34, 0.33], [0.33, 0.33, 0.34]]
    assert recognised(guessed, 0.1) == "No factor is recognised better than by guessing."
    perfect = np.eye(3).tolist()
    assert recognised(perfect, 0.1) == (
        "All factors are recognised about equally well (100 % to 100 %)."
    )


@pytest.mark.parametrize("tested", [30, 3000])
def test_few_test_points_tell_less(tested: int) -> None:
    uneven = [[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.1, 0.2, 0.7]]
    assert recognised(uneven, 1.0, tested).startswith("All" if tested == 30 else "Shape")
