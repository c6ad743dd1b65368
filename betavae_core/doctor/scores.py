"""Quick Higgins and MIG: on a few thousand codes, with an interval, and said to be quick."""

from typing import Any

import numpy as np

from ..codes import DrawnCodes, thin
from ..datasets import Dataset
from ..metrics import METRICS
from ..metrics.base import varying
from .finding import Finding
from .subject import Subject

CODES = 2_000  # at most: of the part of the grid for Higgins' metric
PAIRS, POINTS, TEST_POINTS, DRAWS = 64, 1_000, 1_000, 5
MIG_POINTS, MIG_SEEDS = 1_000, 3


class Encoder:
    """A subject as `codes` wants its representations."""

    def __init__(self, subject: Subject) -> None:
        self.encode, self.latents = subject.encode, subject.latents


def check_scores(subject: Subject, dataset: Dataset, seed: int) -> Finding:
    """Higgins' metric on a part of the grid and MIG on random images of the whole."""
    key, title = "scores", "Disentanglement"
    if dataset.space is None or len(varying(dataset.space)) < 2:
        says = f"{dataset.title} has no known factors of variation to hold latents against."
        return Finding(key, title, "not computed", says)
    drawn = DrawnCodes(Encoder(subject), dataset)
    space, rows = thin(dataset.space, CODES, seed)
    table = drawn.ready(rows)[rows]
    told = METRICS["higgins"](
        table, space, seed=seed, L=PAIRS, points=POINTS, test_points=TEST_POINTS, draws=DRAWS,
        classifier="logistic",
    )  # fmt: skip
    gaps = [_mig(drawn, dataset, seed + each) for each in range(MIG_SEEDS)]
    error = told.details["standard_error"]
    gap, gap_error = float(np.mean(gaps)), float(np.std(gaps, ddof=1) / MIG_SEEDS**0.5)
    numbers: dict[str, Any] = {
        "dataset": dataset.name,
        "source": dataset.source,
        "quick": True,
        "higgins": {"score": told.score, "standard_error": error, "chance": told.details["chance"],
                    "L": PAIRS, "points": POINTS, "test_points": TEST_POINTS, "seeds": DRAWS,
                    "classifier": "logistic", "codes": len(table)},
        "mig": {"score": gap, "standard_error": gap_error, "images": MIG_POINTS,
                "seeds": MIG_SEEDS, "each": gaps},
    }  # fmt: skip
    says = f"A quick estimate: Higgins {told.score:.3f} ± {2 * error:.3f} (chance "
    says += f"{told.details['chance']:.2f}, L {PAIRS}, N {POINTS:,}, {DRAWS} draws, "
    says += f"{len(table):,} codes), MIG {gap:.3f} ± {2 * gap_error:.3f} ({MIG_SEEDS} times "
    says += f"{MIG_POINTS:,} images)"
    # 4 standard errors of one draw's test points above guessing
    if told.score < told.details["chance"] + 4 * (0.25 / TEST_POINTS) ** 0.5:
        cause = "Codes that know nothing of the factors: posterior collapse, no training, or other "
        cause += "images."
        return Finding(key, title, "look", f"{says}: no better than guessing.", cause, numbers)
    return Finding(key, title, "fine", f"{says}.", "", numbers)


def _mig(drawn: DrawnCodes, dataset: Dataset, seed: int) -> float:
    """On the codes that the metric itself draws, encoded as it asks for them."""
    assert dataset.space is not None, "callers have checked that"
    return METRICS["mig"](drawn, dataset.space, seed=seed, points=MIG_POINTS).score
