"""The paper's findings, as its introduction lists them, and what our runs say of each in one
line."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..datasets.titles import dataset_title
from .claims import read_claims
from .numbers import Number
from .the_paper import CONTRIBUTIONS, THE_FINDINGS
from .verdict import NOT, REPRODUCED, Judged, Measured, judge_all
from .words import evidence_text, spelled


@dataclass(frozen=True)
class Finding:
    """A finding: its name, and the number and verdict of each claim that belongs to it. A claim's
    number is its place among all claims of the paper, from 1."""

    name: str
    claims: tuple[tuple[int, Judged], ...]

    @property
    def ours(self) -> list[tuple[Judged, str]]:
        """What our runs say, as short texts; claims with equal verdicts share one, with the first
        of them."""
        found: list[tuple[Judged, str]] = []
        for _, judged in self.claims:
            if found and found[-1][0].verdict == judged.verdict:
                found[-1] = found[-1][0], f"{found[-1][1]}; {_short(judged)}"
            else:
                found.append((judged, _short(judged)))
        return found

    @property
    def measured(self) -> list[str]:
        """For each claim: the claim, its place in the paper, the reason of the verdict, and the
        runs with what they were measured on."""
        texts = []
        for _, judged in self.claims:
            claim, on = judged.claim, judged.evidence
            runs = "" if on is None else f" {dataset_title(claim.dataset)}: {evidence_text(on)}."
            why = f"{judged.why[0].upper()}{judged.why[1:]}".rstrip(".")
            texts.append(f"{claim.says.rstrip('.')} ({claim.place}). {why}.{runs}")
        return texts


def findings(numbers: Sequence[Number]) -> list[Finding]:
    """The paper's findings in its order, judged by `numbers` (of `numbers.numbers`)."""
    claims = read_claims(THE_FINDINGS, "the paper's findings")
    judged = list(enumerate(judge_all(claims, numbers), 1))
    return [
        Finding(name, tuple(each for each in judged if _contribution(each[1]) == place))
        for place, (name, _) in CONTRIBUTIONS.items()
    ]


def _contribution(judged: Judged) -> str:
    return judged.claim.place.partition(";")[0]


def _short(judged: Judged) -> str:
    """ "MPI3DToy: 51.30 % at β = 0.1 (45.18 % at β = 4); too few seeds": the numbers, and
    the reason of a verdict that they do not decide."""
    claim, evidence = judged.claim, judged.evidence
    if evidence is None:
        return f"{dataset_title(claim.dataset)}: no models with these numbers"
    left = evidence.comparisons[0].left
    others = [each.right for each in evidence.comparisons]
    closest = min(others, key=lambda side: abs(side.value - left.value))
    _, template = CONTRIBUTIONS[_contribution(judged)]
    numbers = template.format(ours=spelled(claim, left.value), next=_at(judged, closest))
    text = f"{dataset_title(claim.dataset)}: {numbers}"
    if judged.verdict in (REPRODUCED, NOT):
        return text
    why = "too few seeds" if evidence.probability is None else judged.why.rstrip(".")
    return f"{text}; {why[0].lower()}{why[1:]}"


def _at(judged: Judged, side: Measured) -> str:
    return f"{spelled(judged.claim, side.value)} at {side.name}"
