"""Charts from tables: plotly figures, which a page shows and a notebook can."""

from .scores import matrix_cells, score_over_beta, score_profile, value_along_factor
from .sensitivity import crossings, difference_boxes, rank_table, score_over_l

__all__ = [
    "crossings",
    "difference_boxes",
    "matrix_cells",
    "rank_table",
    "score_over_beta",
    "score_over_l",
    "score_profile",
    "value_along_factor",
]
