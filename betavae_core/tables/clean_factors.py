"""The rule that says which factors have one clean latent."""

from collections.abc import Sequence

import numpy as np

from ..store import Run
from .scores import factor_matrix

LEAST = 0.1  # of the factor's entropy: a latent that tells less is not about the factor
LEAK = 0.25  # of what the clean latent tells: so much other latents and other factors may have

RULE = (
    f"A factor has one clean latent if one latent tells at least {LEAST:.0%} of the factor's "
    "entropy, no other latent tells more than a quarter of that, and of no other factor does the "
    "latent tell more than a quarter of that, each as a share of the factor's entropy (mutual "
    "information from 20 bins, 10,000 random images, as for MIG)"
)


def clean_latents(shares: np.ndarray) -> list[int | None]:
    """For each factor its one clean latent, or None.

    shares: (D, K), the mutual information of latent and factor as a share of the factor's entropy,
    in [0, 1]. Latent d is clean for factor k if it tells enough of it, shares[d, k] ≥ `LEAST`, if
    it tells of it alone, shares[e, k] ≤ `LEAK` · shares[d, k] for every other latent e, and if it
    tells of nothing else, shares[d, j] ≤ `LEAK` · shares[d, k] for every other factor j. So no
    latent is clean for two factors. The rule compares shares with one another, since noise in a
    latent lowers all of them: of a factor with 32 values a latent with noise of a tenth of its
    spread tells 60 %, of one with 3 values all. True factors have a clean latent each; two that are
    turned into one another keep theirs up to 20° and have none from 30° on; a factor with two
    equal latents, or with a share in another factor's latent, has none. Tests hold the rule to
    such codes.
    """
    found: list[int | None] = []
    for k in range(shares.shape[1]):
        d = int(shares[:, k].argmax())
        tells = shares[d, k]
        others = [*np.delete(shares[:, k], d), *np.delete(shares[d], k)]
        alone = max(others, default=0.0) <= LEAK * tells
        found.append(d if tells >= LEAST and alone else None)
    return found


def clean_factors(run: Run) -> tuple[int, int] | None:
    """The number of factors with one clean latent, and the number of factors; None if MIG was not
    computed."""
    matrix = factor_matrix(run, "mig")
    return None if matrix is None else (counted(clean_latents(matrix[0])), len(matrix[1]))


def counted(latents: Sequence[int | None]) -> int:
    """The number of factors that have one."""
    return sum(latent is not None for latent in latents)
