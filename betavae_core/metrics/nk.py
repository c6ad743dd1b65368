"""NK: neuron knockout. Mahon, Sha & Lukasiewicz (2023), Correcting Flaws in Common Disentanglement
Metrics."""

from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..factors import Factors
from ..rng import generator
from .alignment import aligned, chance_of
from .base import Record

HIDDEN = 256
EPOCHS = 40
BATCH = 250
RATE = 2e-2  # of Adam, falling to 0 over the epochs


def nk(
    codes: np.ndarray,
    space: Factors,
    *,
    seed: int = 0,
    points: int = 10_000,
    test_points: int = 5_000,
) -> Record:
    """How much of each factor only its own latent knows: mean over factors of the accuracy that a
    classifier on all latents loses when it must do without the factor's own, as a share of
    1 − chance; at least 0.

    codes: (space.size, D). In [0, 1], higher is better: 1 if each factor can be read, and no longer
    without its latent; 0 for noise, for duplicated latents, and for factors that several latents
    encode. The points and the alignment, one-to-one, are those of SNC. The classifiers are networks
    with one hidden layer of 256 units on standardised latents, tested on `test_points` new images;
    the two of a factor begin with the same weights, and the latent that is knocked out is constant.
    A factor without a latent of its own counts as 0. The share of 1 − chance is ours; `details` has
    the accuracies. Raises `InputError` for codes that do not fit.
    """
    found = aligned(codes, space, "NK", points, test_points, seed)
    z, y, y_test, count = found.z, found.y, found.y_test, len(found.names)
    middle, scale = z.mean(0), np.where(np.ptp(z, axis=0) > 0, z.std(0), 1)
    z_test = (found.z_test - middle) / scale
    guess = _guesses((z - middle) / scale, y, z_test, found.latents, seed)
    right = (guess == np.tile(y_test.T, (2, 1))).mean(1)
    whole, without = right[:count], right[count:]
    chance = np.array([chance_of(y[:, k], y_test[:, k]) for k in range(count)])
    lost = (whole - without) / np.maximum(1 - chance, 1e-12)
    settings: dict[str, Any] = {"points": points, "test_points": test_points, "seed": seed}
    details = {
        "factors": found.names,
        "latents": found.latents,
        "accuracy": whole.tolist(),
        "accuracy_without": without.tolist(),
        "chance": chance.tolist(),
    }
    return Record("nk", float(np.clip(lost, 0, 1).mean()), settings, details)


def _guesses(
    z: np.ndarray, y: np.ndarray, z_test: np.ndarray, latents: list[int | None], seed: int
) -> np.ndarray:
    """Guessed values (2K, M) of the test points: by K classifiers on all latents, then by K that
    lack the factor's own. z (N, D), y (N, K), z_test (M, D); all 2K networks learn at once."""
    kept = torch.ones(2, len(latents), 1, z.shape[1])
    for k, d in enumerate(latents):
        if d is not None:
            kept[1, k, 0, d] = 0
    kept = kept.flatten(0, 1)  # (2K, 1, D)
    x, x_test = torch.from_numpy(z).float(), torch.from_numpy(z_test).float()
    labels = torch.from_numpy(y.T.copy()).repeat(2, 1)
    random = generator(seed, "nk/classifier")
    weights = _weights([z.shape[1], HIDDEN, int(y.max()) + 1], len(latents), random)
    optimizer = torch.optim.Adam(weights, RATE)
    steps = EPOCHS * -(-len(x) // BATCH)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 1 / steps, steps)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(x), generator=random).split(BATCH):
            optimizer.zero_grad()
            scores = _scores(weights, x[rows] * kept)
            F.cross_entropy(scores.mT, labels[:, rows], reduction="none").mean(1).sum().backward()
            optimizer.step()
            falling.step()
    with torch.no_grad():
        parts = [_scores(weights, part * kept).argmax(2) for part in x_test.split(10 * BATCH)]
    return torch.cat(parts, 1).numpy()


def _weights(widths: list[int], pairs: int, random: torch.Generator) -> list[Tensor]:
    """Weights and biases of 2 · pairs networks, drawn as `nn.Linear` draws them, the same for both
    of a pair."""
    made = []
    for inner, outer in pairwise(widths):
        for rows in (inner, 1):
            drawn = 2 * torch.rand(pairs, rows, outer, generator=random) - 1
            made.append((drawn * inner**-0.5).repeat(2, 1, 1).requires_grad_())
    return made


def _scores(weights: list[Tensor], x: Tensor) -> Tensor:
    """x (2K, N, D) → (2K, N, values)."""
    hidden = torch.baddbmm(weights[1], x, weights[0]).relu()
    return torch.baddbmm(weights[3], hidden, weights[2])
