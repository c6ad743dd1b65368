"""Mean and covariance of features that arrive in batches, in float64."""

from dataclasses import dataclass

import numpy as np

from ..errors import not_finite, wrong_value


@dataclass(frozen=True)
class Moments:
    """The mean (D,) and scatter (D, D) of `count` feature vectors; the scatter is the sum of the
    outer products of the deviations from the mean."""

    count: int
    mean: np.ndarray
    scatter: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        """The covariance (D, D) with the denominator N − 1; raises `InputError` for fewer than two
        images."""
        if self.count < 2:
            raise wrong_value("A covariance", "two or more images", self.count, "needs")
        return self.scatter / (self.count - 1)


def no_moments(dimensions: int) -> Moments:
    return Moments(0, np.zeros(dimensions), np.zeros((dimensions, dimensions)))


def add_features(moments: Moments, features: np.ndarray) -> Moments:
    """The moments with another batch (N, D). Raises `InputError` for another D, NaN or infinity.
    The update is that of Chan, Golub & LeVeque (1979), without cancelling large sums of squares."""
    batch = np.asarray(features, np.float64)
    if batch.ndim != 2 or batch.shape[1] != len(moments.mean):
        raise wrong_value("Features", f"(N, {len(moments.mean)})", batch.shape)
    if not np.isfinite(batch).all():
        raise not_finite("The features")
    if not len(batch):
        return moments
    mean = batch.mean(0)
    centred = batch - mean
    count = moments.count + len(batch)
    step = mean - moments.mean
    scatter = moments.scatter + centred.T @ centred
    scatter += np.outer(step, step) * (moments.count * len(batch) / count)
    return Moments(count, moments.mean + step * (len(batch) / count), scatter)
