"""The rounds of the guessing game: fair sides, mixed candidates, and no pair too close to judge."""

import numpy as np
import pandas as pd
import pytest

from betavae_core.tables.guessing import MARGIN, ROUNDS, chance_of, pairs_to_guess

VAES = {f"vae {n}": 0.70 + 0.04 * n for n in range(6)}
BASELINES = {"pca": 0.75, "ica": 0.66, "untrained": 0.55}


def table(scores: dict[str, float], **about: object) -> pd.DataFrame:
    row = {"score": "higgins", "usual": True, "subset": "all", "variant": ""}
    return pd.DataFrame(
        [
            row | {"run": name, "value": value, "baseline": name * (name in BASELINES)} | about
            for name, value in scores.items()
        ]
    )


ROWS = table(VAES | BASELINES)
NAMES = [*VAES, *BASELINES]


def test_a_game_has_different_pairs_of_which_one_is_a_trained_vae() -> None:
    for game in range(20):
        pairs = pairs_to_guess(ROWS, NAMES, game)
        assert len(pairs) == ROUNDS
        assert len({frozenset(pair.runs) for pair in pairs}) == ROUNDS
        for pair in pairs:
            assert set(pair.runs) & set(VAES)
            assert abs(pair.scores[0] - pair.scores[1]) >= MARGIN
            known = VAES | BASELINES
            assert [known[name] for name in pair.runs] == pytest.approx(pair.scores)
            assert pair.scores[pair.higher] == max(pair.scores)
        shown = [name for pair in pairs for name in pair.runs]
        assert {shown.count(name) for name in NAMES} <= {1, 2, 3, 4}
        assert sum(bool(set(pair.runs) & set(BASELINES)) for pair in pairs) == ROUNDS // 2


def test_nobody_wins_by_always_choosing_the_same_side() -> None:
    """Over 200 games of ten rounds a side is right within four standard errors of one half; nor is
    it enough to prefer the trained model."""
    pairs = [pair for game in range(200) for pair in pairs_to_guess(ROWS, NAMES, game)]
    left = np.mean([pair.higher == 0 for pair in pairs])
    assert abs(left - 0.5) < 4 * (0.25 / len(pairs)) ** 0.5
    trained = [
        0.5 if set(pair.runs) <= set(VAES) else float(pair.runs[pair.higher] in VAES)
        for pair in pairs
    ]
    assert np.mean(trained) < 0.8


def test_a_game_is_the_same_again_and_differs_from_the_next() -> None:
    assert pairs_to_guess(ROWS, NAMES, 3) == pairs_to_guess(ROWS[::-1], NAMES, 3)
    assert pairs_to_guess(ROWS, NAMES, 3) != pairs_to_guess(ROWS, NAMES, 4)


def test_what_cannot_be_guessed_is_left_out() -> None:
    assert pairs_to_guess(table({"a": 0.5, "b": 0.5 + MARGIN / 2}), ["a", "b"], 0) == []
    assert len(pairs_to_guess(table({"a": 0.5, "b": 0.9}), ["a", "b"], 0)) == 1
    assert pairs_to_guess(table(BASELINES), list(BASELINES), 0) == []
    assert pairs_to_guess(ROWS, ["vae 0"], 0) == []
    other = pd.concat([table({"vae 0": 0.7}), table({"pca": 0.2}, variant="full")])
    assert pairs_to_guess(other, NAMES, 0) == []


def test_the_chance_of_a_record() -> None:
    assert chance_of(0, 10) == pytest.approx(1)
    assert chance_of(10, 10) == pytest.approx(1 / 1024)
    assert chance_of(9, 10) == pytest.approx(11 / 1024)
