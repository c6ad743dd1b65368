"""The white level: numbers of any depth as the grey levels 0…255 that all other code uses."""

from dataclasses import dataclass

import numpy as np

WHOLE = (255.0, 65_535.0)  # the whites of whole numbers: 8 and 16 bits
FLOATS = (1.0, *WHOLE)
DIM = 16.0  # floats with a largest value between 1 and this have no usual scale
SLACK = 0.01  # of white: overshoot of resampled floats, which is clipped


def common_white(low: np.ndarray, high: np.ndarray, *, whole: bool) -> tuple[float, np.ndarray]:
    """The white level of all images of a dataset, and whether each fits that scale (N,).

    low, high: (N,) each image's smallest and largest value; whole: they are whole numbers. White is
    the smallest of 255 and 65,535 (for floats also 1) that no image exceeds. It is the same for
    all, so that a dark image stays darker than a bright one. Images with NaN, infinite, negative
    or larger values do not fit, nor do floats above 1 if none reaches 16: their white level is
    unknown. Floats may miss the range by 1 % of white.
    """
    whites, slack = (WHOLE, 0.0) if whole else (FLOATS, SLACK)

    def fits(white: float) -> np.ndarray:
        return (low >= -slack * white) & (high <= (1 + slack) * white)

    largest = high[fits(whites[-1])].max(initial=0.0)
    white = next(w for w in whites if largest <= (1 + slack) * w)
    if not whole and white > 1.0 and largest < DIM:
        white = 1.0
    return white, fits(white)


@dataclass(frozen=True)
class Odd:
    """The few images that make all the others darker than they would be alone."""

    says: str  # part of a sentence
    first: int  # the number of one of them


def few_above(high: np.ndarray, white: float, *, whole: bool) -> Odd | None:
    """The images that keep the others from a smaller white level, if they are less than half; high:
    (N,) each image's largest value."""
    whites, slack = (WHOLE, 0.0) if whole else (FLOATS, SLACK)
    for smaller in (w for w in whites if w < white):
        above = high > (1 + slack) * smaller
        if 0 < above.sum() < len(high) / 2:
            says = f"{above.sum():,} of {len(high):,} reach above {smaller:,.0f}, which would be "
            return Odd(f"{says}white without them", int(np.flatnonzero(above)[0]))
    return None


def white_and_largest(high: np.ndarray, white: float) -> str:
    """A note on the white level of images with these largest values (N,)."""
    return f"{white:,.0f} is white, the largest value {high.max():,.6g}"


def to_levels(values: np.ndarray, white: float) -> np.ndarray:
    """Numbers from 0 (black) to `white` as uint8 from 0 to 255, rounded; clipped outside."""
    scaled = values.astype(np.float32) * np.float32(255 / white)
    return np.rint(scaled).clip(0, 255).astype(np.uint8)


def misfit(low: float, high: float, *, whole: bool) -> str:
    """The fault in numbers that do not fit, for the refusal."""
    if not np.isfinite([low, high]).all():
        return "NaN or infinite values"
    came = f"values from {low:,.6g} to {high:,.6g}"
    if whole:
        return f"{came}, expected 0 to 255 or 0 to 65,535"
    unclear = f" (a largest value between 1 and {DIM:g} fits none of these scales)"
    return f"{came}, expected 0 to 1, 0 to 255 or 0 to 65,535{unclear * (1 < high < DIM)}"
