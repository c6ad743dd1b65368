"""Quick Higgins and MIG: on a few thousand images of the whole grid, with an interval each."""

from typing import Any

import numpy as np
import torch

from ..datasets import Dataset
from ..datasets.base import to_float
from ..metrics.base import Record, varying
from ..metrics.higgins import higgins
from ..metrics.mig import mig
from ..provenance import versions
from ..rng import generator
from .finding import Finding, Verdict
from .subject import Subject

POOLS, IMAGES = 5, 1_000  # samples of the grid, their images, each with its own classifier
PAIRS, POINTS, TEST_POINTS = 64, 1_000, 1_000
STUDENT = 2.776  # half of a 95 % interval in standard errors, for the mean of five
MOST_LATENTS = 1_000


def check_scores(subject: Subject, dataset: Dataset, seed: int) -> Finding:
    """Higgins' metric and MIG, on random images of the whole grid.

    Higgins' metric draws its pairs that agree on one factor from these images instead of the grid.
    Both scores are computed from all images together; the interval is that of the mean over five
    pools of a thousand, widened by the difference between pools and all images, since few images
    bias both scores by less than that.
    """
    key, title = "scores", "Disentanglement"
    space = dataset.space
    used = [] if space is None else varying(space)
    if space is None or len(used) < 2:
        says = f"{dataset.title} has no known factors of variation, so nothing can be scored."
        return Finding(key, title, Verdict.NOT_COMPUTED, says)
    if subject.latents > MOST_LATENTS:
        says = f"{subject.latents:,} latents are too many for a quick score."
        return Finding(key, title, Verdict.NOT_COMPUTED, says)
    rows = space.sample(POOLS * IMAGES, generator(seed, "scores"))
    mean = torch.cat(
        [subject.encode(to_float(dataset.images(part)))[0] for part in rows.split(IMAGES)]
    )
    codes = mean.double().numpy()
    factors = space.factors(rows.numpy())[:, used]
    if not np.isfinite(codes).all():
        cause = "NaN weights, or weights so large that the sums overflow."
        return Finding(
            key, title, Verdict.BROKEN, "The encoder gave codes that are not finite.", cause
        )
    pools = [slice(first, first + IMAGES) for first in range(0, POOLS * IMAGES, IMAGES)]
    whole, of_gaps = _higgins(codes, factors, seed, draws=POOLS), mig(codes, factors, points=None)
    score, gap = whole.score, of_gaps.score
    each = [_higgins(codes[p], factors[p], seed + 1 + d).score for d, p in enumerate(pools)]
    gaps = [mig(codes[p], factors[p], points=None).score for p in pools]
    chance = 1 / len(used)
    half, gap_half = _half(score, each), _half(gap, gaps)
    numbers: dict[str, Any] = {
        "dataset": dataset.name,
        "source": dataset.source,
        "quick": True,
        "higgins": {"score": score, "half_interval": half, "chance": chance, "each": each,
                    "L": PAIRS, "points": POINTS, "test_points": TEST_POINTS, "seeds": POOLS,
                    "classifier": "logistic", "images": POOLS * IMAGES},
        "mig": {"score": gap, "half_interval": gap_half, "images": POOLS * IMAGES, "each": gaps},
    }  # fmt: skip
    records = [_as_stored(record, dataset, used) for record in (whole, of_gaps)]
    says = f"Quick estimate on {POOLS * IMAGES:,} images, with 95 % intervals: Higgins' metric "
    says += f"{score:.3f} ± {half:.3f} (chance {chance:.2f}, L = {PAIRS}, "
    says += f"{POINTS:,} points, {POOLS} draws), MIG {gap:.3f} ± {gap_half:.3f}"
    # 4 standard errors of one draw's test points above chance
    if score < chance + 4 * (0.25 / TEST_POINTS) ** 0.5:
        cause = "Codes without information about the factors: posterior collapse, no training, or "
        cause += "training on other images."
        says, verdict = f"{says}: no better than guessing.", Verdict.LOOK
        return Finding(key, title, verdict, says, cause, numbers, records=records)
    return Finding(key, title, Verdict.FINE, f"{says}.", "", numbers, records=records)


def _as_stored(record: Record, dataset: Dataset, used: list[int]) -> dict[str, Any]:
    """A quick score in the form of a run's scores, apart from those on the whole grid by its number
    of images and by `asked`; used: the factors whose columns were scored."""
    assert dataset.space is not None, "scored datasets have factors"
    names = {"factors": [dataset.space.names[k] for k in used]}
    settings, details = dict(record.settings), dict(record.details)
    for place in (settings, details):
        place.update({key: value for key, value in names.items() if key in place})
    about = {"dataset": dataset.name, "source": dataset.source}
    return {
        "score": record.metric,
        "weights": "",  # their hash, once they are stored as a file
        "value": record.score,
        "settings": {**about, "images": POOLS * IMAGES, **settings},
        "details": details,
        "asked": {**about, "most": POOLS * IMAGES, "by": "checkup", **settings},
        "versions": versions("scikit-learn"),
    }


def _half(score: float, each: list[float]) -> float:
    """Half of the 95 % interval of the score of all images, from the scores of the pools."""
    spread = float(np.std(each, ddof=1)) / len(each) ** 0.5
    return STUDENT * spread + abs(score - float(np.mean(each)))


def _higgins(codes: np.ndarray, factors: np.ndarray, seed: int, draws: int = 1) -> Record:
    """The score of these images alone, which are not a full grid."""
    return higgins(
        codes, factors, seed=seed, L=PAIRS, points=POINTS, test_points=TEST_POINTS, draws=draws
    )
