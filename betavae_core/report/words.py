"""Verdicts and their evidence in words, the same in every form of the report."""

import math
from collections.abc import Sequence

from .claims import Claim
from .table import UNKNOWN, is_share
from .verdict import VERDICTS, Comparison, Evidence, Judged, Measured

TITLE = "The reproduction: claims, verdicts and how sure they are"
HOW_OURS_DIFFER = (
    "Ours differ from the paper's in this: 2Dshapes is drawn by this lab, nearly all images equal"
    " to the official ones; 3Dshapes and MPI3DToy are lookalikes, so that only the order of "
    "models can be compared, and the shipped runs of one pass on 3Dshapes were trained on an "
    "earlier version. The paper states no training length (its code's default is ten passes). Its"
    " points and classifiers are the mode *paper*; ours are those of the mode *corrected*: all "
    "test points are new, points are standardised, and the MLP stops early. CIFAR distances have "
    "the features of EfficientNet-Lite0 unless the weights of InceptionV3 are there. No number "
    "here is typed by hand: the paper's numbers are in one table of the code, ours in the records"
    " of the runs."
)


def spelled(claim: Claim, value: float) -> str:
    """A value of the claim's number: in percent for a score, else with four digits or more; one
    seed has no spread."""
    if math.isnan(value):
        return UNKNOWN
    if is_share(claim.score):
        return f"{100 * value:.2f} %"
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.4g}"


def side_text(claim: Claim, side: Measured) -> str:
    """ "β = 4: 90.91 % (82.55 … 99.33 %; 4 seeds)"; a number alone."""
    if not side.runs:
        return spelled(claim, side.value)
    seeds = len(set(side.seeds))
    reach = f"{spelled(claim, side.low)} … {spelled(claim, side.high)}; " if side.repeated else ""
    counted = f"{seeds} seed" + "s" * (seeds != 1)
    return f"{side.name}: {spelled(claim, side.value)} ({reach}{counted})"


def comparison_text(claim: Claim, each: Comparison) -> str:
    """Both sides, and the probability of the claimed order."""
    told = all(side.repeated for side in (each.left, each.right) if side.runs)
    probability = f"probability {each.probability:.3f}" if told else "too few seeds to tell"
    left, right = (side_text(claim, side) for side in (each.left, each.right))
    return f"{left} against {right}: {probability}"


def ours_text(judged: Judged) -> str:
    """The measured values of both sides, each once; "not computed" without runs."""
    if judged.evidence is None:
        return UNKNOWN
    sides = [s for c in judged.evidence.comparisons for s in (c.left, c.right) if s.runs]
    texts = {s.name: side_text(judged.claim, s) for s in sides}
    return "; ".join(texts.values())


def evidence_text(evidence: Evidence) -> str:
    """Which runs, and what they were measured on."""
    measured = dict.fromkeys(c.left.measured for c in evidence.comparisons)
    return f"{evidence.recipe.title}; {', '.join(measured)}"


def counts_text(judged: Sequence[Judged]) -> str:
    """ "34 claims: 13 reproduced, 1 partly reproduced, …"."""
    counts = [(verdict, sum(each.verdict == verdict for each in judged)) for verdict in VERDICTS]
    said = ", ".join(f"{count} {verdict}" for verdict, count in counts if count)
    return f"{len(judged)} claim{'s' * (len(judged) != 1)}: {said}."


def runs_of(evidence: Evidence) -> list[str]:
    """The names of all runs on both sides, in order."""
    sides = [side for each in evidence.comparisons for side in (each.left, each.right)]
    return sorted({name for side in sides for name in side.runs})


def counted_runs(evidence: Evidence) -> str:
    """ "1 run", "12 runs"."""
    return f"{evidence.runs} run" + "s" * (evidence.runs != 1)
