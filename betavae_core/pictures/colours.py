"""The colours that have the same meaning on every page and in every file."""

import numpy as np

# Okabe and Ito's colours, with the three lightest replaced by ones visible on white, too
FACTOR_COLOURS = ("#0072b2", "#e68f00", "#009e73", "#cc79a7", "#d55e00", "#46a6e0", "#8040e8")


# ten classes of natural images: after Paul Tol's "muted" scheme, likewise
CLASS_COLOURS = (
    "#6f5fc6", "#4898e8", "#44aa99", "#117733", "#a0a860", "#986810", "#cc6677", "#f58518",
    "#aa4499", "#585860",
)  # fmt: skip


ACCENT = "#d55e00"


# light to dark for β = 0.1, 1, 4, 10; all four are legible on white and on near-black
BETA_TONES = ("#85c1e5", "#3f97d3", "#3a6bc4", "#7a50c0")


def beta_colour(beta: float) -> str:
    """The tone of β; for other values than 0.1, 1, 4 and 10, that of the nearest by ratio."""
    place = np.interp(np.log10(max(beta, 1e-9)), [-1, 0, np.log10(4), 1], [0, 1, 2, 3])
    return BETA_TONES[round(float(place))]
