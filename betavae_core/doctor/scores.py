"""Quick Higgins and MIG: on a few thousand images of the whole grid, with an interval each."""

from typing import Any

import numpy as np

from ..datasets import Dataset
from ..metrics.base import Record
from ..provenance import versions
from ..scoring.quick_scores import (
    PAIRS,
    POINTS,
    POOLS,
    TEST_POINTS,
    codes_and_factors,
    quick_scores,
    scored_factors,
)
from .finding import Finding, Verdict
from .subject import Subject

IMAGES = 1_000  # of each pool
MOST_LATENTS = 1_000


def check_scores(subject: Subject, dataset: Dataset, seed: int) -> Finding:
    """Higgins' metric and MIG, on random images of the whole grid (`scoring.quick_scores`)."""
    key, title = "scores", "Disentanglement"
    space, used = dataset.space, scored_factors(dataset)
    if space is None or not used:
        says = f"{dataset.title} has no known factors of variation, so nothing can be scored."
        return Finding(key, title, Verdict.NOT_COMPUTED, says)
    if subject.latents > MOST_LATENTS:
        says = f"{subject.latents:,} latents are too many for a quick score."
        return Finding(key, title, Verdict.NOT_COMPUTED, says)
    codes, factors = codes_and_factors(lambda x: subject.encode(x)[0], dataset, IMAGES, seed)
    if not np.isfinite(codes).all():
        cause = "NaN weights, or weights so large that the sums overflow."
        return Finding(
            key, title, Verdict.BROKEN, "The encoder gave codes that are not finite.", cause
        )
    by_pairs, of_gaps = quick_scores(codes, factors, seed)
    score, gap = by_pairs.record.score, of_gaps.record.score
    each, gaps = by_pairs.each, of_gaps.each
    chance = 1 / len(used)
    half, gap_half = by_pairs.half, of_gaps.half
    numbers: dict[str, Any] = {
        "dataset": dataset.name,
        "source": dataset.source,
        "quick": True,
        "higgins": {"score": score, "half_interval": half, "chance": chance, "each": each,
                    "L": PAIRS, "points": POINTS, "test_points": TEST_POINTS, "seeds": POOLS,
                    "classifier": "logistic", "images": POOLS * IMAGES},
        "mig": {"score": gap, "half_interval": gap_half, "images": POOLS * IMAGES, "each": gaps},
    }  # fmt: skip
    records = [_as_stored(record, dataset, used) for record in (by_pairs.record, of_gaps.record)]
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
