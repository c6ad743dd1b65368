"""Charts from tables: plotly figures, for pages and notebooks."""

from .copied import copied
from .embedding import common_reach, in_three_dimensions
from .enlarged import enlarged
from .lessons import guessed_numbers, guessed_options, number_bars
from .objectives import against
from .reconstruction import (
    NAMES,
    against_loss,
    distance_over_count,
    loss_over_sigma,
    over_training,
    value_over_beta,
)
from .scores import matrix_cells, score_over_beta, score_profile, value_along_factor
from .sensitivity import LineStyle, crossings, difference_boxes, rank_table, score_over_l
from .table import chart_table
from .training_length import score_over_length

__all__ = [
    "NAMES",
    "LineStyle",
    "against",
    "against_loss",
    "chart_table",
    "common_reach",
    "copied",
    "crossings",
    "difference_boxes",
    "distance_over_count",
    "enlarged",
    "guessed_numbers",
    "guessed_options",
    "in_three_dimensions",
    "loss_over_sigma",
    "matrix_cells",
    "number_bars",
    "over_training",
    "rank_table",
    "score_over_beta",
    "score_over_l",
    "score_over_length",
    "score_profile",
    "value_along_factor",
    "value_over_beta",
]
