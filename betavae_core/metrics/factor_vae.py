"""The FactorVAE score. Kim & Mnih (2018), Disentangling by Factorising, section 5."""

import numpy as np
import torch

from ..errors import InputError, Refusal
from ..factors import Factors
from ..rng import generator
from .base import Record, check_codes, check_count, varying


def factor_vae(
    codes: np.ndarray,
    space: Factors,
    *,
    seed: int = 0,
    points: int = 10_000,
    test_points: int = 5_000,
    batch: int = 64,
) -> Record:
    """Accuracy of a majority vote that guesses the fixed factor from the least varying latent.

    codes: (space.size, D). For each point a factor and its value are fixed in `batch` images; the
    latent with the smallest variance, relative to its variance over the whole grid, is the vote.
    In [0, 1], higher is better; chance is 1 / (varying factors). Latents that are constant over the
    grid are left out; if all are constant, the score is chance. Raises `InputError` for codes that
    do not fit or fewer than two varying factors.
    """
    table, space = check_codes(codes, space, "The FactorVAE score")
    for name, value in (("points", points), ("test_points", test_points)):
        check_count(name, value)
    check_count("batch", batch, 2)
    used = varying(space)
    if len(used) < 2:
        raise InputError(
            "The FactorVAE score needs two or more factors that vary.", Refusal.UNSUITABLE
        )
    scale = table.std(0, dtype=np.float64)
    alive = np.flatnonzero(scale > 1e-6 * max(1e-6, float(np.abs(table).max())))
    settings = {"points": points, "test_points": test_points, "batch": batch, "seed": seed}
    details = {"chance": 1 / len(used), "latents_left_out": table.shape[1] - len(alive)}
    if not len(alive):
        return Record("factor_vae", 1 / len(used), settings, details)
    scaled = torch.from_numpy((table[:, alive] / scale[alive]).astype(np.float32))
    votes = np.zeros((len(alive), len(used)), np.int64)
    for latent, label in _votes(
        scaled, space, points, batch, used, generator(seed, "factor/train")
    ):
        np.add.at(votes, (latent, label), 1)
    guess = votes.argmax(1)
    right = sum(
        int((guess[latent] == label).sum())
        for latent, label in _votes(
            scaled, space, test_points, batch, used, generator(seed, "factor/test")
        )
    )
    details["train_accuracy"] = float(votes.max(1).sum() / points)
    return Record("factor_vae", right / test_points, settings, details)


def _votes(scaled, space, count, batch, used, source):  # type: ignore[no-untyped-def]
    """(least varying latent, number of the fixed factor) arrays, a few hundred points at a time."""
    numbers = torch.tensor(used)
    for first in range(0, count, 500):
        n = min(500, count - first)
        label = torch.randint(len(used), (n,), generator=source)
        rows = torch.randint(space.size, (n, batch), generator=source)
        rows = space.agreeing(rows, rows[:, :1], numbers[label], source)
        variance = scaled[rows].var(1)  # (n, D)
        yield variance.argmin(1).numpy(), label.numpy()
