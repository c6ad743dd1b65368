"""Match the latents of two runs, whose order and sign are arbitrary."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError, Refusal, not_finite


@dataclass(frozen=True)
class Match:
    """The latents of a second run in the order of a first one's."""

    latents: np.ndarray  # (D,) the second run's latent for each of the first's; −1: none left
    signs: np.ndarray  # (D,) 1, or −1 if it has the opposite sign
    strength: np.ndarray  # (D,) absolute correlation, in [0, 1]; 0 if none is left


def match_latents(first: np.ndarray, second: np.ndarray) -> Match:
    """The one-to-one assignment of the latents of `second` (N, E) to those of `first` (N, D), codes
    of the same N images, with the largest sum of absolute Pearson correlations (Hungarian method).

    A latent that does not vary correlates 0 with everything. Raises `InputError` for codes that are
    not of the same images, fewer than two, NaN or infinity.
    """
    one, two = (np.asarray(codes, np.float64) for codes in (first, second))
    if one.ndim != 2 or two.ndim != 2 or len(one) != len(two) or len(one) < 2:
        raise InputError(
            f"Latents are matched on codes of the same two or more images, got {one.shape} and "
            f"{two.shape}.",
            Refusal.VALUE,
            name="codes",
            expected="of the same two or more images",
        )
    if not (np.isfinite(one).all() and np.isfinite(two).all()):
        raise not_finite("The codes")
    found = _standardised(one).T @ _standardised(two) / len(one)  # (D, E)
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-np.abs(found))
    latents = np.full(one.shape[1], -1)
    signs, strength = np.ones(one.shape[1], int), np.zeros(one.shape[1])
    latents[rows] = columns
    signs[rows] = np.where(found[rows, columns] < 0, -1, 1)
    strength[rows] = np.abs(found[rows, columns]).clip(0, 1)
    return Match(latents, signs, strength)


def _standardised(codes: np.ndarray) -> np.ndarray:
    centred = codes - codes.mean(0)
    deviation = centred.std(0)
    # a variation below rounding counts as none
    still = deviation <= 1e-12 * np.abs(codes).max(0).clip(min=1)
    return np.where(still, 0, centred / np.where(still, 1, deviation))
