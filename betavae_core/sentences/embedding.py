"""What the panels of the latent space show."""

from collections.abc import Mapping, Sequence
from typing import Any

from .words import listed, sentence, spelled

APART, OVERLAP = 2.0, 1.0  # distances to the nearest code, in posterior σ: separate, overlapping
HOW_APART = (
    "Posteriors count as separate if the nearest other code is two posterior σ or more away in the "
    "full latent space (median over the images), as overlapping below one."
)
ALIKE = 1.1  # ratio of two distances, below which models do not differ


def codes_apart(found: Mapping[str, Mapping[str, Any]], *, one_model: bool = False) -> str:
    """How far the codes of neighbouring images are from each other, in units of the posterior's
    standard deviation. found: model → its `embedding.numbers.path_numbers`; one_model: these are
    one model at several β, so that no seed differs between them."""
    known = {name: float(each["separation"]) for name, each in found.items() if each["separation"]}
    same = [name for name in found if name not in known]
    collapsed = (
        f"{listed(same)} give{'s' * (len(same) == 1)} every image the same code" if same else ""
    )
    if not known:
        return sentence(collapsed)
    texts = dict(zip(known, spelled(list(known.values()), 1), strict=True))
    near, far = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    if len(known) == 1:
        return sentence(f"{_alone(near, known[near], texts[near])}", collapsed)
    if known[far] < ALIKE * known[near]:
        said = (
            f"the codes of {_these(list(known))} lie about equally far apart ({texts[near]} to "
            f"{texts[far]} posterior σ to the nearest other code)"
        )
    else:
        said = (
            f"the codes of {far} lie furthest apart ({texts[far]} posterior σ to the nearest other "
            f"code{_judged(known[far])}) and those of {near} closest together ({texts[near]} σ"
            f"{_judged(known[near])})"
        )
    few = "" if one_model else "these are single models: other seeds may differ"
    return sentence(said, collapsed, few)


def _these(names: Sequence[str]) -> str:
    return listed(names) if len(names) < 4 else f"these {len(names)} models"


def _judged(separation: float) -> str:
    if separation >= APART:
        return ": separate"
    return ": overlapping" if separation < OVERLAP else ""


def _alone(name: str, separation: float, text: str) -> str:
    away = f"{text} posterior σ to the nearest other code"
    if separation >= APART:
        return f"the posteriors of {name} are separate: {away}"
    if separation < OVERLAP:
        return f"the posteriors of {name} overlap: {away}"
    return f"the posteriors of {name} touch: {away}"
