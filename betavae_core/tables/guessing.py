"""The rounds of a guessing game: which of two models scores higher?"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations

import pandas as pd
import torch

from ..rng import generator
from .scores import usual

ROUNDS = 10
MARGIN = 0.03  # between the scores of a pair: ten standard errors of five draws


@dataclass(frozen=True)
class Pair:
    """Two runs, the one on the left first, and their scores in [0, 1]."""

    runs: tuple[str, str]
    scores: tuple[float, float]

    @property
    def higher(self) -> int:
        """The place of the run with the higher score, 0 or 1."""
        return int(self.scores[1] > self.scores[0])


def pairs_to_guess(
    rows: pd.DataFrame, names: Collection[str], game: int, score: str = "higgins"
) -> list[Pair]:
    """The `ROUNDS` pairs of a game, fewer if there are not as many: two trained VAEs and a trained
    VAE beside a baseline by turns, while there are both, with scores that differ by at least
    `MARGIN`. No pair comes twice, each run comes about equally often, and the side of the higher
    one is random, so that guessing is right half of the time. The same game has the same rounds.

    rows: of `score_rows`, of one dataset; names: the runs that can be shown.
    """
    here = usual(rows[(rows["score"] == score) & rows["run"].isin(list(names))])
    here = here[here["variant"] == ""].sort_values("run")
    known = list(zip(here["run"], here["value"], here["baseline"] == "", strict=True))
    possible = [
        (one, two)
        for one, two in combinations(known, 2)
        if (one[2] or two[2]) and abs(one[1] - two[1]) >= MARGIN
    ]
    random = generator(game, "guess")
    waiting = [possible[n] for n in torch.randperm(len(possible), generator=random).tolist()]
    met = dict.fromkeys([name for name, _, _ in known], 0)
    rounds: list[Pair] = []
    while waiting and len(rounds) < ROUNDS:
        both_trained = len(rounds) % 2 == 0
        suits = [pair for pair in waiting if (pair[0][2] and pair[1][2]) == both_trained]
        one, two = min(suits or waiting, key=lambda pair: met[pair[0][0]] + met[pair[1][0]])
        waiting.remove((one, two))
        for name in (one[0], two[0]):
            met[name] += 1
        if torch.rand((), generator=random) < 0.5:
            one, two = two, one
        rounds.append(Pair((one[0], two[0]), (float(one[1]), float(two[1]))))
    return rounds


def chance_of(right: int, rounds: int) -> float:
    """The probability that a guesser who tosses a coin is right at least this often."""
    from scipy.stats import binom

    return float(binom.sf(right - 1, rounds, 0.5))
