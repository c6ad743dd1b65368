"""The axis ratio, the linear ratio and the axis alignment: rotated or tangled? Michlo (2022), the
factored components of the project disent."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import InputError, Refusal
from ..factors import Factors
from ..rng import generator
from .base import Codes, Record, check_codes, check_count, ready, varying
from .metric import Metric

NOTHING = 1e-12  # of the codes' variance: what rounding leaves of a sweep that does not move them


class AxisRatioMetric(Metric):
    """Three values in one record."""

    def parts(self, record: Mapping[str, Any]) -> dict[str, float]:
        others = ("linear_ratio", "axis_alignment")
        return super().parts(record) | {name: record["details"][name] for name in others}

    def text(self, record: Mapping[str, Any]) -> str:
        return ", ".join(f"{name} {value:.4f}" for name, value in self.parts(record).items())


def axis_ratio(codes: np.ndarray, space: Factors, *, seed: int = 0, points: int = 50_000) -> Record:
    """Does a factor that changes alone move the codes along a single latent?

    In a factor sweep, in which one factor takes all its values while the others stay, the codes
    (n, D) have a variance along each latent. Axis ratio: the largest of them as a share of their
    sum. Linear ratio: the same along the principal directions of the sweep, so that it is at least
    as large. Both are scaled from 1/D … 1 to 0 … 1 (not with one latent). Axis alignment: the axis
    ratio as a share of the linear ratio. All three are means over the sweeps of a factor, then over
    the factors, and lie in [0, 1], higher is better; the score is the axis ratio, the others are in
    `details`. A high linear and a low axis ratio mean a rotated code, two low ones a tangled one. A
    sweep without variance counts as 0. Noise scores above 0, as few random points always have a
    longest direction. (Michlo's code takes the geometric mean over factors.)

    codes: (space.size, D). points: the number of images of all sweeps together, at most; sweeps
    begin at uniform random images. Of images that are no full grid, a sweep has those that agree
    in all other factors. Latents keep their scale. Raises `InputError` for codes that do not fit,
    and for images without sweeps of some factor.
    """
    table, space = check_codes(codes, space, "The axis ratio")
    check_count("points", points)
    used = varying(space)
    count = max(1, points // sum(space.sizes[k] for k in used))
    starts = space.sample(count, generator(seed, "axis_ratio")).numpy()
    means = np.array([_of_factor(table, space.sweeps(starts, k), space.names[k]) for k in used])
    axis, linear, aligned = map(float, means.mean(0))
    details = {
        "factors": [space.names[k] for k in used],
        "linear_ratio": linear,
        "axis_alignment": aligned,
        "axis_ratios": means[:, 0].tolist(),
        "linear_ratios": means[:, 1].tolist(),
    }
    return Record("axis_ratio", axis, {"points": points, "seed": seed}, details)


def _of_factor(codes: Codes, sweeps: Sequence[np.ndarray], name: str) -> np.ndarray:
    """The means (3,) over sweeps, each an array of two or more rows."""
    if not sweeps:
        raise InputError(
            f'The axis ratio needs images that differ in the factor "{name}" alone; '
            "there are none among those drawn.",
            Refusal.UNSUITABLE,
            factor=name,
        )
    every = np.unique(np.concatenate(sweeps))
    table = ready(codes, every)
    least = NOTHING * float(table[every].var(0, dtype=np.float64).sum())
    by_length: dict[int, list[np.ndarray]] = {}
    for rows in sweeps:
        by_length.setdefault(len(rows), []).append(rows)
    parts = [ratios(table[np.stack(rows)].astype(np.float64), least) for rows in by_length.values()]
    mean: np.ndarray = np.concatenate(parts, axis=1).mean(1)
    return mean


def ratios(z: np.ndarray, least: float = 0.0) -> np.ndarray:
    """The axis ratio, the linear ratio and their quotient (3, M) of M sweeps (M, n, D); 0 for a
    sweep whose variance, summed over the latents, is at most `least`."""
    apart = z - z.mean(1, keepdims=True)
    covariance = np.einsum("mnd,mne->mde", apart, apart) / z.shape[1]
    own = np.diagonal(covariance, axis1=1, axis2=2)
    whole = np.where(own.sum(1) > least, own.sum(1), 0)
    axis = _scaled(own.max(1), whole, z.shape[2])
    linear = _scaled(np.linalg.eigvalsh(covariance)[:, -1], whole, z.shape[2])
    linear = np.maximum(linear, axis)  # less by rounding alone
    return np.stack([axis, linear, axis / np.where(linear > 0, linear, 1)])


def _scaled(largest: np.ndarray, whole: np.ndarray, latents: int) -> np.ndarray:
    """Shares of the whole, scaled from 1 / latents … 1 to 0 … 1; 0 where there is nothing."""
    chance = 1 / latents if latents > 1 else 0.0
    share = (largest / np.where(whole > 0, whole, 1) - chance) / (1 - chance)
    return np.where(whole > 0, np.clip(share, 0, 1), 0)
