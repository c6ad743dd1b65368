"""A hierarchical bootstrap over seeds and draws."""

from collections.abc import Mapping, Sequence

import numpy as np

RESAMPLES = 4_000
SEED = 20_211_202  # of the resampling: the same records give the same report


class Bootstrap:
    """Resampled values of groups of runs.

    In each of `RESAMPLES` resamples the runs of a stratum (one β, or one kind of baseline) are
    drawn with replacement, then the draws of each drawn run. The same runs under two settings are
    drawn together, so that their comparison is paired. Resampling n runs makes their mean vary by
    (n − 1)/n of its variance, which matters for few seeds: the deviations of the runs from the mean
    of their stratum are widened by √(n / (n − 1)). The single run of a stratum deviates as the runs
    of the other strata of its group do, one of whose deviations is drawn; if these have one run
    each, too, only its draws vary.
    """

    def __init__(self, seed: int = SEED) -> None:
        self.random = np.random.default_rng(seed)
        self.chosen: dict[tuple[str, ...], np.ndarray] = {}

    def values(self, strata: Mapping[str, Mapping[str, Sequence[float]]]) -> np.ndarray:
        """The values of a group in every resample, (RESAMPLES, number of runs).

        strata: stratum → run → the values of its draws.
        """
        several = {name: runs for name, runs in strata.items() if len(runs) > 1}
        others = tuple(run for name in sorted(several) for run in sorted(several[name]))
        deviations = np.concatenate([[], *(_deviations(several[name]) for name in sorted(several))])
        parts = []
        for name, runs in strata.items():
            part = self._stratum(runs)
            if name not in several and others:
                part = part + deviations[self._drawn((*runs, "deviates as", *others), len(others))]
            parts.append(part)
        return np.concatenate(parts, axis=1)

    def _drawn(self, what: tuple[str, ...], count: int) -> np.ndarray:
        """One of `count` in each resample, (RESAMPLES, 1), the same whenever `what` is the same."""
        if what not in self.chosen:
            self.chosen[what] = self.random.integers(count, size=(RESAMPLES, 1))
        return self.chosen[what]

    def _stratum(self, runs: Mapping[str, Sequence[float]]) -> np.ndarray:
        names = tuple(sorted(runs))
        count = len(names)
        if names not in self.chosen:
            self.chosen[names] = self.random.integers(count, size=(RESAMPLES, count))
        centre = float(np.mean([np.mean(runs[name]) for name in names]))
        each = np.stack([self._draws(runs[name]) for name in names], axis=1)  # (RESAMPLES, n)
        widened = centre + (each - centre) * np.sqrt(count / max(count - 1, 1))
        return np.take_along_axis(widened, self.chosen[names], axis=1)

    def _draws(self, draws: Sequence[float]) -> np.ndarray:
        """The mean of resampled draws, (RESAMPLES,)."""
        values = np.asarray(draws, dtype=float)
        if len(values) == 1:
            return np.full(RESAMPLES, values[0])
        rows: np.ndarray = values[self.random.integers(len(values), size=(RESAMPLES, len(values)))]
        return rows.mean(1)


def _deviations(runs: Mapping[str, Sequence[float]]) -> np.ndarray:
    """The widened deviations of the runs of a stratum from their mean."""
    means = np.array([np.mean(runs[name]) for name in sorted(runs)])
    return (means - means.mean()) * np.sqrt(len(means) / (len(means) - 1))


def statistic(name: str, values: np.ndarray) -> np.ndarray:
    """The mean, median or standard deviation ("spread") over the last axis."""
    if name == "spread":
        several = values.shape[-1] > 1
        return values.std(-1, ddof=1) if several else np.full(values.shape[:-1], np.nan)
    found: np.ndarray = (np.mean if name == "mean" else np.median)(values, axis=-1)
    return found


def interval(values: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of resampled values."""
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
