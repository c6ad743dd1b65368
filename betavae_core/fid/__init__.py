"""Distances between sets of images, over the features of a network."""

from .features import FEATURES, default_features
from .frechet import frechet_distance
from .kernel import kernel_distance
from .moments import Moments, add_features, no_moments

__all__ = [
    "FEATURES",
    "Moments",
    "add_features",
    "default_features",
    "frechet_distance",
    "kernel_distance",
    "no_moments",
]
