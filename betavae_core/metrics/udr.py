"""UDR: the unsupervised disentanglement ranking. Duan et al. (2020), Unsupervised Model Selection
for Variational Disentangled Representation Learning."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import differing, wrong_value

PENALTY = 0.1  # of the Lasso, for standardised latents
LEAST_KL = 0.01  # nats: a latent with less on average is left out


@dataclass(frozen=True)
class Ranking:
    """UDR of M models. pairs: (M, M), the agreement of model i (row) with model j, NaN on the
    diagonal; scores: (M,), the median of each row."""

    pairs: np.ndarray
    scores: np.ndarray


def udr(codes: Sequence[np.ndarray], kl: Sequence[np.ndarray]) -> Ranking:
    """How well the latents of each model match those of the others, up to order, sign and scale: no
    labels are needed, on the ground that disentangled models agree and entangled ones differ.

    codes: M ≥ 2 arrays (N, D_i), posterior means of the same N images; kl: M arrays (D_i,), the
    mean KL of each latent in nats. Scores lie in 0 … 1 − `PENALTY`, higher is better; the highest
    is reached by models that are equal up to order, sign and scale, 0 by independent noise.
    Latents with a mean KL of at most `LEAST_KL` are left out; a model without others scores 0.
    Raises `InputError` for fewer than two models or different numbers of images. Duan et al.
    (2020), with Lasso regression.
    """
    if len(codes) < 2:
        raise wrong_value("UDR", "two or more models", len(codes), "needs")
    for other in codes[1:]:
        if len(other) != len(codes[0]):
            raise differing("codes of images", len(codes[0]), len(other))
    used = [standardised(z, np.asarray(k)) for z, k in zip(codes, kl, strict=True)]
    pairs = np.full((len(used), len(used)), np.nan)
    for i, j in np.ndindex(*pairs.shape):
        if i != j:
            pairs[i, j] = agreement(relation(used[i], used[j]))
    return Ranking(pairs, np.nanmedian(pairs, axis=1))


def standardised(codes: np.ndarray, kl: np.ndarray) -> np.ndarray:
    """The latents (N, ≤ D) with a KL above `LEAST_KL` that vary, with mean 0 and variance 1."""
    z = codes[:, (kl > LEAST_KL) & (np.ptp(codes, axis=0) > 0)].astype(np.float64)
    scaled: np.ndarray = (z - z.mean(0)) / z.std(0)
    return scaled


def relation(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """R (A, B): the absolute weight of each latent of `one` (N, A) in the Lasso that predicts a
    latent of `two` (N, B); both standardised."""
    from sklearn.linear_model import Lasso

    if one.shape[1] == 0 or two.shape[1] == 0:
        return np.zeros((one.shape[1], two.shape[1]))
    lasso = Lasso(alpha=PENALTY)
    return np.stack([np.abs(lasso.fit(one, column).coef_) for column in two.T], axis=1)


def agreement(relations: np.ndarray) -> float:
    """½ [mean over b of max over a of R²_ab / Σ_a R_ab + the same with a and b exchanged]: high if
    each latent of a model stands for one of the other; R (A, B)."""
    if relations.size == 0:
        return 0.0
    return float(np.mean([_one_way(relations), _one_way(relations.T)]))


def _one_way(relations: np.ndarray) -> float:
    whole = relations.sum(0)
    best = relations.max(0) ** 2 / np.where(whole > 0, whole, 1)
    return float(best.mean())
