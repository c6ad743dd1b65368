"""The sentence above each chart: what the chart shows, generated from the numbers that it draws.

A sentence claims a difference only if it is larger than what other seeds or draws could make, and
says the opposite if the numbers do; with too few seeds or draws to tell, it says that.
"""

from .distances import (
    against_loss,
    distance_over_beta,
    extrapolated,
    loss_over_beta,
    lowest_over_sigma,
    trained_distance,
    trained_loss,
)
from .embedding import HOW_APART, codes_apart
from .objectives import rate_by_objective, score_by_objective
from .over_beta import HOW_JUDGED
from .scores import (
    latent_over_factor,
    latent_per_factor,
    mixing_noticed,
    profile_beside,
    score_over_beta,
    score_over_length,
)
from .sensitivity import best_stays, classifiers_differ, factors_recognised, more_pairs
from .unlabelled import ranked_without_labels

__all__ = [
    "HOW_APART",
    "HOW_JUDGED",
    "against_loss",
    "best_stays",
    "classifiers_differ",
    "codes_apart",
    "distance_over_beta",
    "extrapolated",
    "factors_recognised",
    "latent_over_factor",
    "latent_per_factor",
    "loss_over_beta",
    "lowest_over_sigma",
    "mixing_noticed",
    "more_pairs",
    "profile_beside",
    "ranked_without_labels",
    "rate_by_objective",
    "score_by_objective",
    "score_over_beta",
    "score_over_length",
    "trained_distance",
    "trained_loss",
]
