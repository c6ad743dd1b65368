"""Blind judging: visitors say, from traversals alone, which factors one latent each controls; then
their judgements stand beside the rule and the score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from ..rng import generator
from ..tables.distances import correlation
from .visible import Point

ROUNDS = 8


@dataclass(frozen=True)
class Subject:
    """A model to judge."""

    run: str
    score: float  # Higgins' metric, four factors, in [0, 1]
    clean: frozenset[str]  # factors with one clean latent, by the rule


@dataclass(frozen=True)
class Agreement:
    """Judgements beside the rule and the score."""

    models: int
    same_number: int  # models for which the number of factors is the rule's
    agreed: int  # factors about which judgement and rule agree, over all models
    factors: int  # of all models
    with_rule: float | None  # rank correlation of the numbers; None: too few, or all the same
    with_score: float | None


def subjects(
    points: Sequence[Point], clean: Mapping[str, frozenset[str]], round_of: int
) -> list[Subject]:
    """The models to judge, at most `ROUNDS`, in a random order that a number selects: trained VAEs
    and one baseline of each kind. clean: of the runs that can be shown, the clean factors by the
    rule."""
    shown = [point for point in points if point.run in clean]
    once = {point.baseline or point.run: point for point in shown}
    random = generator(round_of, "judge")
    order = torch.randperm(len(once), generator=random).tolist()
    chosen = [list(once.values())[n] for n in order[:ROUNDS]]
    return [Subject(point.run, point.score, clean[point.run]) for point in chosen]


def agreement(
    judged: Sequence[tuple[Subject, frozenset[str]]], factors: Sequence[str]
) -> Agreement:
    """How far judgements, the factors that a visitor named for each model, agree with the rule."""
    named = [float(len(said)) for _, said in judged]
    return Agreement(
        models=len(judged),
        same_number=sum(len(said) == len(subject.clean) for subject, said in judged),
        agreed=sum(
            (name in said) == (name in subject.clean)
            for subject, said in judged
            for name in factors
        ),
        factors=len(judged) * len(factors),
        with_rule=_ranked(named, [float(len(subject.clean)) for subject, _ in judged]),
        with_score=_ranked(named, [subject.score for subject, _ in judged]),
    )


def agreement_says(found: Agreement) -> str:
    """The agreement in one or two sentences."""
    said = (
        f"Your number of factors is the rule's for {found.same_number} of {found.models} models, "
        f"and you agree with the rule about {found.agreed} of {found.factors} factors."
    )
    ranks = [
        f"{value:.2f} with {name}"
        for name, value in (
            ("the rule's", found.with_rule),
            ("Higgins' metric", found.with_score),
        )
        if value is not None
    ]
    return said + (f" Rank correlation of your numbers: {', '.join(ranks)}." if ranks else "")


def _ranked(one: list[float], two: list[float]) -> float | None:
    both = correlation(one, two)
    return None if both is None else both[1]
